import {
  type BucketRule,
  decisionOf,
  refillMilliseconds,
} from "../../domain/limits/token_bucket.ts";
import type { RateDecision, RateLimiter } from "../../domain/ports/rate_limiter.ts";
import type { RedisConnection } from "./connection.ts";
import { hiddenName } from "./hidden_name.ts";
import { RedisScript } from "./script.ts";

/** What {@link RedisRateLimiter} works with. */
export interface RedisRateLimiterOptions {
  readonly connection: Pick<RedisConnection, "run">;
  /** Which buckets these are, among those of one Redis: another name, others. */
  readonly name: string;
  readonly rule: BucketRule;
  /** Counts along, and by itself while Redis is away. */
  readonly local: RateLimiter;
  /** Microseconds that stand for the server's time, where a test has to say what time it is. */
  readonly now?: () => number;
}

/**
 * KEYS: bucket. ARGV: price, whole bucket, now or nothing. All in whole microseconds, which are exact in a
 * number of Lua's. All that is kept is when the bucket will be full, for as long as it is not: a few bytes
 * that leave by themselves, for which a Redis that is full must have room, else it would be one limit on
 * each instance. A bucket never lacks more than it holds: what says so was written by a clock that has
 * been set back since. Gives whether it is allowed, and what the bucket lacked before.
 */
const TAKE = new RedisScript(
  `#!lua flags=allow-oom
  local price, whole, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
  if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000000 + time[2]
  end
  local kept = math.max(0, tonumber(redis.call('GET', KEYS[1]) or '0') - now)
  local missing = math.min(whole, kept)
  local after = missing + price
  local allowed = after <= whole
  local left = allowed and after or missing
  if left ~= kept then
    redis.call('SET', KEYS[1], string.format('%.0f', now + left), 'PX', math.ceil(left / 1000))
  end
  return {allowed and 1 or 0, missing}`,
);

/**
 * Token buckets that all instances share, in Redis and by its clock: one round trip a decision. While Redis
 * is away each instance counts alone, from what it has let through itself.
 */
export class RedisRateLimiter implements RateLimiter {
  readonly #options: RedisRateLimiterOptions;
  readonly #whole: number;
  readonly #perUnit: number;

  constructor(options: RedisRateLimiterOptions) {
    this.#options = options;
    this.#whole = Math.round(refillMilliseconds(options.rule) * 1000);
    this.#perUnit = this.#whole / options.rule.burst;
  }

  async take(key: string, cost: number): Promise<RateDecision> {
    const { rule, local } = this.#options;
    const price = Math.min(this.#whole, Math.round(cost * this.#perUnit));
    let answer: readonly [allowed: number, missing: number];
    try {
      answer = await this.#ask(key, price);
    } catch {
      return await local.take(key, cost);
    }
    const [one, missing] = answer;
    const allowed = one === 1;
    if (allowed) await local.take(key, cost);
    const asked = { allowed, missing: missing / 1000, after: (missing + price) / 1000 };
    return { ...decisionOf(rule, asked), backend: "redis" };
  }

  async #ask(key: string, price: number): Promise<readonly [number, number]> {
    const { connection, name, now } = this.#options;
    const values = [price, this.#whole, now?.() ?? ""].map(String);
    const bucket = `ultimate-mcp:limit:${name}:${hiddenName(`limit ${name}`, key)}`;
    const answer = await connection.run((client) => TAKE.run(client, [bucket], values));
    const [allowed, missing] = Array.isArray(answer) ? answer : [];
    return [Number(allowed), Number(missing)];
  }
}
