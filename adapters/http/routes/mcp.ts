import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { RequestContext } from "../../../application/request_context.ts";
import { escapeJsonText } from "../../wire/json.ts";
import { type HttpEnv, requestContext } from "../environment.ts";
import { jsonBody } from "../middleware/json_body.ts";
import { BEARER, problemResponses, TOKEN_PROBLEMS } from "../openapi.ts";

/** What the MCP adapter is given beside the request. */
export interface McpCall {
  readonly context: RequestContext;
  /** The parsed body of a POST; the request's own body is already read. */
  readonly body?: unknown;
}

/** Answers one authenticated MCP request. */
export type McpEndpoint = (request: Request, call: McpCall) => Promise<Response>;

/** What `/mcp` takes. */
export interface McpRouteParts {
  readonly mcp: McpEndpoint;
  readonly maxBodyBytes: number;
}

/** `/mcp`: Streamable HTTP behind the same tokens, body rules and problems as every other route. */
export function addMcpRoute(app: OpenAPIHono<HttpEnv>, parts: McpRouteParts): void {
  app.openAPIRegistry.registerPath(mcpRoute);
  app.post(mcpRoute.path, jsonBody(parts.maxBodyBytes), async (c) => {
    const body: unknown = await c.req.json();
    return inert(await parts.mcp(c.req.raw, { context: requestContext(c), body }));
  });
  app.all(mcpRoute.path, async (c: Context<HttpEnv>) => {
    return inert(await parts.mcp(c.req.raw, { context: requestContext(c) }));
  });
}

const mcpRoute = createRoute({
  method: "post",
  path: "/mcp",
  summary: "Model Context Protocol over Streamable HTTP",
  security: BEARER,
  request: {
    body: {
      required: true,
      content: { "application/json": { schema: z.looseObject({ jsonrpc: z.literal("2.0") }) } },
    },
  },
  responses: {
    200: {
      description: "A JSON-RPC answer, or a stream that ends with it.",
      content: {
        "application/json": { schema: z.looseObject({ jsonrpc: z.literal("2.0") }) },
        "text/event-stream": { schema: z.string() },
      },
    },
    202: { description: "A notification was taken." },
    403: { description: "The `Host` or `Origin` is not one of this service's." },
    ...problemResponses([
      ...TOKEN_PROBLEMS,
      "malformed_json",
      "body_too_large",
      "unsupported_media_type",
    ]),
  },
});

/** The protocol's answers leave escaped like all JSON; the frames of an event stream need none of it. */
function inert(response: Response): Response {
  if (response.body === null) return response;
  const body = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(
      new TransformStream<string, string>({
        transform: (text, controller) => controller.enqueue(escapeJsonText(text)),
      }),
    )
    .pipeThrough(new TextEncoderStream());
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return new Response(body, { status: response.status, headers });
}
