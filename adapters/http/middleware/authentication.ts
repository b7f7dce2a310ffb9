import type { Audit } from "../../../application/audit_trail.ts";
import { DomainError } from "../../../domain/errors.ts";
import { requirePermission } from "../../../domain/identity/principal.ts";
import type { Permission } from "../../../domain/identity/role.ts";
import type { TokenVerifier } from "../../../domain/ports/token_verifier.ts";
import { auditActor, type HttpMiddleware } from "../environment.ts";
import type { RateLimits } from "./rate_limits.ts";

/** What letting in takes. */
export interface AuthenticationParts {
  readonly tokens: TokenVerifier;
  /** `null`: nobody is limited. */
  readonly limits: RateLimits | null;
  readonly audit: Audit;
}

/**
 * Lets a request in that carries a valid bearer token, says whose it is, and takes its cost from them;
 * the audit hears of the token's first use. One that the door let pass for its token's sake pays by
 * address after all when the token verifies no more.
 */
export function authenticated({ tokens, limits, audit }: AuthenticationParts): HttpMiddleware {
  return async (c, next) => {
    const token = bearerToken(c.req.header("authorization"));
    try {
      c.set("principal", await tokens.verify(token));
    } catch (error) {
      if (limits?.forget(token)) await limits.chargeAddress(c);
      throw error;
    }
    if (limits !== null) {
      limits.learn(token);
      await limits.chargeUser(c);
    }
    await audit.authenticated(token, c.get("principal"), auditActor(c));
    await next();
  };
}

/** Refuses a role before the body is read. The use case holds the same rule. */
export function permitted(permission: Permission): HttpMiddleware {
  return async (c, next) => {
    requirePermission(c.get("principal"), permission);
    await next();
  };
}

function bearerToken(header: string | undefined): string {
  if (header === undefined) {
    throw unauthenticated("no bearer token was sent in the 'Authorization' header");
  }
  const token = /^Bearer +([^\s]+)$/i.exec(header)?.[1];
  if (token === undefined) {
    throw unauthenticated("the 'Authorization' header is not 'Bearer' and one token");
  }
  return token;
}

function unauthenticated(reason: string): DomainError {
  return new DomainError({ code: "unauthenticated", reason });
}
