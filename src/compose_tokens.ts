import { systemClock } from "../adapters/system/clock.ts";
import { developmentSecret } from "../adapters/tokens/development_secret.ts";
import { fetchKeys } from "../adapters/tokens/fetch_keys.ts";
import { KeySet } from "../adapters/tokens/key_set.ts";
import { publicKeyFile } from "../adapters/tokens/public_key_file.ts";
import { signToken } from "../adapters/tokens/sign_token.ts";
import { secretKeys, type TokenKeys } from "../adapters/tokens/token_keys.ts";
import { createTokenVerifier } from "../adapters/tokens/token_verifier.ts";
import type { Role } from "../domain/identity/role.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Log } from "../domain/ports/log.ts";
import type { RevokedTokens } from "../domain/ports/revoked_tokens.ts";
import type { TokenVerifier } from "../domain/ports/token_verifier.ts";
import type { Config } from "./config.ts";

/** What a token is judged with beside the configuration. */
export interface TokenParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly revokedTokens: RevokedTokens;
}

/** The judge of tokens, with the keys of the one source that is set. @throws {Error} for a bad file. */
export async function openTokens(config: Config, parts: TokenParts): Promise<TokenVerifier> {
  const { issuer, audience } = config.jwt;
  const keys = await tokenKeys(config, parts);
  return createTokenVerifier({ ...parts, issuer, audience, keys });
}

/** A key set is fetched ahead: the first token need not wait, and a wrong address shows in the log. */
async function tokenKeys(
  { jwt, dataDir }: Config,
  { clock, log }: TokenParts,
): Promise<TokenKeys> {
  if (jwt.publicKeyFile !== null) return await publicKeyFile(jwt.publicKeyFile);
  const { jwksUrl } = jwt;
  if (jwksUrl === null) return await secretKeys(jwt.secret ?? await developmentSecret(dataDir));
  const keys = new KeySet({ fetchKeys: () => fetchKeys(jwksUrl), clock, log });
  await keys.whenFresh();
  return keys;
}

/** The configuration with the secret that development makes, so that the log knows what it must not tell. */
export async function withSecret(config: Config): Promise<Config> {
  if (config.jwt.secret !== null || !issuesTokens(config)) return config;
  // What is in its way is told by those who cannot go on without it.
  const secret = await developmentSecret(config.dataDir).catch(() => null);
  return { ...config, jwt: { ...config.jwt, secret } };
}

/** Whether tokens are made here, and not by an issuer whose public keys are all that is known. */
export function issuesTokens({ jwt }: Config): boolean {
  return jwt.jwksUrl === null && jwt.publicKeyFile === null;
}

/** Whom a development service makes a token for: the person who started it. */
export const DEVELOPER: TokenRequest = {
  subject: "developer",
  roles: ["admin"],
  ttlSeconds: 24 * 3600,
};

/** Who a token is for. */
export interface TokenRequest {
  readonly subject: string;
  readonly roles: readonly Role[];
  readonly ttlSeconds: number;
}

/**
 * A token that the service with this configuration accepts.
 *
 * @throws {Error} where another issuer makes them.
 */
export async function issueToken(config: Config, request: TokenRequest): Promise<string> {
  if (!issuesTokens(config)) {
    const reason = "the issuer of JWKS_URL or JWT_PUBLIC_KEY_FILE makes them";
    throw new Error(`Cannot make a token: ${reason}; only it has the private key`);
  }
  const { issuer, audience } = config.jwt;
  const secret = config.jwt.secret ?? await developmentSecret(config.dataDir);
  return await signToken({ secret, issuer, audience, clock: systemClock, ...request });
}
