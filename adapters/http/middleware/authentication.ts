import type { Context } from "hono";
import type { Audit } from "../../../application/audit_trail.ts";
import { DomainError } from "../../../domain/errors.ts";
import { requirePermission } from "../../../domain/identity/principal.ts";
import type { Permission } from "../../../domain/identity/role.ts";
import type { AuthResult, Telemetry } from "../../../domain/ports/telemetry.ts";
import type { TokenVerifier } from "../../../domain/ports/token_verifier.ts";
import { auditActor, type HttpEnv, type HttpMiddleware } from "../environment.ts";
import type { RateLimits } from "./rate_limits.ts";

/** What letting in takes. */
export interface AuthenticationParts {
  readonly tokens: TokenVerifier;
  /** `null`: nobody is limited. */
  readonly limits: RateLimits | null;
  readonly audit: Audit;
  readonly telemetry: Telemetry;
}

/** What a token's refusal is counted as; of one that is not here, as of a store away, nothing was decided. */
const RESULTS: { readonly [code: string]: AuthResult } = {
  unauthenticated: "invalid",
  token_expired: "expired",
  token_revoked: "revoked",
};

/**
 * Lets a request in that carries a valid bearer token, says whose it is, and takes its cost from them;
 * the audit hears of the token's first use. One that the door let pass for its token's sake pays by
 * address after all when the token verifies no more.
 */
export function authenticated(parts: AuthenticationParts): HttpMiddleware {
  const { tokens, limits, audit, telemetry } = parts;
  const decided = (result: AuthResult) => telemetry.record({ kind: "auth_decided", result });
  return async (c, next) => {
    const token = requiredToken(c, decided);
    try {
      c.set("principal", await tokens.verify(token));
      decided("ok");
    } catch (error) {
      const result = error instanceof DomainError ? RESULTS[error.failure.code] : undefined;
      if (result !== undefined) decided(result);
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

/** The token that a request carries, if it carries one. */
export function bearerToken(c: Context<HttpEnv>): string | undefined {
  const header = c.req.header("authorization");
  const token = header === undefined ? undefined : /^Bearer +(\S+)$/i.exec(header)?.[1];
  c.set("token", token);
  return token;
}

function requiredToken(c: Context<HttpEnv>, decided: (result: AuthResult) => void): string {
  // The door has read it, where requests are limited.
  const token = c.get("token") ?? bearerToken(c);
  if (token !== undefined) return token;
  const sent = c.req.header("authorization") !== undefined;
  decided(sent ? "invalid" : "missing");
  throw unauthenticated(
    sent
      ? "the 'Authorization' header is not 'Bearer' and one token"
      : "no bearer token was sent in the 'Authorization' header",
  );
}

function unauthenticated(reason: string): DomainError {
  return new DomainError({ code: "unauthenticated", reason });
}
