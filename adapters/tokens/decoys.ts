import { compactVerify, type CryptoKey, errors } from "jose";
import { type KeyChooser, keyChooser, PUBLIC_KEY_ALGORITHMS } from "./key_chooser.ts";
import type { JsonObject } from "./strict_json.ts";

/**
 * A token that nobody has signed, to be verified in vain where a sent one points at no key: with a key
 * of those that count, so that it takes as long as a wrong signature does.
 */
export interface Decoy {
  readonly token: string;
  readonly key: CryptoKey;
  readonly algorithm: string;
}

/** The decoy for a token's header; `null` where there is no key at all, and so none that takes time. */
export type DecoyChooser = (header: JsonObject) => Decoy | null;

/** About as long as claims are. */
const CLAIMS = "e30K".repeat(60);
const CURVE_BYTES: Readonly<Record<string, number>> = { "P-256": 32, "P-384": 48, "P-521": 66 };

/** The decoy of one key. */
export function decoyOf(key: CryptoKey, algorithm: string): Decoy {
  const header = new TextEncoder().encode(JSON.stringify({ alg: algorithm, typ: "JWT" }));
  const token = `${base64url(header)}.${CLAIMS}.${base64url(signatureFor(key))}`;
  return { token, key, algorithm };
}

/**
 * Decoys of a JSON Web Key Set, one for each kind of key in it. A header gets the one of the kind that
 * it asks for, where there is one.
 */
export async function decoyChooser(jwks: unknown): Promise<DecoyChooser> {
  const decoys = new Map<string, Decoy>();
  for (const jwk of (jwks as { readonly keys: readonly JsonObject[] }).keys) {
    const choose = keyChooser({ keys: [jwk] });
    const decoy = await firstDecoy(choose, jwk["kid"]);
    if (decoy !== null && !decoys.has(kindOf(decoy.algorithm))) {
      decoys.set(kindOf(decoy.algorithm), decoy);
    }
  }
  const [any = null] = decoys.values();
  return ({ alg }) => decoys.get(kindOf(alg)) ?? any;
}

async function firstDecoy(choose: KeyChooser, kid: unknown): Promise<Decoy | null> {
  for (const alg of PUBLIC_KEY_ALGORITHMS) {
    const key = await choose({ alg, ...(kid !== undefined && { kid }) });
    const decoy = key && decoyOf(key, alg);
    if (decoy !== null && await takesTime(decoy)) return decoy;
  }
  return null;
}

/** A key that is too short, say, is refused before it is used. */
async function takesTime({ token, key, algorithm }: Decoy): Promise<boolean> {
  const verified = compactVerify(token, key, { algorithms: [algorithm] });
  return await verified.then(
    () => false,
    (error) => error instanceof errors.JWSSignatureVerificationFailed,
  );
}

/** Algorithms of one kind take one time with one key. */
function kindOf(alg: unknown): string {
  const name = String(alg);
  if (/^[RP]S/.test(name)) return "RSA";
  return name.startsWith("Ed") ? "Ed" : name;
}

/**
 * A signature of the right length, whose numbers lie below the greatest that each kind allows: any
 * other would be refused before it is reckoned with.
 */
function signatureFor(key: CryptoKey): Uint8Array {
  const { name, modulusLength, namedCurve } = key.algorithm as {
    readonly name: string;
    readonly modulusLength?: number;
    readonly namedCurve?: string;
  };
  if (name === "HMAC") return new Uint8Array(32).fill(0x55);
  if (modulusLength !== undefined) return new Uint8Array(Math.ceil(modulusLength / 8)).fill(0x55);
  const half = CURVE_BYTES[namedCurve ?? ""] ?? 32;
  const signature = new Uint8Array(2 * half).fill(0x55);
  // The numbers of curves over primes begin with their greatest byte, those of Ed25519 end with it.
  signature[0] = signature[half] = signature[2 * half - 1] = 0;
  return signature;
}

function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
