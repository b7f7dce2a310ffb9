import type { Principal } from "../identity/principal.ts";

/**
 * Tells who a bearer token speaks for.
 *
 * Rejects with `unauthenticated` or `token_expired`; never says which part of a forged token was
 * wrong beyond what the token's own text shows.
 */
export interface TokenVerifier {
  verify(token: string): Promise<Principal>;
}
