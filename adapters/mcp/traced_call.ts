import type { ServerContext } from "@modelcontextprotocol/server";
import type { RequestContext } from "../../application/request_context.ts";
import { NO_TRACER, type Tracer } from "../../domain/ports/tracer.ts";
import { traceContextOf, traceIdOf } from "../../domain/tracing/trace_context.ts";
import type { McpCall } from "../wire/mcp_call.ts";

type Call = McpCall<RequestContext>;

/**
 * Follows a tool's call: within the request that brought it or, where its `_meta` has a `traceparent`, in
 * the client's own trace, with a link to that request.
 */
export function tracedCall<Done>(
  { call, context, tracer = NO_TRACER }: {
    readonly call: Call;
    readonly context: ServerContext;
    readonly tracer?: Tracer | undefined;
  },
  answer: (call: Call) => Promise<Done>,
): Promise<Done> {
  const { method, _meta: meta } = context.mcpReq;
  const tool = toolOf(call.body);
  const attributes = { "mcp.method.name": method, "gen_ai.tool.name": tool };
  const start = { name: `${method} ${tool}`, attributes };
  const parent = traceContextOf(meta?.["traceparent"], meta?.["tracestate"]);
  if (parent === null) return tracer.span(start, () => answer(call));
  const entry = { ...start, kind: "server", parent, link: tracer.current() } as const;
  return tracer.entry(entry, (span) => {
    const traceId = traceIdOf(span.context ?? parent);
    return answer({ ...call, context: { ...call.context, traceId } });
  });
}

/** A tool that answers is one that there is: callers make up no names here. */
export function toolOf(body: unknown): string {
  const { name } = (body as { params?: { name?: unknown } } | undefined)?.params ?? {};
  return typeof name === "string" ? name : "";
}
