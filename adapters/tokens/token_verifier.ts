import { compactVerify, type CryptoKey, errors } from "jose";
import { LRUCache } from "lru-cache";
import { DomainError, type Failure } from "../../domain/errors.ts";
import type { Principal } from "../../domain/identity/principal.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { RevokedTokens } from "../../domain/ports/revoked_tokens.ts";
import type { TokenVerifier } from "../../domain/ports/token_verifier.ts";
import { type ClaimsVerdict, isStillGood, judgeClaims, Refused, type Verified } from "./claims.ts";
import type { JsonObject } from "./strict_json.ts";
import type { Decoy } from "./decoys.ts";
import type { TokenKeys } from "./token_keys.ts";
import { readToken } from "./token_text.ts";

/** Verified tokens that are remembered, and their characters in all. */
const REMEMBERED = { max: 1000, maxSize: 4 * 1024 * 1024 };

/** What a verifier holds tokens against. */
export interface TokenVerifierOptions {
  readonly keys: TokenKeys;
  readonly revokedTokens: RevokedTokens;
  readonly issuer: string;
  readonly audience: string;
  readonly clock: Clock;
}

/**
 * Verifies signed tokens.
 *
 * The algorithms are those of the configuration's keys, the type is pinned too, and extensions
 * (`crit`, `b64`) are refused: the token's own header chooses nothing but one of the known keys. What
 * claims must be, see {@link judgeClaims}. A token whose signature does not verify is told nothing
 * else, and takes as long as any other that is refused: its claims are judged all the same.
 *
 * A token that was verified is remembered until it expires or the keys change, since its signature
 * and claims cannot; whether it is revoked is asked each time.
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { keys, clock } = options;
  const remembered = new LRUCache<string, Verified>({
    ...REMEMBERED,
    sizeCalculation: (_verified, token) => token.length,
  });
  let generation = keys.generation;
  return {
    async verify(token: string): Promise<Principal> {
      await keys.whenFresh();
      if (generation !== keys.generation) remembered.clear();
      generation = keys.generation;
      const known = remembered.get(token);
      if (known !== undefined && isStillGood(known, clock.now())) {
        return await unlessRevoked(known, options);
      }
      const judgedBy = keys.generation;
      const verified = await verifyWhole(token, options);
      if (judgedBy === keys.generation) remembered.set(token, verified);
      return verified.principal;
    },
  };
}

async function unlessRevoked(
  { principal }: Verified,
  { revokedTokens }: TokenVerifierOptions,
): Promise<Principal> {
  if (await isRevoked(principal, revokedTokens)) throw refusal(REVOKED);
  return principal;
}

async function isRevoked({ token }: Principal, revoked: RevokedTokens): Promise<boolean> {
  return token !== undefined && await revoked.isRevoked(token.id);
}

/** Every step is gone through, whichever of them refuses, so that time tells nothing of it. */
async function verifyWhole(token: string, options: TokenVerifierOptions): Promise<Verified> {
  const { keys, clock } = options;
  const read = readToken(token);
  // What is no token at all is seen to be none by whoever sent it.
  if (read === null) throw refusal(NOT_WELL_FORMED);
  const fits = hasNoExtension(read.header);
  const key = fits ? await keys.find(read.header) : null;
  const forged = key === null
    ? await decoyFault(keys.decoyFor(read.header)) ?? faultLike(NOT_VERIFIED)
    : await signatureFault(token, key, keys.algorithms);
  const claims = judgeClaims(read.claims, { ...options, now: clock.now() });
  const verdict = withType(claims, read.header, keys.types);
  const revoked = !(verdict instanceof Refused) &&
    await isRevoked(verdict.principal, options.revokedTokens);
  if (forged !== null) throw refusal(NOT_VERIFIED, forged);
  if (verdict instanceof Refused) {
    throw refusal(verdict.failure, verdict.cause ?? faultLike(verdict.failure));
  }
  if (revoked) throw refusal(REVOKED, faultLike(REVOKED));
  return verdict;
}

const NOT_WELL_FORMED = unauthenticated("the token is not a well-formed JSON Web Token");
const NOT_VERIFIED = unauthenticated("the token's signature does not verify");
const REVOKED: Failure = { code: "token_revoked" };

/** None is known here, so that none can be understood, whether it is critical or not. */
function hasNoExtension(header: JsonObject): boolean {
  return header["crit"] === undefined && header["b64"] === undefined;
}

/** `null` where the signature verifies. */
async function signatureFault(
  token: string,
  key: CryptoKey,
  algorithms: readonly string[],
): Promise<Error | null> {
  try {
    await compactVerify(token, key, { algorithms: [...algorithms] });
    return null;
  } catch (error) {
    // A TypeError says that the key is not one for the algorithm.
    if (error instanceof errors.JOSEError || error instanceof TypeError) return error;
    throw error;
  }
}

/** Never lets anything pass, whatever becomes of the decoy. */
async function decoyFault(decoy: Decoy | null): Promise<Error | null> {
  return decoy && await signatureFault(decoy.token, decoy.key, [decoy.algorithm]);
}

function withType(
  verdict: ClaimsVerdict,
  { typ }: JsonObject,
  types: readonly string[],
): ClaimsVerdict {
  const type = typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : "";
  if (verdict instanceof Refused || types.includes(type)) return verdict;
  const expected = types.map((type) => `'${type === "jwt" ? "JWT" : type}'`).join(" or ");
  return new Refused(unauthenticated(`the token's type is not ${expected}`));
}

function unauthenticated(reason: string): Failure {
  return { code: "unauthenticated", reason };
}

/** As dear as what the library throws for a wrong signature, so that every refusal costs the same. */
function faultLike({ code }: Failure): Error {
  return new errors.JWSSignatureVerificationFailed(code);
}

/** The cause is for whoever debugs. */
function refusal(failure: Failure, cause?: Error): DomainError {
  return new DomainError(failure, { cause });
}
