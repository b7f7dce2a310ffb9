import type { Context } from "hono";
import { LRUCache } from "lru-cache";
import { DomainError } from "../../../domain/errors.ts";
import { type BucketRule, refillMilliseconds } from "../../../domain/limits/token_bucket.ts";
import { clientKey } from "../../../domain/network/address.ts";
import type { RateDecision, RateLimiter } from "../../../domain/ports/rate_limiter.ts";
import type { HttpEnv, HttpMiddleware } from "../environment.ts";

/** What limiting takes. The two limiters are of the one rule. */
export interface RateLimitParts {
  readonly rule: BucketRule;
  /** By verified subject. */
  readonly users: RateLimiter;
  /** By client address. Apart, so that no crowd of addresses can take a user's room. */
  readonly addresses: RateLimiter;
}

const USUAL_COST = 1;
const RUN_COST = 5;

/** Where jobs are queued, and listed. */
const JOBS = "/api/v1/executions";
/** Routes that cost more than usual, in any method: a refusal must not be the cheaper way to ask. */
const ROUTE_COSTS: ReadonlyMap<string, number> = new Map([
  ["/api/v1/execute_code", RUN_COST],
  [JOBS, RUN_COST],
  ["/api/v1/run_tests", RUN_COST],
]);

/** An MCP tool costs what its own route does. */
function toolCost(name: unknown): number {
  return ROUTE_COSTS.get(`/api/v1/${String(name)}`) ?? USUAL_COST;
}

/** Tokens that are known to verify: so many, and so many characters of them in all. */
const KNOWN_TOKENS = { max: 10_000, maxSize: 16 * 1024 * 1024 };

/** Takes each request's cost, and knows which tokens have verified before. */
export class RateLimits {
  readonly #parts: RateLimitParts;
  readonly #policy: string;
  readonly #known = new LRUCache<string, true>({
    ...KNOWN_TOKENS,
    sizeCalculation: (_known, token) => token.length,
  });

  constructor(parts: RateLimitParts) {
    this.#parts = parts;
    const windowSeconds = Math.ceil(refillMilliseconds(parts.rule) / 1000);
    this.#policy = `"default";q=${parts.rule.burst};w=${windowSeconds}`;
  }

  /** @throws {DomainError} `rate_limited`. */
  async chargeAddress(c: Context<HttpEnv>): Promise<void> {
    this.#decide(c, await this.#parts.addresses.take(this.#addressOf(c), USUAL_COST));
  }

  /** @throws {DomainError} `rate_limited`. */
  async chargeUser(c: Context<HttpEnv>): Promise<void> {
    await this.#takeFromUser(c, requestCost(c.req));
  }

  /**
   * Takes what the tool call in an MCP message costs beyond its request.
   *
   * @throws {DomainError} `rate_limited`.
   */
  async chargeTool(c: Context<HttpEnv>, message: unknown): Promise<void> {
    const cost = messageCost(message);
    if (cost > USUAL_COST) await this.#takeFromUser(c, cost - USUAL_COST);
  }

  /** Whether a token has verified before: its holder need not fear what others of its address do. */
  knows(token: string): boolean {
    return this.#known.get(token) ?? false;
  }

  /** Keeps a token that has verified. */
  learn(token: string): void {
    if (!this.#known.has(token)) this.#known.set(token, true);
  }

  /** Drops a token that verifies no more; whether it was known. */
  forget(token: string): boolean {
    return this.#known.delete(token);
  }

  /** Tells in every answer to a limited request what is left. */
  told(): HttpMiddleware {
    return async (c, next) => {
      await next();
      const decision = c.get("rate");
      if (decision === undefined) return;
      const { remaining, resetSeconds } = decision;
      const { headers } = c.res;
      headers.set("ratelimit", `"default";r=${remaining};t=${Math.ceil(resetSeconds)}`);
      headers.set("ratelimit-policy", this.#policy);
    };
  }

  async #takeFromUser(c: Context<HttpEnv>, cost: number): Promise<void> {
    this.#decide(c, await this.#parts.users.take(c.get("principal").subject, cost));
  }

  #decide(c: Context<HttpEnv>, decision: RateDecision): void {
    c.set("rate", decision);
    if (decision.allowed) return;
    const { burst } = this.#parts.rule;
    const { retryAfterSeconds } = decision;
    throw new DomainError({ code: "rate_limited", burst, retryAfterSeconds });
  }

  #addressOf(c: Context<HttpEnv>): string {
    const client = c.get("client");
    return client === null ? "no address" : clientKey(client);
  }
}

function requestCost({ method, path }: { readonly method: string; readonly path: string }): number {
  if (path === JOBS && (method === "GET" || method === "HEAD")) return USUAL_COST;
  return ROUTE_COSTS.get(path) ?? USUAL_COST;
}

function messageCost(message: unknown): number {
  if (typeof message !== "object" || message === null) return USUAL_COST;
  const { method, params } = message as { readonly method?: unknown; readonly params?: unknown };
  if (method !== "tools/call" || typeof params !== "object" || params === null) return USUAL_COST;
  return toolCost((params as { readonly name?: unknown }).name);
}
