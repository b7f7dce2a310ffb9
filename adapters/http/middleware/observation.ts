import type { Context } from "hono";
import { routePath } from "hono/route";
import type { Principal } from "../../../domain/identity/principal.ts";
import type { Clock } from "../../../domain/ports/clock.ts";
import type { Log } from "../../../domain/ports/log.ts";
import { httpMethodOf, type Telemetry } from "../../../domain/ports/telemetry.ts";
import { hasLeft, type HttpEnv, type HttpMiddleware } from "../environment.ts";

/** What watching requests takes. */
export interface ObservationParts {
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly clock: Clock;
}

/** Measures each request and writes one log line for it. Stands behind `correlated`. */
export function observed(parts: ObservationParts): HttpMiddleware {
  return async (c, next) => {
    const started = parts.clock.monotonic();
    parts.telemetry.record({ kind: "http_request_started" });
    await next();
    finish(parts, c, (parts.clock.monotonic() - started) / 1000);
  };
}

function finish(parts: ObservationParts, c: Context<HttpEnv>, durationSeconds: number): void {
  const { status } = c.res;
  const method = httpMethodOf(c.req.method);
  const route = routeOf(c);
  const principal: Principal | undefined = c.get("principal");
  // Before the answer is handed over, an abort can only mean that the caller has left.
  const failed = status >= 500 || status === 499 || hasLeft(c);
  if (principal !== undefined) {
    parts.telemetry.record({ kind: "user_seen", user: principal.subject });
  }
  parts.telemetry.record({
    kind: "http_request_finished",
    method,
    route,
    status,
    durationSeconds,
    failed,
    authenticated: principal !== undefined,
  });
  parts.log.write("info", "http_request", {
    method,
    route,
    status,
    duration_seconds: durationSeconds,
    correlation_id: c.get("correlationId"),
    trace_id: c.get("traceId"),
    refusal: c.get("refusal") ?? null,
  });
}

/** The pattern of the route that stands for the path, in the document's spelling. */
export function routeOf(c: Context<HttpEnv>): string {
  const pattern = routePath(c, -1);
  return pattern.includes("*") ? "unmatched" : pattern.replaceAll(/:([^/]+)/g, "{$1}");
}
