/**
 * The tokens that are good no more, by their id (`jti`).
 *
 * Safe for concurrent use. A `revoke` that has resolved is seen by every later `isRevoked` of this
 * instance, and where the store outlives the process it survives a `kill -9`. It lapses at `until`
 * (milliseconds since 1970, fractions allowed), or never when that is `null`; revoking an id again can only make it last
 * longer. `isKept` tells whether `revoke` with the same would change nothing: the id is revoked for as
 * long here, or `until` has passed. All methods reject with `dependency_unavailable` when the store
 * cannot be used or is closed. `isRevoked` is asked for every request, and so answers from memory, as
 * `isKept` does.
 */
export interface RevokedTokens extends AsyncDisposable {
  revoke(tokenId: string, until: number | null): Promise<void>;
  isRevoked(tokenId: string): Promise<boolean>;
  isKept(tokenId: string, until: number | null): Promise<boolean>;
}
