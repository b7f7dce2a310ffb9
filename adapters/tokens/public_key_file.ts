import { exportJWK, importSPKI, type JWK } from "jose";
import { decoyChooser } from "./decoys.ts";
import { keyChooser, PUBLIC_KEY_ALGORITHMS } from "./key_chooser.ts";
import type { TokenKeys } from "./token_keys.ts";

/** Far above what any key needs. */
const MAX_FILE_BYTES = 64 * 1024;
const MIN_RSA_BITS = 2048;
/** One algorithm for each kind of key that a PEM file can hold. */
const KINDS = ["RS256", "ES256", "ES384", "ES512", "Ed25519"];

/**
 * The one public key of a file: PEM (`BEGIN PUBLIC KEY`) or a JSON Web Key. A `kid` is not heeded.
 *
 * @throws {Error} "Cannot use the public key ..." when the file cannot be read or holds another
 * thing, such as a private key or an RSA key below 2048 bits.
 */
export async function publicKeyFile(path: string): Promise<TokenKeys> {
  try {
    return await keysOf(publicJwk(await jwkOf(await readKey(path))));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot use the public key '${path}': ${reason}`, { cause: error });
  }
}

async function readKey(path: string): Promise<string> {
  const { size, isFile } = await Deno.stat(path);
  if (!isFile || size > MAX_FILE_BYTES) throw new Error("it is no file of a key's size");
  return (await Deno.readTextFile(path)).trim();
}

async function jwkOf(text: string): Promise<JWK> {
  if (text.startsWith("{")) return parsed(text);
  for (const kind of KINDS) {
    try {
      return await exportJWK(await importSPKI(text, kind, { extractable: true }));
    } catch {
      // It is a key of another kind, or none.
    }
  }
  throw new Error("it is neither a PEM 'PUBLIC KEY' of a known kind nor a JSON Web Key");
}

/** The parser's own message would repeat a part of the file. */
function parsed(text: string): JWK {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("it is not JSON");
  }
}

/** Without `kid`, so that the key stands for whatever a token calls it. */
function publicJwk({ kid: _, ...jwk }: JWK): JWK {
  if (jwk.kty === "oct" || jwk.d !== undefined) {
    throw new Error("it holds a key that has to stay secret: only a public key belongs here");
  }
  const bits = jwk.kty === "RSA" && typeof jwk.n === "string" ? jwk.n.length * 6 : MIN_RSA_BITS;
  if (bits < MIN_RSA_BITS) throw new Error(`an RSA key must have at least ${MIN_RSA_BITS} bits`);
  return jwk;
}

async function keysOf(jwk: JWK): Promise<TokenKeys> {
  const jwks = { keys: [jwk] };
  const choose = keyChooser(jwks);
  const found = await Promise.all(PUBLIC_KEY_ALGORITHMS.map((alg) => choose({ alg })));
  const algorithms = PUBLIC_KEY_ALGORITHMS.filter((_, index) => found[index] !== null);
  if (algorithms.length === 0) throw new Error("it holds no key that tokens can be verified with");
  return {
    algorithms,
    types: ["jwt", "at+jwt"],
    generation: 0,
    whenFresh: () => null,
    find: ({ alg }) => choose({ alg }),
    decoyFor: await decoyChooser(jwks),
  };
}
