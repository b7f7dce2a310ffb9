import type { Failure } from "../../domain/errors.ts";
import type { Principal } from "../../domain/identity/principal.ts";
import { isRole, type Role } from "../../domain/identity/role.ts";
import { isTokenId } from "../../domain/identity/token_id.ts";
import { type JsonObject, parseStrictObject } from "./strict_json.ts";
import { MAX_NESTING } from "./token_text.ts";

/** By how much the clocks of issuer and verifier may differ. */
export const CLOCK_TOLERANCE_SECONDS = 5;
const MAX_SUBJECT_LENGTH = 256;
/** The last second of the year 9999: no token is good for longer, and every date can be written. */
const MAX_SECONDS = 253_402_300_799;
const REQUIRED = ["exp", "sub", "iss", "aud"];

/** What a token's claims are held against. */
export interface ExpectedClaims {
  readonly issuer: string;
  readonly audience: string;
  /** The present, in milliseconds since 1970. */
  readonly now: number;
}

/** What a token said when it was verified; times in seconds since 1970. */
export interface Verified {
  readonly principal: Principal;
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly expiresAt: number;
}

/** The claims' verdict: who the token speaks for, or why it is refused. */
export type ClaimsVerdict = Verified | Refused;

/** Why a token is refused. No error: a stack is the dearest part of one, and nobody reads this one's. */
export class Refused {
  readonly failure: Failure;
  /** What had been thrown already, if anything. */
  readonly cause: Error | null;

  constructor(failure: Failure, cause: Error | null = null) {
    this.failure = failure;
    this.cause = cause;
  }
}

/**
 * Judges the claims of a token. `exp`, `sub`, `iss` and `aud` are required, `nbf` and `iat` must not
 * lie ahead, `jti` has to be usable as an id where there is one. Unknown names in `roles` are
 * ignored, and without `roles` the principal has none. What is refused is returned, not thrown.
 */
export function judgeClaims(bytes: Uint8Array, expected: ExpectedClaims): ClaimsVerdict {
  const claims = objectOf(bytes);
  // What cannot be read costs what is judged to its end: others are judged in its place.
  const verdict = refusedOr(() =>
    verified(claims instanceof Refused ? standIn(expected) : claims, expected)
  );
  return claims instanceof Refused ? claims : verdict;
}

function refusedOr(judge: () => Verified): ClaimsVerdict {
  try {
    return judge();
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

function standIn({ issuer, audience }: ExpectedClaims): JsonObject {
  return { iss: issuer, aud: audience, sub: "nobody", jti: "none", exp: MAX_SECONDS };
}

/** Whether a token that was good still is: the clock may also have been set back. */
export function isStillGood({ issuedAt, notBefore, expiresAt }: Verified, now: number): boolean {
  const seconds = now / 1000;
  return seconds < expiresAt + CLOCK_TOLERANCE_SECONDS &&
    seconds + CLOCK_TOLERANCE_SECONDS >= Math.max(issuedAt, notBefore);
}

function verified(claims: JsonObject, { issuer, audience, now }: ExpectedClaims): Verified {
  const expiresAt = secondsOf(claims, "exp");
  // Written out whether it is needed or not: it takes longer than all the checks together.
  const expiry = new Date(Math.max(0, expiresAt) * 1000).toISOString();
  for (const claim of REQUIRED) {
    if (claims[claim] === undefined) throw refused(`the token has no '${claim}'`);
  }
  if (claims["iss"] !== issuer) throw unexpected("iss");
  if (!audiencesOf(claims["aud"]).includes(audience)) throw unexpected("aud");
  const issuedAt = secondsOf(claims, "iat");
  const notBefore = secondsOf(claims, "nbf");
  const latest = now / 1000 + CLOCK_TOLERANCE_SECONDS;
  if (notBefore > latest) throw refused("the token is not valid yet ('nbf')");
  if (issuedAt > latest) throw refused("the token's 'iat' lies in the future");
  if (expiresAt + CLOCK_TOLERANCE_SECONDS <= now / 1000) throw expired(expiry);
  const roles = rolesOf(claims["roles"]);
  const token = tokenOf(claims["jti"], expiresAt);
  const principal = { subject: subjectOf(claims["sub"]), roles, ...(token && { token }) };
  return { principal, issuedAt, notBefore, expiresAt };
}

function objectOf(bytes: Uint8Array): JsonObject | Refused {
  try {
    return parseStrictObject(bytes, MAX_NESTING);
  } catch (cause) {
    const reason = "the token's claims are not one well-formed JSON object";
    return new Refused({ code: "unauthenticated", reason }, cause instanceof Error ? cause : null);
  }
}

/** A list with anything but texts in it names no audience. */
function audiencesOf(claim: unknown): readonly unknown[] {
  const all = Array.isArray(claim) ? claim : [claim];
  return all.every((audience) => typeof audience === "string") ? all : [];
}

/** 0 where the claim is absent. Fractions are allowed (RFC 7519, 2). */
function secondsOf(claims: JsonObject, claim: string): number {
  const value = claims[claim];
  if (value === undefined) return 0;
  const fits = typeof value === "number" && Number.isFinite(value) && value <= MAX_SECONDS;
  if (!fits) throw unexpected(claim);
  return value;
}

/** Two ill-formed texts can become one when they are stored as UTF-8, so such subjects are refused. */
function subjectOf(subject: unknown): string {
  const fits = typeof subject === "string" && subject.length >= 1 &&
    subject.length <= MAX_SUBJECT_LENGTH && subject.isWellFormed();
  if (fits) return subject;
  throw refused(`the token's 'sub' must be a text of 1 to ${MAX_SUBJECT_LENGTH} characters`);
}

/** A token without an id is as good as any, but cannot be revoked. Its end is rounded up, never down. */
function tokenOf(id: unknown, expiresAt: number): Principal["token"] {
  if (id === undefined) return undefined;
  if (!isTokenId(id)) throw unexpected("jti");
  return { id, expiresAt: Math.ceil(expiresAt * 1000) };
}

function rolesOf(claim: unknown): Role[] {
  if (!Array.isArray(claim)) return [];
  const names = claim.filter((name): name is Role => typeof name === "string" && isRole(name));
  return [...new Set(names)];
}

function expired(expiredAt: string): Refused {
  return new Refused({ code: "token_expired", expiredAt });
}

function unexpected(claim: string): Refused {
  return refused(`the token's '${claim}' is not what is expected here`);
}

function refused(reason: string): Refused {
  return new Refused({ code: "unauthenticated", reason });
}
