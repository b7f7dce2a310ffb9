import { createLocalJWKSet, type CryptoKey, errors, type JSONWebKeySet } from "jose";
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

/** The curve that an algorithm wants; for RSA there is none. */
const CURVES: Readonly<Record<string, string>> = {
  ES256: "P-256",
  ES384: "P-384",
  ES512: "P-521",
  EdDSA: "Ed25519",
  Ed25519: "Ed25519",
};

/** The key that a token's header points at; `null` when there is none for its algorithm and `kid`. */
export type KeyChooser = (header: JsonObject) => Promise<CryptoKey | null>;

/**
 * Public keys of a JSON Web Key Set. Of several keys that would do, a token has to name one.
 *
 * @throws {Error} when it is no key set.
 */
export function keyChooser(jwks: unknown): KeyChooser {
  const choose = createLocalJWKSet(jwks as JSONWebKeySet);
  const { keys } = jwks as { readonly keys: readonly JsonObject[] };
  return async ({ alg, kid }) => {
    if (typeof alg !== "string" || !PUBLIC_KEY_ALGORITHMS.includes(alg)) return null;
    if (kid !== undefined && typeof kid !== "string") return null;
    // What the library throws takes longer than all the rest, and would tell by time that it did.
    if (!keys.some((key) => isNamed(key, alg, kid))) return null;
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

/** Whether a key is of the name and kind that are asked for; not yet whether it can be used. */
function isNamed(key: JsonObject, alg: string, kid: string | undefined): boolean {
  const curve = CURVES[alg];
  return (kid === undefined || key["kid"] === kid) &&
    (key["alg"] === undefined || key["alg"] === alg) &&
    (curve === undefined ? key["kty"] === "RSA" : key["crv"] === curve);
}
