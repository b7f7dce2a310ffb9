import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { LRUCache } from "lru-cache";
import { DomainError, type Failure } from "../../domain/errors.ts";
import type { Principal } from "../../domain/identity/principal.ts";
import { isRole, type Role } from "../../domain/identity/role.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { TokenVerifier } from "../../domain/ports/token_verifier.ts";

const ALGORITHM = "HS256";
const TYPE = "JWT";
const CLOCK_TOLERANCE_SECONDS = 5;
const MAX_SUBJECT_LENGTH = 256;

/** Verified tokens that are remembered, and their characters in all. */
const REMEMBERED = { max: 1000, maxSize: 4 * 1024 * 1024 };

/** What signer and verifier of a token have to agree on. */
export interface TokenOptions {
  /** The shared secret; its UTF-8 bytes are the HMAC key. Must not be empty. */
  readonly secret: string;
  readonly issuer: string;
  readonly audience: string;
  readonly clock: Clock;
}

/** What {@link signToken} puts into a token. */
export interface SignTokenOptions extends TokenOptions {
  /** 1 to 256 characters. */
  readonly subject: string;
  readonly roles: readonly Role[];
  /** How long the token is good for, in whole seconds. */
  readonly ttlSeconds: number;
}

/**
 * Verifies HS256 tokens against one shared secret.
 *
 * The algorithm is pinned: the token's own header chooses nothing. `exp` and `sub` are required,
 * `iss` and `aud` must match, `nbf` and `iat` must not lie ahead; clocks may differ by 5 s. Unknown
 * names in `roles` are ignored, and without `roles` the principal has none. The signature is checked
 * before any claim, so that a forged token learns nothing from the reason it is given.
 *
 * A token that was verified is remembered until it expires: its signature and claims cannot change.
 */
export function createTokenVerifier(options: TokenOptions): TokenVerifier {
  const key = new TextEncoder().encode(options.secret);
  const remembered = new LRUCache<string, Verified>({
    ...REMEMBERED,
    sizeCalculation: (_verified, token) => token.length,
  });
  return {
    async verify(token: string): Promise<Principal> {
      const now = options.clock.now();
      const known = remembered.get(token);
      if (known !== undefined && isGood(known, now / 1000)) return known.principal;
      const verified = await verifyWhole(token, key, { ...options, now });
      remembered.set(token, verified);
      return verified.principal;
    },
  };
}

/** What a token said when it was verified; times in seconds since 1970. */
interface Verified {
  readonly principal: Principal;
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly expiresAt: number;
}

/** Whether a token that was good still is: the clock may also have been set back. */
function isGood({ issuedAt, notBefore, expiresAt }: Verified, nowSeconds: number): boolean {
  return Math.floor(nowSeconds) < expiresAt + CLOCK_TOLERANCE_SECONDS &&
    nowSeconds + CLOCK_TOLERANCE_SECONDS >= Math.max(issuedAt, notBefore);
}

async function verifyWhole(
  token: string,
  key: Uint8Array,
  { issuer, audience, now }: TokenOptions & { readonly now: number },
): Promise<Verified> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer,
      audience,
      requiredClaims: ["exp", "sub"],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now),
    });
    return {
      principal: principalOf(payload, now / 1000),
      issuedAt: payload.iat ?? 0,
      notBefore: payload.nbf ?? 0,
      expiresAt: payload.exp ?? 0,
    };
  } catch (error) {
    throw error instanceof errors.JOSEError ? refusalOf(error) : error;
  }
}

/** Makes a token with a new `jti`, valid from now. */
export function signToken(options: SignTokenOptions): Promise<string> {
  const now = Math.floor(options.clock.now() / 1000);
  return new SignJWT({ roles: [...options.roles] })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
    .setIssuer(options.issuer)
    .setAudience(options.audience)
    .setSubject(options.subject)
    .setJti(crypto.randomUUID())
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + options.ttlSeconds)
    .sign(new TextEncoder().encode(options.secret));
}

function principalOf(payload: JWTPayload, nowSeconds: number): Principal {
  if (payload.iat !== undefined && payload.iat > nowSeconds + CLOCK_TOLERANCE_SECONDS) {
    throw unauthenticated("the token's 'iat' lies in the future");
  }
  return { subject: subjectOf(payload.sub), roles: rolesOf(payload["roles"]) };
}

/** Two ill-formed texts can become one when they are stored as UTF-8, so such subjects are refused. */
function subjectOf(subject: unknown): string {
  const fits = typeof subject === "string" && subject.length >= 1 &&
    subject.length <= MAX_SUBJECT_LENGTH && subject.isWellFormed();
  if (fits) return subject;
  throw unauthenticated(
    `the token's 'sub' must be a text of 1 to ${MAX_SUBJECT_LENGTH} characters`,
  );
}

function rolesOf(claim: unknown): Role[] {
  if (!Array.isArray(claim)) return [];
  const names = claim.filter((name): name is Role => typeof name === "string" && isRole(name));
  return [...new Set(names)];
}

function refusalOf(error: errors.JOSEError): DomainError {
  if (error instanceof errors.JWTExpired) {
    return new DomainError({ code: "token_expired", expiredAt: expiryOf(error.payload) });
  }
  return unauthenticated(reasonOf(error), error);
}

/** The expiry lies in the past, so only a negative one could be out of a date's range. */
function expiryOf(payload: JWTPayload): string {
  return new Date(Math.max(0, payload.exp ?? 0) * 1000).toISOString();
}

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTClaimValidationFailed) return claimReason(error);
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return "the token's signature does not verify";
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return `the token's algorithm is not '${ALGORITHM}'`;
  }
  if (error instanceof errors.JOSENotSupported) {
    return "the token needs an extension not known here";
  }
  return "the token is not a well-formed JSON Web Token";
}

function claimReason({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (reason === "missing") return `the token has no '${claim}'`;
  if (claim === "nbf" && reason === "check_failed") return "the token is not valid yet ('nbf')";
  if (claim === "typ") return `the token's type is not '${TYPE}'`;
  return `the token's '${claim}' is not what is expected here`;
}

function unauthenticated(reason: string, cause?: Error): DomainError {
  const failure: Failure = { code: "unauthenticated", reason };
  return cause === undefined ? new DomainError(failure) : new DomainError(failure, { cause });
}
