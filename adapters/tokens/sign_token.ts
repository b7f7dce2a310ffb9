import { SignJWT } from "jose";
import type { Role } from "../../domain/identity/role.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import { hmacKey } from "./token_keys.ts";

/** What {@link signToken} puts into a token. */
export interface SignTokenOptions {
  /** The shared secret; its UTF-8 bytes are the HMAC key. Must not be empty. */
  readonly secret: string;
  readonly issuer: string;
  readonly audience: string;
  readonly clock: Clock;
  /** 1 to 256 characters. */
  readonly subject: string;
  readonly roles: readonly Role[];
  /** How long the token is good for, in whole seconds. */
  readonly ttlSeconds: number;
}

/** Makes an HS256 token with a new `jti`, valid from now. */
export async function signToken(options: SignTokenOptions): Promise<string> {
  const now = Math.floor(options.clock.now() / 1000);
  return await new SignJWT({ roles: [...options.roles] })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(options.issuer)
    .setAudience(options.audience)
    .setSubject(options.subject)
    .setJti(crypto.randomUUID())
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + options.ttlSeconds)
    .sign(await hmacKey(options.secret));
}
