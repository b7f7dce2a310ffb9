import assert from "node:assert/strict";
import { rateLimiterContract } from "../../tests/contracts/rate_limiter.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { MemoryRateLimiter } from "./rate_limiter.ts";

const MAX_KEYS = 20;

rateLimiterContract("MemoryRateLimiter", (rule, clock) =>
  Promise.resolve({
    limiter: new MemoryRateLimiter({
      rule,
      monotonic: () => clock.monotonic(),
      maxKeys: MAX_KEYS,
    }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }), { backend: "memory", maxKeys: MAX_KEYS });

Deno.test("MemoryRateLimiter keeps no bucket that is full [S30]", async () => {
  const clock = new ManualClock();
  const rule = { burst: 10, perMinute: 60 };
  const limiter = new MemoryRateLimiter({ rule, monotonic: () => clock.monotonic(), maxKeys: 50 });
  for (let key = 0; key < 100_000; key += 1) await limiter.take(`key ${key}`, 1);
  assert.equal(limiter.size, 50);
  clock.advance(1000);
  await limiter.take("another", 1);
  assert.equal(limiter.size, 1);
});
