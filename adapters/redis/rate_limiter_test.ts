import assert from "node:assert/strict";
import type { BucketRule } from "../../domain/limits/token_bucket.ts";
import { rateLimiterContract } from "../../tests/contracts/rate_limiter.ts";
import { eventually } from "../../tests/fixtures/eventually.ts";
import { type PrivateRedis, startPrivateRedis } from "../../tests/fixtures/private_redis.ts";
import { areRunning, redisService } from "../../tests/fixtures/services.ts";
import { openInstance } from "../../tests/fixtures/two_tier.ts";
import { MemoryRateLimiter } from "../memory/rate_limiter.ts";
import { RedisRateLimiter } from "./rate_limiter.ts";

const RULE = { burst: 10, perMinute: 60 };

interface Place extends AsyncDisposable {
  readonly limiter: RedisRateLimiter;
}

/** An instance's limiter; those of one name and one Redis share their buckets. */
async function openAt(
  url: string,
  name: string,
  { rule = RULE, now }: { readonly rule?: BucketRule; readonly now?: () => number } = {},
): Promise<Place> {
  const { connection, ...instance } = await openInstance(url);
  const local = new MemoryRateLimiter({ rule, monotonic: () => performance.now() });
  const limiter = new RedisRateLimiter({ connection, name, rule, local, ...(now && { now }) });
  return { limiter, [Symbol.asyncDispose]: () => instance[Symbol.asyncDispose]() };
}

if (await areRunning("redis")) {
  rateLimiterContract("RedisRateLimiter", async (rule, clock) => {
    const { url } = await redisService();
    const now = () => Math.round(clock.monotonic() * 1000);
    return await openAt(url, crypto.randomUUID(), { rule, now });
  }, { backend: "redis", maxKeys: null });
} else {
  Deno.test.ignore(
    "RedisRateLimiter: the contract of a rate limiter (needs Redis) [S30]",
    () => {},
  );
}

/** Whether there is a Redis to start. */
const IGNORE = { ignore: !(await areRunning("redis")) };

Deno.test(
  "RedisRateLimiter gives a user of two instances the limit of one (needs Redis) [S30]",
  IGNORE,
  async () => {
    const { url } = await redisService();
    const name = crypto.randomUUID();
    await using one = await openAt(url, name);
    await using two = await openAt(url, name);
    const asked = Array.from(
      { length: 100 },
      (_, at) => (at % 2 ? one : two).limiter.take("user", 1),
    );
    const allowed = (await Promise.all(asked)).filter((decision) => decision.allowed);
    assert.equal(allowed.length, RULE.burst);
    const { retryAfterSeconds, backend } = await one.limiter.take("user", 1);
    assert.ok(retryAfterSeconds > 0 && retryAfterSeconds <= 1, `${retryAfterSeconds}`);
    assert.equal(backend, "redis");
  },
);

Deno.test(
  "RedisRateLimiter keeps no bucket that is full, and no name that can be read (needs Redis) [S30]",
  IGNORE,
  async () => {
    await using redis = await startPrivateRedis();
    const rule = { burst: 10, perMinute: 6000 };
    await using place = await openAt(redis.url, "users", { rule });
    await place.limiter.take("secret-name", 10);
    const keys = await command(redis, "KEYS *");
    assert.match(keys, /ultimate-mcp:limit:users:/);
    assert.doesNotMatch(keys, /secret-name/);
    await eventually(
      "the bucket go",
      async () => (await command(redis, "KEYS *:limit:*")) === "*0" || null,
    );
  },
);

Deno.test(
  "RedisRateLimiter counts by itself while Redis is away, from where it stood (needs Redis) [S30]",
  IGNORE,
  async () => {
    await using redis = await startPrivateRedis();
    const rule = { burst: 10, perMinute: 1 };
    await using place = await openAt(redis.url, "users", { rule });
    const take = (cost: number) => place.limiter.take("user", cost);
    assert.equal((await take(4)).backend, "redis");
    for (const outage of ["freeze", "kill"] as const) {
      await redis[outage]();
      const alone = await take(1);
      assert.deepEqual([alone.allowed, alone.backend], [true, "memory"], outage);
      const refused = await take(9);
      assert.deepEqual([refused.allowed, refused.backend], [false, "memory"], outage);
      await (outage === "freeze" ? redis.thaw() : redis.restart());
      await eventually("Redis count again", async () => {
        return (await take(0)).backend === "redis" || null;
      });
    }
  },
);

Deno.test(
  "RedisRateLimiter gives two instances one limit on a Redis that is full (needs Redis) [S30]",
  IGNORE,
  async () => {
    await using redis = await startPrivateRedis();
    await using one = await openAt(redis.url, "users");
    await using two = await openAt(redis.url, "users");
    await redis.limit(1);
    const asked = Array.from({ length: 40 }, (_, at) => (at % 2 ? one : two).limiter.take("u", 1));
    const decisions = await Promise.all(asked);
    assert.deepEqual(new Set(decisions.map(({ backend }) => backend)), new Set(["redis"]));
    assert.equal(decisions.filter(({ allowed }) => allowed).length, RULE.burst);
  },
);

Deno.test(
  "RedisRateLimiter makes nobody wait longer than a full bucket takes where Redis' clock is set back (needs Redis) [S30]",
  IGNORE,
  async () => {
    const { url } = await redisService();
    let now = Date.now() * 1000;
    await using place = await openAt(url, crypto.randomUUID(), { now: () => now });
    const take = (cost: number) => place.limiter.take("user", cost);
    await take(1);
    now -= 3600e6;
    const refused = await take(RULE.burst);
    assert.deepEqual([refused.allowed, refused.resetSeconds], [false, RULE.burst]);
    assert.equal(refused.retryAfterSeconds, RULE.burst);
    // From then on it fills by that clock, though nothing was taken.
    now += 4e6;
    assert.equal((await take(5)).retryAfterSeconds, 1);
    assert.equal((await take(4)).allowed, true);
  },
);

/** What Redis answers, as it is sent. */
async function command({ port }: PrivateRedis, text: string): Promise<string> {
  using connection = await Deno.connect({ port });
  await connection.write(new TextEncoder().encode(`${text}\r\n`));
  const buffer = new Uint8Array(64 * 1024);
  const length = await connection.read(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, length)).trim();
}
