import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { PROBLEM_CODES, type ProblemCode, PROBLEMS } from "../../wire/problem_table.ts";
import type { HttpEnv } from "../environment.ts";
import { problemResponses } from "../openapi.ts";
import { routeNotFound } from "../problem.ts";

const pages = new Map<string, string>(PROBLEM_CODES.map((code) => [code, page(code)]));

const problemRoute = createRoute({
  method: "get",
  path: "/problems/{code}",
  summary: "What a problem means and what to do about it",
  request: { params: z.object({ code: z.string() }) },
  responses: {
    200: {
      description: "A page for people.",
      content: { "text/html": { schema: z.string() } },
    },
    ...problemResponses(["not_found", "rate_limited"]),
  },
});

/** `GET /problems/{code}`: the page that a problem's `type` leads to. */
export function addProblemPages(app: OpenAPIHono<HttpEnv>): void {
  app.openapi(problemRoute, (c) => {
    const html = pages.get(c.req.valid("param").code);
    if (html === undefined) return routeNotFound(c);
    return new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } });
  });
}

function page(code: ProblemCode): string {
  const { status, title, advice } = PROBLEMS[code];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${code}: ${title}</title>
<h1>${title}</h1>
<p>Problem <code>${code}</code>, status ${status}.</p>
<h2>What to do</h2>
<p>${advice}</p>
</html>
`;
}
