import { DomainError } from "../../../domain/errors.ts";
import { requirePermission } from "../../../domain/identity/principal.ts";
import type { Permission } from "../../../domain/identity/role.ts";
import type { TokenVerifier } from "../../../domain/ports/token_verifier.ts";
import type { Audit } from "../../../application/audit_trail.ts";
import { auditActor, type HttpMiddleware } from "../environment.ts";

/** Lets a request in that carries a valid bearer token, and says whose it is; the audit hears of its first use. */
export function authenticated(tokens: TokenVerifier, audit: Audit): HttpMiddleware {
  return async (c, next) => {
    const token = bearerToken(c.req.header("authorization"));
    const principal = await tokens.verify(token);
    c.set("principal", principal);
    await audit.authenticated(token, principal, auditActor(c));
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
