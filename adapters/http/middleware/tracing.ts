import type { Context } from "hono";
import { httpMethodOf } from "../../../domain/ports/telemetry.ts";
import type { Span, Tracer } from "../../../domain/ports/tracer.ts";
import { traceContextOf, traceIdOf } from "../../../domain/tracing/trace_context.ts";
import { PROBLEMS } from "../../wire/problem_table.ts";
import type { HttpEnv, HttpMiddleware } from "../environment.ts";
import { PROBES, routeOf } from "./observation.ts";

/** Follows each request, from where its caller's `traceparent` says. Stands behind `correlated`. */
export function traced(tracer: Tracer): HttpMiddleware {
  return async (c, next) => {
    if (PROBES.has(c.req.path)) return await next();
    const parent = traceContextOf(c.req.header("traceparent"), c.req.header("tracestate"));
    const method = httpMethodOf(c.req.method);
    const start = { name: method, kind: "server", parent } as const;
    await tracer.entry(start, async (span) => {
      c.set("traceId", span.context === null ? null : traceIdOf(span.context));
      await next();
      if (span.isRecorded) finish(c, method, span);
    });
  };
}

function finish(c: Context<HttpEnv>, method: string, span: Span): void {
  const { status } = c.res;
  const route = routeOf(c);
  const streamed = c.get("streamed");
  span.rename(`${method} ${route}`);
  span.set({
    "http.request.method": method,
    "http.route": route,
    "http.response.status_code": status,
    "ultimate_mcp.correlation_id": c.get("correlationId"),
    ...(streamed !== undefined && { "ultimate_mcp.streamed": true }),
  });
  if (streamed === undefined) return tellFault(c, span);
  span.until(streamed.then(() => tellFault(c, span)));
}

/** A fault may be answered, over MCP or by a stream, with the status 200. */
function tellFault(c: Context<HttpEnv>, span: Span): void {
  const { status } = c.res;
  const refusal = c.get("refusal");
  const fault = refusal !== undefined && PROBLEMS[refusal].status >= 500;
  if (fault || status >= 500) span.set({ "error.type": refusal ?? String(status) });
}
