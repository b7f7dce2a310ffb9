import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { HttpEnv } from "../environment.ts";
import { problemResponses } from "../openapi.ts";
import { routeNotFound } from "../problem.ts";
import { SharedBody } from "../shared_body.ts";

/** Nothing but what this service serves may run, and nothing else be asked. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Ultimate MCP: API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
`;

/** Without the validator's badge, which asks another host, and without settings out of the address. */
const START = `SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  validatorUrl: null,
  queryConfigEnabled: false,
});
`;

type Asset = () => Promise<SharedBody>;

/** Loaded when they are first asked for, and then kept: most services are never looked at. */
const ASSETS = new Map<string, Asset>([
  ["start.js", kept("text/javascript", () => Promise.resolve(START))],
  ["swagger-ui-bundle.js", kept("text/javascript", bundle)],
  ["swagger-ui.css", kept("text/css", style)],
]);

const pageRoute = createRoute({
  method: "get",
  path: "/docs",
  summary: "This document, to read and to try",
  responses: {
    200: { description: "A page for people.", content: { "text/html": { schema: z.string() } } },
    ...problemResponses(["rate_limited"]),
  },
});

const assetRoute = createRoute({
  method: "get",
  path: "/docs/{asset}",
  summary: "What the page at `/docs` is made of",
  request: { params: z.object({ asset: z.string() }) },
  responses: {
    200: {
      description: "A script or a style sheet.",
      content: {
        "text/javascript": { schema: z.string() },
        "text/css": { schema: z.string() },
      },
    },
    ...problemResponses(["not_found", "rate_limited"]),
  },
});

/** `GET /docs`: Swagger UI over this service's own document, open to all as that is. */
export function addDocsPage(app: OpenAPIHono<HttpEnv>): void {
  const pageHeaders = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": PAGE_POLICY,
  };
  app.openapi(pageRoute, () => new Response(PAGE, { headers: pageHeaders }));
  app.openapi(assetRoute, async (c) => {
    const asset = ASSETS.get(c.req.valid("param").asset);
    if (asset === undefined) return routeNotFound(c);
    return (await asset()).answer();
  });
}

function kept(type: string, load: () => Promise<string>): Asset {
  let loaded: Promise<SharedBody> | undefined;
  const made = async () => new SharedBody(await load(), `${type}; charset=utf-8`);
  return () => loaded ??= made();
}

async function bundle(): Promise<string> {
  const module = await import("swagger-ui-dist/swagger-ui-bundle.js", { with: { type: "text" } });
  return module.default;
}

async function style(): Promise<string> {
  const module = await import("swagger-ui-dist/swagger-ui.css", { with: { type: "text" } });
  return module.default;
}
