import type { CryptoKey } from "jose";
import { type Decoy, decoyOf } from "./decoys.ts";
import type { JsonObject } from "./strict_json.ts";

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
  /** What to verify in vain instead where {@link find} gave none; `null` while there are no keys. */
  decoyFor(header: JsonObject): Decoy | null;
}

/** The one shared secret; its UTF-8 bytes are the HMAC key. */
export async function secretKeys(secret: string): Promise<TokenKeys> {
  const key = await hmacKey(secret);
  const decoy = decoyOf(key, "HS256");
  return {
    algorithms: ["HS256"],
    types: ["jwt"],
    generation: 0,
    whenFresh: () => null,
    // The header's `kid` is nobody's business: there is one key.
    find: ({ alg }) => Promise.resolve(alg === "HS256" ? key : null),
    decoyFor: () => decoy,
  };
}

/** The HMAC key of a secret. */
export function hmacKey(secret: string): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
}
