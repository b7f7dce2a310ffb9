import type { Context } from "hono";
import { httpMethodOf } from "../../../domain/ports/telemetry.ts";
import type { Span, Tracer } from "../../../domain/ports/tracer.ts";
import { traceContextOf, traceIdOf } from "../../../domain/tracing/trace_context.ts";
import { PROBLEMS } from "../../wire/problem_table.ts";
import type { HttpEnv, HttpMiddleware } from "../environment.ts";
import { PROBES, routeOf } from "./observation.ts";

/** Follows each request, from where its caller's `traceparent` says. Stands behind `correlated`. */
export function traced(tracer: Tracer): HttpMiddleware {
  return (c, next) => {
    if (PROBES.has(c.req.path)) return next();
    // Where it has none, that is known.
    const parent = c.get("traceId") === null
      ? null
      : traceContextOf(c.req.header("traceparent"), c.req.header("tracestate"));
    const method = httpMethodOf(c.req.method);
    return tracer.entry({ name: method, kind: "server", parent }, async (span) => {
      c.set("traceId", span.context === null ? null : traceIdOf(span.context));
      await next();
      const streamed = c.get("streamed");
      if (span.isRecorded) describe(c, span);
      // What is not recorded still names its trace in the lines of the log, to its end.
      if (streamed !== undefined) span.until(streamed.then(() => tellFault(c, span)));
      else tellFault(c, span);
    });
  };
}

function describe(c: Context<HttpEnv>, span: Span): void {
  const method = httpMethodOf(c.req.method);
  const { status } = c.res;
  const route = routeOf(c);
  span.rename(`${method} ${route}`);
  span.set({
    "http.request.method": method,
    "http.route": route,
    "http.response.status_code": status,
    "ultimate_mcp.correlation_id": c.get("correlationId"),
    ...(c.get("streamed") !== undefined && { "ultimate_mcp.streamed": true }),
  });
}

/** A fault may be answered, over MCP or by a stream, with the status 200. */
function tellFault(c: Context<HttpEnv>, span: Span): void {
  const { status } = c.res;
  const refusal = c.get("refusal");
  const fault = refusal !== undefined && PROBLEMS[refusal].status >= 500;
  if (fault || status >= 500) span.set({ "error.type": refusal ?? String(status) });
}
