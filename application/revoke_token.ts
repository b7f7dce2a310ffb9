import { DomainError } from "../domain/errors.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { RevokedTokens } from "../domain/ports/revoked_tokens.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";

/** How long a revocation outlives its token: clocks differ, and can be set back. */
const KEPT_AFTER_EXPIRY_MS = 24 * 3600 * 1000;

/** Which token is to be good no more. */
export interface RevokeToken {
  /** The token's `jti`. */
  readonly tokenId: string;
  /**
   * When the token expires by itself, in milliseconds since 1970; `null` when that is not known. Of
   * one's own token it is known, and this is not heeded.
   */
  readonly expiresAt: number | null;
}

/** What {@link revokeToken} works with. */
export interface RevokeTokenParts {
  readonly revokedTokens: RevokedTokens;
  readonly clock: Clock;
  readonly audit: Audit;
}

/**
 * Revokes a token: the one that the caller speaks by, or, for an admin, any.
 *
 * Resolves when it is kept and the audit has been told. The revocation is forgotten a day after the token has expired; without
 * a known end it is kept for good.
 *
 * @throws {DomainError} `forbidden`; `validation_failed` when the token is said to have expired;
 * `dependency_unavailable` when it could not be kept, or the audit not be told of one that stands.
 */
export async function revokeToken(
  { revokedTokens, clock, audit }: RevokeTokenParts,
  command: RevokeToken,
  context: RequestContext,
): Promise<void> {
  const { tokenId } = command;
  const end = endOf(command, context, clock);
  await revokedTokens.revoke(tokenId, end === null ? null : end + KEPT_AFTER_EXPIRY_MS);
  await audit.record({ type: "token_revoked", details: { jti: tokenId } }, actorOf(context));
}

/** When the token expires, if the caller may revoke it. */
function endOf(
  { tokenId, expiresAt }: RevokeToken,
  { principal }: RequestContext,
  clock: Clock,
): number | null {
  const own = principal.token;
  if (own?.id === tokenId) return own.expiresAt;
  requirePermission(principal, "system:admin");
  if (expiresAt !== null && expiresAt <= clock.now()) throw alreadyExpired(expiresAt);
  return expiresAt;
}

/** Refused, since a mistaken end would let the revocation lapse while the token is still good. */
function alreadyExpired(expiresAt: number): DomainError {
  const found = `'${new Date(expiresAt).toISOString()}'`;
  const expected = "a time that lies ahead: a token that has expired is refused in any case";
  return new DomainError({
    code: "validation_failed",
    errors: [{ pointer: "/expires_at", expected, found }],
  });
}
