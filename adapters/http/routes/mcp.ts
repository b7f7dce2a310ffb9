import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { RequestContext } from "../../../application/request_context.ts";
import { withNumbers, withoutKinds } from "../../wire/lossless_json.ts";
import { escapeJsonText } from "../../wire/json.ts";
import { LongTexts } from "../../wire/long_texts.ts";
import type { AnswerMcp, McpAnswer, McpCall } from "../../wire/mcp_call.ts";
import { answerJson } from "../answer.ts";
import { type HttpEnv, requestContext } from "../environment.ts";
import type { BodyPace } from "../middleware/body_pace.ts";
import type { RateLimits } from "../middleware/rate_limits.ts";
import { jsonBody, KINDS_RULES } from "../middleware/json_body.ts";
import { BEARER, BODY_PROBLEMS, problemResponses, TOKEN_PROBLEMS } from "../openapi.ts";

/** What `/mcp` takes. */
export interface McpRouteParts {
  readonly mcp: AnswerMcp<RequestContext>;
  readonly maxBodyBytes: number;
  readonly bodyPace: BodyPace;
  readonly limits: RateLimits | null;
}

/** `/mcp`: Streamable HTTP behind the same tokens, body rules and problems as every other route. */
export function addMcpRoute(app: OpenAPIHono<HttpEnv>, parts: McpRouteParts): void {
  app.openAPIRegistry.registerPath(mcpRoute);
  app.post(mcpRoute.path, jsonBody(parts.maxBodyBytes, parts.bodyPace, KINDS_RULES), async (c) => {
    const sent: unknown = await c.req.json();
    if (Array.isArray(sent)) return answerJson(NO_BATCHES, 400);
    await parts.limits?.chargeTool(c, sent);
    const body = forProtocol(sent);
    const texts = new LongTexts();
    // Nobody looks at the owner's socket, and Deno notices there by an answer that has begun.
    const beginsEarly = c.env.remoteAddr.transport === "unix";
    if (methodOf(sent) === "subscriptions/listen") c.set("isWatch", true);
    const calledOff = new AbortController();
    c.set("calledOff", calledOff.signal);
    const told = { refused: refusing(c), calledOff };
    const call = { context: requestContext(c), body, texts, beginsEarly, ...told };
    return await inert(await parts.mcp(c.req.raw, call), call.context.signal);
  });
  app.all(mcpRoute.path, async (c: Context<HttpEnv>) => {
    const texts = new LongTexts();
    const context = requestContext(c);
    // The one stream that there is here is the session's own, or goes on with a call that was told of.
    c.set("isWatch", true);
    return await inert(await parts.mcp(c.req.raw, { context, texts }), context.signal);
  });
}

/** Where the request's line and measurements find what was refused. */
function refusing(c: Context<HttpEnv>): NonNullable<McpCall<RequestContext>["refused"]> {
  return (code) => c.set("refusal", code);
}

function methodOf(message: unknown): unknown {
  return (message as { readonly method?: unknown } | null)?.method;
}

/** The protocol has none since 2025-06-18, and what each of many would cost nobody could pay at once. */
const NO_BATCHES = {
  jsonrpc: "2.0",
  id: null,
  error: { code: -32600, message: "Cannot take the messages: expected one, found an array" },
};
interface Message {
  params?: { name?: unknown; arguments?: unknown };
}

/** Tools that tell INTEGER from FLOAT. */
const WITH_KINDS: ReadonlySet<unknown> = new Set(["graph_upsert", "graph_query"]);

/** The protocol's own code knows numbers alone; integers stay exact in what a tool is called with. */
function forProtocol(body: unknown): unknown {
  const message = withNumbers(body) as Message | null;
  const { name, arguments: args } = (body as Message | null)?.params ?? {};
  if (args !== undefined && message?.params) {
    message.params.arguments = WITH_KINDS.has(name) ? args : withoutKinds(args);
  }
  return message;
}

const idSchema = z.union([z.string(), z.int()]);

/** A message as the protocol takes it; which methods and parameters there are is the protocol's own. */
const messageSchema = z.strictObject({
  jsonrpc: z.literal("2.0"),
  id: idSchema.optional().meta({ description: "Left out in a notification." }),
  method: z.string(),
  params: z.looseObject({}).optional(),
});

const answerSchema = z.looseObject({ jsonrpc: z.literal("2.0") });

const refusal = problemResponses(["malformed_json"])[400];

const mcpRoute = createRoute({
  method: "post",
  path: "/mcp",
  summary: "Model Context Protocol over Streamable HTTP",
  security: BEARER,
  request: {
    body: {
      required: true,
      content: { "application/json": { schema: messageSchema } },
    },
  },
  responses: {
    200: {
      description: "A JSON-RPC answer, or a stream that ends with it.",
      content: {
        "application/json": { schema: answerSchema },
        "text/event-stream": {
          schema: z.unknown().meta({ description: "Events whose data are JSON-RPC messages." }),
        },
      },
    },
    202: { description: "A notification was taken." },
    404: {
      description: "The protocol knows no such method, or its caller has no such session.",
      content: { "application/json": { schema: answerSchema } },
    },
    406: {
      description: "The caller does not take both `application/json` and `text/event-stream`.",
      content: { "application/json": { schema: answerSchema } },
    },
    ...problemResponses([
      ...TOKEN_PROBLEMS,
      ...BODY_PROBLEMS,
      "too_many_executions",
      "shutting_down",
    ]),
    400: {
      ...refusal,
      description: `${refusal?.description} Or the message is not one of the protocol's.`,
      content: { ...refusal?.content, "application/json": { schema: answerSchema } },
    },
  },
});

/** The protocol's answers leave escaped like all JSON; the frames of an event stream need none of it. */
async function inert({ response, texts, fate }: McpAnswer, gone: AbortSignal): Promise<Response> {
  const { status, body } = response;
  if (body === null) {
    fate?.done();
    return response;
  }
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  if (headers.get("content-type")?.startsWith("text/event-stream")) {
    return new Response(texts.fill(body, fate, gone), { status, headers });
  }
  // One that is no stream stands whole already, but for what it holds back.
  const json = await response.text();
  const sent = texts.size === 0
    ? escapeJsonText(json)
    : texts.fill(ReadableStream.from([json]), fate, gone);
  if (texts.size === 0) fate?.done();
  return new Response(sent, { status, headers });
}
