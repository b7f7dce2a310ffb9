import type { Context, MiddlewareHandler } from "hono";
import type { RequestContext } from "../../application/request_context.ts";
import type { AuditActor } from "../../domain/audit/event.ts";
import type { Principal } from "../../domain/identity/principal.ts";
import { type Address, addressText } from "../../domain/network/address.ts";
import type { RateDecision } from "../../domain/ports/rate_limiter.ts";
import type { ProblemCode } from "../wire/problem_table.ts";

/** What travels beside a request through the middleware. */
export interface HttpEnv {
  Bindings: {
    /** The other end of the socket. */
    remoteAddr: Deno.Addr;
    /** Calls back when the caller has left though the server does not say so; absent where nobody looks. */
    onLeft?: (left: () => void) => void;
  };
  Variables: {
    correlationId: string;
    /** The trace that it is part of: the caller's, where its `traceparent` names one, else our own, if any. */
    traceId: string | null;
    /** Where the request came from, past trusted proxies; `null` where that has no address. */
    client: Address | null;
    /** The bearer token that was sent, if one was. */
    token: string | undefined;
    /** Aborted when the caller leaves, whoever notices it; set where a use case was told of it. */
    callerSignal: AbortSignal | undefined;
    /** Set behind `authenticated` only. */
    principal: Principal;
    /** Settles when the answer is over; set where that is a stream. */
    streamed: Promise<void> | undefined;
    /** Whether the answer only shows what goes on without it: its reader leaves when he likes. */
    isWatch: boolean | undefined;
    /** The problem that was answered, if one was. */
    refusal: ProblemCode | undefined;
    /** Aborted where the caller has called the request off by a message; set where he can. */
    calledOff: AbortSignal | undefined;
    /** The last that a rate limit has decided of the request. */
    rate: RateDecision | undefined;
  };
}

/** A middleware of this app. */
export type HttpMiddleware = MiddlewareHandler<HttpEnv>;

/** The context for use cases; only behind `authenticated`. */
export function requestContext(c: Context<HttpEnv>): RequestContext {
  return {
    principal: c.get("principal"),
    correlationId: c.get("correlationId"),
    traceId: c.get("traceId"),
    signal: callerSignal(c),
    address: clientAddress(c),
  };
}

/** Begins to look for the caller's leaving where nobody has yet. */
function callerSignal(c: Context<HttpEnv>): AbortSignal {
  const { signal } = c.req.raw;
  const { onLeft } = c.env;
  const known = c.get("callerSignal");
  if (known !== undefined) return known;
  if (onLeft === undefined || signal.aborted) return signal;
  const left = new AbortController();
  signal.addEventListener("abort", () => left.abort(signal.reason), { once: true });
  onLeft(() => left.abort(new DOMException("The caller has left", "AbortError")));
  c.set("callerSignal", left.signal);
  return left.signal;
}

/** Whether somebody has noticed by now that the caller has left. */
export function hasLeft(c: Context<HttpEnv>): boolean {
  return (c.get("callerSignal") ?? c.req.raw.signal).aborted;
}

/** Who is at the other end, as the audit tells it; nobody is known before `authenticated`. */
export function auditActor(c: Context<HttpEnv>): AuditActor {
  const principal: Principal | undefined = c.get("principal");
  const traceId = c.get("traceId");
  return {
    userId: principal?.subject ?? null,
    correlationId: c.get("correlationId"),
    address: clientAddress(c),
    ...(traceId && { traceId }),
  };
}

function clientAddress(c: Context<HttpEnv>): string | null {
  const client = c.get("client");
  return client === null ? null : addressText(client);
}
