import type { Context } from "hono";
import { routePath } from "hono/route";
import type { Principal } from "../../../domain/identity/principal.ts";
import type { Clock } from "../../../domain/ports/clock.ts";
import type { Log } from "../../../domain/ports/log.ts";
import {
  httpMethodOf,
  type RequestOutcome,
  type Telemetry,
} from "../../../domain/ports/telemetry.ts";
import { outcomeOf } from "../../wire/problem.ts";
import { PROBLEMS } from "../../wire/problem_table.ts";
import { hasLeft, type HttpEnv, type HttpMiddleware } from "../environment.ts";
import { type BodyEnd, followed } from "../followed_body.ts";

/** What watching requests takes. */
export interface ObservationParts {
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly clock: Clock;
}

/** What those ask who watch the service: so often, and so little, that it would hide the rest. */
export const PROBES: ReadonlySet<string> = new Set(["/health", "/health/ready", "/metrics"]);

/** Answers that go on after they have begun. */
const STREAMS = /^(text\/event-stream|application\/x-ndjson)/;

/**
 * Measures each request and writes one log line for it, when its answer is over: that of a stream when its
 * last piece was taken, or its reader has left. Stands behind `correlated`.
 */
export function observed(parts: ObservationParts): HttpMiddleware {
  return async (c, next) => {
    const started = parts.clock.monotonic();
    const seconds = () => (parts.clock.monotonic() - started) / 1000;
    parts.telemetry.record({ kind: "http_request_started" });
    await next();
    const headSeconds = seconds();
    // Not at the end: a stream lasts, and its user is here by now.
    const principal: Principal | undefined = c.get("principal");
    if (principal !== undefined) {
      parts.telemetry.record({ kind: "user_seen", user: principal.subject });
    }
    const end = bodyEnd(c);
    if (end === null) return finish(parts, c, { headSeconds, seconds: headSeconds, body: null });
    c.set(
      "streamed",
      end.then((body) => finish(parts, c, { headSeconds, seconds: seconds(), body })),
    );
  };
}

/** How the answer's body will end, where it is a stream. */
function bodyEnd(c: Context<HttpEnv>): Promise<BodyEnd> | null {
  if (c.req.method === "HEAD") return dropBody(c);
  if (!STREAMS.test(c.res.headers.get("content-type") ?? "") || c.res.body === null) return null;
  const { body, end } = followed(c.res.body);
  c.res = new Response(body, c.res);
  return end;
}

/** Nobody reads it: whoever makes it is told, and waits for no reader. */
function dropBody(c: Context<HttpEnv>): null {
  // It need not be whole for that.
  c.res.body?.cancel().catch(() => {});
  c.res = new Response(null, c.res);
  return null;
}

interface Ended {
  /** Until the answer's head was there. */
  readonly headSeconds: number;
  readonly seconds: number;
  /** `null`: it is no stream. */
  readonly body: BodyEnd | null;
}

function finish(parts: ObservationParts, c: Context<HttpEnv>, ended: Ended): void {
  const { status } = c.res;
  const method = httpMethodOf(c.req.method);
  const route = routeOf(c);
  const principal: Principal | undefined = c.get("principal");
  const outcome = requestOutcome(c, ended.body);
  parts.telemetry.record({
    kind: "http_request_finished",
    method,
    route,
    status,
    durationSeconds: ended.headSeconds,
    outcome,
    source: PROBES.has(route) ? "probes" : "callers",
    authenticated: principal !== undefined,
  });
  parts.log.write("info", "http_request", {
    method,
    route,
    status,
    outcome,
    duration_seconds: ended.seconds,
    head_seconds: ended.headSeconds,
    correlation_id: c.get("correlationId"),
    trace_id: c.get("traceId"),
    refusal: c.get("refusal") ?? null,
  });
}

/** A problem counts as its own status says, though the answer that tells of it, MCP's or a stream, began with 200. */
function requestOutcome(c: Context<HttpEnv>, body: BodyEnd | null): RequestOutcome {
  const refusal = c.get("refusal");
  const status = refusal === undefined ? c.res.status : PROBLEMS[refusal].status;
  const told = outcomeOf(status, c.get("calledOff"));
  // Before the answer is handed over, an abort can only mean that the caller has left.
  if (body === null) return told === "failed" || !hasLeft(c) ? told : "left";
  if (body === "taken" || told !== "ok") return told;
  if (body === "broken" && !hasLeft(c)) return "failed";
  return c.get("isWatch") === true ? told : "left";
}

/** The pattern of the route that stands for the path, in the document's spelling. */
export function routeOf(c: Context<HttpEnv>): string {
  const pattern = routePath(c, -1);
  return pattern.includes("*") ? "unmatched" : pattern.replaceAll(/:([^/]+)/g, "{$1}");
}
