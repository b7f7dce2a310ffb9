import assert from "node:assert/strict";
import { MemoryRateLimiter } from "../../adapters/memory/rate_limiter.ts";
import { MemoryRevokedTokens } from "../../adapters/memory/revoked_tokens.ts";
import { signToken } from "../../adapters/tokens/sign_token.ts";
import { secretKeys } from "../../adapters/tokens/token_keys.ts";
import { createTokenVerifier } from "../../adapters/tokens/token_verifier.ts";
import { parseNetwork } from "../../domain/network/address.ts";
import { HttpSurface } from "./http_surface.ts";
import { ManualClock } from "./manual_clock.ts";

/** Ten units at once, one a second. */
export const RULE = { burst: 10, perMinute: 60 };

const SECRET = "v9Qe7wLr2XcT5uZk8mNb4hJd6fGs1aPy";

/** How a request is sent. */
export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The other end of the socket. */
  readonly peer?: string;
}

/** The real surface with real tokens and the rate limit of {@link RULE}, at a time that stands. */
export class LimitedSurface implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly users: MemoryRateLimiter;
  readonly addresses: MemoryRateLimiter;
  readonly surface: HttpSurface;
  /** Tokens that were looked at closely. */
  verified = 0;

  constructor({ trusted = [] }: { readonly trusted?: readonly string[] } = {}) {
    const limiter = () =>
      new MemoryRateLimiter({ rule: RULE, monotonic: () => this.clock.monotonic(), maxKeys: 1000 });
    this.users = limiter();
    this.addresses = limiter();
    const revokedTokens = new MemoryRevokedTokens(this.clock);
    const verifier = secretKeys(SECRET).then((keys) =>
      createTokenVerifier({ ...this.#claims(), keys, revokedTokens })
    );
    const verify = async (token: string) => {
      this.verified += 1;
      return await (await verifier).verify(token);
    };
    const trustedProxies = trusted.map(parseNetwork).filter((network) => network !== null);
    const { users, addresses } = this;
    this.surface = new HttpSurface({
      tokens: { verify },
      limits: { rule: RULE, users, addresses },
      trustedProxies,
    });
  }

  /** A fresh token. */
  tokenFor(subject: string): Promise<string> {
    const who = { subject, roles: ["developer"] as const, ttlSeconds: 60 };
    return signToken({ ...this.#claims(), secret: SECRET, ...who });
  }

  /** Asks for a path as it stands, without anything put right in it. */
  async ask(path: string, asking: Asking = {}): Promise<Response> {
    const { method = "GET", headers = {}, body, peer = "192.0.2.1" } = asking;
    const request = new Request("http://localhost/", {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    Object.defineProperty(request, "url", { value: `http://localhost${path}` });
    const remoteAddr = { transport: "tcp", hostname: peer, port: 40_000 } as const;
    const response = await this.surface.fetch(request, { remoteAddr });
    await response.body?.cancel();
    return response;
  }

  /** Asks so often, one after another; how often it was let in. */
  async letIn(times: number, ask: (time: number) => Promise<Response>): Promise<number> {
    let count = 0;
    for (let time = 0; time < times; time += 1) if ((await ask(time)).status !== 429) count += 1;
    return count;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.surface[Symbol.asyncDispose]();
  }

  #claims() {
    return { issuer: "i", audience: "a", clock: this.clock };
  }
}

/** The header that carries a token. */
export function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` };
}

/** A surface on which one address has used up the limit. */
export async function addressSpent(
  trusted: readonly string[] = [],
  peer = "192.0.2.1",
): Promise<LimitedSurface> {
  const limited = new LimitedSurface({ trusted });
  const ask = () => limited.ask("/openapi.json", { peer });
  assert.equal(await limited.letIn(RULE.burst + 1, ask), RULE.burst);
  return limited;
}
