import { DomainError } from "../domain/errors.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { RevokedTokens } from "../domain/ports/revoked_tokens.ts";
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
}

/**
 * Revokes a token: the one that the caller speaks by, or, for an admin, any.
 *
 * Resolves when it is kept. The revocation is forgotten a day after the token has expired; without
 * a known end it is kept for good.
 *
 * @throws {DomainError} `forbidden`; `validation_failed` when the token is said to have expired;
 * `dependency_unavailable`, and then nothing is revoked.
 */
export async function revokeToken(
  { revokedTokens, clock }: RevokeTokenParts,
  { tokenId, expiresAt }: RevokeToken,
  { principal }: RequestContext,
): Promise<void> {
  const own = principal.token;
  if (own?.id === tokenId) {
    return await revokedTokens.revoke(tokenId, own.expiresAt + KEPT_AFTER_EXPIRY_MS);
  }
  requirePermission(principal, "system:admin");
  if (expiresAt !== null && expiresAt <= clock.now()) throw alreadyExpired(expiresAt);
  await revokedTokens.revoke(tokenId, expiresAt === null ? null : expiresAt + KEPT_AFTER_EXPIRY_MS);
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
