import { createLocalJWKSet, type CryptoKey, errors } from "jose";
import type { JsonObject } from "./strict_json.ts";

/**
 * The algorithms for public keys. Which of them counts follows from the kind of the key, and from
 * its own `alg` where it has one.
 */
export const PUBLIC_KEY_ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/** The keys that tokens may be signed with. */
export interface TokenKeys {
  /** All that the configuration allows; a token's header can only choose among them. */
  readonly algorithms: readonly string[];
  /** The types (`typ`) that a token may have, in lower case. */
  readonly types: readonly string[];
  /** A number that changes with the keys: what was verified before has to be verified again. */
  readonly generation: number;
  /** Waits for the keys to be fetched again where they are due; `null` where there is nothing to wait for. */
  whenFresh(): Promise<void> | null;
  /**
   * The key that a token's header points at; `null` when there is none for its algorithm and `kid`.
   * Rejects with `dependency_unavailable` when no keys are known at all.
   */
  find(header: JsonObject): Promise<CryptoKey | null>;
}

/** The one shared secret; its UTF-8 bytes are the HMAC key. */
export async function secretKeys(secret: string): Promise<TokenKeys> {
  const key = await hmacKey(secret);
  return {
    algorithms: ["HS256"],
    types: ["jwt"],
    generation: 0,
    whenFresh: () => null,
    // The header's `kid` is nobody's business: there is one key.
    find: ({ alg }) => Promise.resolve(alg === "HS256" ? key : null),
  };
}

/** The HMAC key of a secret. */
export function hmacKey(secret: string): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
}

/** Chooses from a set of public keys as {@link TokenKeys.find} does. */
export type KeyChooser = (header: JsonObject) => Promise<CryptoKey | null>;

/**
 * Public keys of a JSON Web Key Set. Of several keys that would do, a token has to name one.
 *
 * @throws {Error} when it is no key set.
 */
export function keyChooser(jwks: unknown): KeyChooser {
  const choose = createLocalJWKSet(jwks as Parameters<typeof createLocalJWKSet>[0]);
  return async ({ alg, kid }) => {
    if (typeof alg !== "string" || !PUBLIC_KEY_ALGORITHMS.includes(alg)) return null;
    if (kid !== undefined && typeof kid !== "string") return null;
    try {
      return await choose({ alg, ...(kid !== undefined && { kid }) });
    } catch (error) {
      // Also a key of the set that cannot be used, as a private one or one that is too short.
      if (error instanceof errors.JOSEError || error instanceof DOMException) return null;
      if (error instanceof TypeError) return null;
      throw error;
    }
  };
}
