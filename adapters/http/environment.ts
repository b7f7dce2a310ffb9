import type { Context, MiddlewareHandler } from "hono";
import type { RequestContext } from "../../application/request_context.ts";
import type { AuditActor } from "../../domain/audit/event.ts";
import type { Principal } from "../../domain/identity/principal.ts";
import type { ProblemCode } from "../wire/problem_table.ts";

/** What travels beside a request through the middleware. */
export interface HttpEnv {
  Bindings: {
    /** The other end of the socket. */
    remoteAddr: Deno.Addr;
  };
  Variables: {
    correlationId: string;
    /** Set behind `authenticated` only. */
    principal: Principal;
    /** The problem that was answered, if one was. */
    refusal: ProblemCode | undefined;
  };
}

/** A middleware of this app. */
export type HttpMiddleware = MiddlewareHandler<HttpEnv>;

/** The context for use cases; only behind `authenticated`. */
export function requestContext(c: Context<HttpEnv>): RequestContext {
  return {
    principal: c.get("principal"),
    correlationId: c.get("correlationId"),
    signal: c.req.raw.signal,
    address: clientAddress(c),
  };
}

/** Who is at the other end, as the audit tells it; nobody is known before `authenticated`. */
export function auditActor(c: Context<HttpEnv>): AuditActor {
  const principal: Principal | undefined = c.get("principal");
  return {
    userId: principal?.subject ?? null,
    correlationId: c.get("correlationId"),
    address: clientAddress(c),
  };
}

/** The other end of the socket; `null` where that has no address. */
function clientAddress(c: Context<HttpEnv>): string | null {
  const { remoteAddr } = c.env;
  return "hostname" in remoteAddr ? remoteAddr.hostname : null;
}
