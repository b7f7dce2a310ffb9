/** Hits of the cache before Redis, and decisions of the limiter in it, beside lru-cache and a bare GET. */

import { LRUCache } from "lru-cache";
import { MemoryCache } from "../../adapters/memory/cache.ts";
import { MemoryRateLimiter } from "../../adapters/memory/rate_limiter.ts";
import { createRedisClient } from "../../adapters/redis/client.ts";
import { RedisRateLimiter } from "../../adapters/redis/rate_limiter.ts";
import type { NearCache } from "../../adapters/redis/two_tier_cache.ts";
import { startPrivateRedis } from "../fixtures/private_redis.ts";
import { type Instance, type InstanceOptions, openInstance } from "../fixtures/two_tier.ts";
import { median } from "./statistics.ts";

const ENTRIES = 500;
const PAIRS = 41;
const MINUTES = { ttlSeconds: 3600 };
const KEYS = Array.from({ length: ENTRIES }, (_, at) => at.toString(16).padStart(64, "0"));

/** Nanoseconds of one of many calls. */
type Side = () => Promise<number>;

/** A tier in memory that keeps nothing. */
const NOTHING: NearCache<unknown> = {
  get: () => undefined,
  set: () => false,
  delete: () => {},
  clear: () => {},
  statistics: () => {
    throw new Error("Cannot tell: nothing is kept");
  },
};

/** Calls one after the other, without waiting where there is an answer at once. */
function inMemory(get: (key: string) => unknown): Side {
  const count = 100_000;
  return async () => {
    const begun = performance.now();
    let hits = 0;
    for (let at = 0; at < count; at += 1) {
      const found = get(KEYS[at % ENTRIES] ?? "");
      if ((found instanceof Promise ? await found : found) !== undefined) hits += 1;
    }
    // Variables are not given while nobody can tell that they hold.
    if (hits < 0.99 * count) throw new Error(`Cannot measure hits: ${count - hits} gets missed`);
    return (performance.now() - begun) * 1e6 / count;
  };
}

function overNetwork(get: (key: string) => unknown, atOnce: number): Side {
  const rounds = Math.ceil(2000 / atOnce);
  return async () => {
    const begun = performance.now();
    for (let round = 0; round < rounds; round += 1) {
      const asked = Array.from(
        { length: atOnce },
        (_, at) => get(KEYS[(round + at) % ENTRIES] ?? ""),
      );
      if ((await Promise.all(asked)).includes(undefined)) throw new Error("missed");
    }
    return (performance.now() - begun) * 1e6 / (rounds * atOnce);
  };
}

async function row(name: string, ours: Side, bare: Side): Promise<string> {
  const pairs: { readonly ours: number; readonly bare: number }[] = [];
  for (let pair = -2; pair < PAIRS; pair += 1) {
    const first = pair % 2 === 0 ? await ours() : await bare();
    const second = pair % 2 === 0 ? await bare() : await ours();
    // The first two only warm up.
    if (pair < 0) continue;
    pairs.push(pair % 2 === 0 ? { ours: first, bare: second } : { ours: second, bare: first });
  }
  const side = (of: "ours" | "bare") => median(pairs.map((pair) => pair[of])).toFixed(0);
  const ratio = median(pairs.map(({ ours, bare }) => ours / bare)).toFixed(2);
  return `redis  ${name.padEnd(36)} ${ratio} (${side("ours")} / ${side("bare")} ns)`;
}

/** Writes a row for each way to read. */
export async function benchSharedCache(write: (line: string) => Promise<void>): Promise<void> {
  await using redis = await startPrivateRedis();
  await using stack = new AsyncDisposableStack();
  const client = stack.adopt(createRedisClient(redis.url), (client) => client.destroy());
  await client.connect();
  const lru = new LRUCache<string, object>({ max: ENTRIES, ttl: 3_600_000 });
  const near = () =>
    new MemoryCache<unknown>({ maxSize: ENTRIES, monotonic: () => performance.now() });
  const open = (options: InstanceOptions) => openInstance(redis.url, { near: near(), ...options });
  const constants = stack.use(await open({ constant: true }));
  const variables = stack.use(await open({ prefix: "variables" }));
  const far = stack.use(await openInstance(redis.url, { constant: true, near: NOTHING }));
  for (const key of KEYS) {
    const value = { id: key, outcome: "ok" };
    lru.set(key, value);
    await client.set(key, JSON.stringify(value));
    await constants.cache.set(key, value, MINUTES);
    await variables.cache.set(key, value, MINUTES);
  }
  const bare = inMemory((key) => lru.get(key));
  await write(await row("a hit in memory", inMemory((key) => constants.cache.get(key)), bare));
  await write(
    await row("a hit in memory, of variables", inMemory((key) => variables.cache.get(key)), bare),
  );
  for (const atOnce of [1, 50]) {
    const ours = overNetwork((key) => far.cache.get(key), atOnce);
    const raw = overNetwork((key) => client.get(key), atOnce);
    await write(await row(`a hit in Redis, ${atOnce} at once`, ours, raw));
    const limiter = limiterOver(far);
    const deciding = overNetwork((key) => limiter.take(key, 1), atOnce);
    await write(await row(`a limiter's decision, ${atOnce} at once`, deciding, raw));
  }
}

function limiterOver({ connection }: Instance): RedisRateLimiter {
  const rule = { burst: 1e6, perMinute: 1e6 };
  const local = new MemoryRateLimiter({ rule, monotonic: () => performance.now() });
  return new RedisRateLimiter({ connection, name: "bench", rule, local });
}
