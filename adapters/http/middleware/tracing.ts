import type { Context } from "hono";
import { httpMethodOf } from "../../../domain/ports/telemetry.ts";
import type { Span, Tracer } from "../../../domain/ports/tracer.ts";
import { traceContextOf, traceIdOf } from "../../../domain/tracing/trace_context.ts";
import type { HttpEnv, HttpMiddleware } from "../environment.ts";
import { routeOf } from "./observation.ts";

/** What is asked so often, and tells so little, that it would hide the rest. */
const UNTRACED: ReadonlySet<string> = new Set(["/health", "/health/ready", "/metrics"]);

/** Answers that go on after they have begun. */
const STREAMS = /^(text\/event-stream|application\/x-ndjson)/;

/** Follows each request, from where its caller's `traceparent` says. Stands behind `correlated`. */
export function traced(tracer: Tracer): HttpMiddleware {
  return (c, next) => {
    if (UNTRACED.has(c.req.path)) return next();
    // Where it has none, that is known.
    const parent = c.get("traceId") === null
      ? null
      : traceContextOf(c.req.header("traceparent"), c.req.header("tracestate"));
    const method = httpMethodOf(c.req.method);
    return tracer.entry({ name: method, kind: "server", parent }, async (span) => {
      c.set("traceId", span.context === null ? null : traceIdOf(span.context));
      await next();
      const streamed = STREAMS.test(c.res.headers.get("content-type") ?? "");
      if (span.isRecorded) describe(c, span, streamed);
      // A body that is looked at is a stream from then on, and leaves without its length.
      const body = streamed ? c.res.body : null;
      if (body !== null) follow(c, body, span);
    });
  };
}

function describe(c: Context<HttpEnv>, span: Span, streamed: boolean): void {
  const method = httpMethodOf(c.req.method);
  const { status } = c.res;
  const route = routeOf(c);
  span.rename(`${method} ${route}`);
  span.set({
    "http.request.method": method,
    "http.route": route,
    "http.response.status_code": status,
    "ultimate_mcp.correlation_id": c.get("correlationId"),
    ...(streamed && { "ultimate_mcp.streamed": true }),
    ...(status >= 500 && { "error.type": c.get("refusal") ?? String(status) }),
  });
}

/** The answer is over when its last piece has been taken, or its reader has left. */
function follow(c: Context<HttpEnv>, body: ReadableStream<Uint8Array>, span: Span): void {
  const { promise, resolve } = Promise.withResolvers<void>();
  span.until(promise);
  const reader = body.getReader();
  const pieces = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      resolve();
    },
    async cancel(reason) {
      resolve();
      await reader.cancel(reason);
    },
    // A queue of its own would take pieces that nobody has asked for.
  }, { highWaterMark: 0 });
  c.res = new Response(pieces, c.res);
}
