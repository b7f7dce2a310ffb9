import { traceContextOf, traceIdOf } from "../../../domain/tracing/trace_context.ts";
import type { HttpMiddleware } from "../environment.ts";

const WELL_FORMED = /^[A-Za-z0-9._-]{8,128}$/;

/** No answer needs script, style or frames, but for a page that says so; none may be kept. */
const SECURITY_HEADERS = [
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["referrer-policy", "no-referrer"],
  ["cross-origin-resource-policy", "same-origin"],
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"],
  ["cache-control", "no-store"],
] as const;

/**
 * Gives each request its correlation id, and each answer the id and the security headers. Where a
 * request is part of a trace, its log lines tell of which.
 */
export function correlated(newId: () => string): HttpMiddleware {
  return async (c, next) => {
    const sent = c.req.header("x-correlation-id");
    const id = sent !== undefined && WELL_FORMED.test(sent) ? sent : newId();
    c.set("correlationId", id);
    const trace = traceContextOf(c.req.header("traceparent"), null);
    c.set("traceId", trace && traceIdOf(trace));
    await next();
    const { headers } = c.res;
    headers.set("x-correlation-id", id);
    for (const [name, value] of SECURITY_HEADERS) {
      if (!headers.has(name)) headers.set(name, value);
    }
  };
}
