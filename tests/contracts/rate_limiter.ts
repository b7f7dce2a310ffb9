import assert from "node:assert/strict";
import type { BucketRule } from "../../domain/limits/token_bucket.ts";
import type { RateLimiter } from "../../domain/ports/rate_limiter.ts";
import { ManualClock } from "../fakes/manual_clock.ts";

/** A limiter with nothing taken yet, and the clock that it goes by. */
export interface LimiterPlace extends AsyncDisposable {
  readonly limiter: RateLimiter;
}

/** What an implementation may do one way or the other. */
export interface LimiterFeatures {
  /** Where its decisions say that they are counted. */
  readonly backend: "memory" | "redis";
  /** The most keys that it is told to keep, which a test fills; `null`: its store bounds them. */
  readonly maxKeys: number | null;
}

/** Opens a limiter by a rule and a clock. */
export type LimiterFactory = (rule: BucketRule, clock: ManualClock) => Promise<LimiterPlace>;

const RULE = { burst: 10, perMinute: 60 };

/** What every {@link RateLimiter} holds to. */
export function rateLimiterContract(
  name: string,
  open: LimiterFactory,
  features: LimiterFeatures,
): void {
  const check = (
    behaviour: string,
    body: (limiter: RateLimiter, clock: ManualClock) => Promise<void>,
  ) =>
    Deno.test(`${name} ${behaviour} [S30]`, async () => {
      const clock = new ManualClock();
      await using place = await open(RULE, clock);
      await body(place.limiter, clock);
    });

  check("gives a burst, then what comes back", async (limiter, clock) => {
    const first = await limiter.take("a", 7);
    assert.deepEqual(first, {
      allowed: true,
      remaining: 3,
      retryAfterSeconds: 0,
      resetSeconds: 7,
      backend: features.backend,
    });
    const refused = await limiter.take("a", 5);
    assert.deepEqual([refused.allowed, refused.remaining], [false, 3]);
    assert.equal(refused.retryAfterSeconds, 2);
    clock.advance(2000);
    assert.equal((await limiter.take("a", 5)).allowed, true);
    assert.equal((await limiter.take("a", 1)).allowed, false);
  });

  check("counts each key alone", async (limiter) => {
    for (const key of ["a", "b", "A", "", "a ", "__proto__", "\u0000", "ü".repeat(300)]) {
      assert.equal((await limiter.take(key, 10)).allowed, true, key);
      assert.equal((await limiter.take(key, 1)).allowed, false, key);
    }
  });

  check("lets in as many of a crowd at once as the bucket holds", async (limiter) => {
    const asked = Array.from({ length: 200 }, () => limiter.take("a", 1));
    const allowed = (await Promise.all(asked)).filter((decision) => decision.allowed);
    assert.equal(allowed.length, 10);
  });

  check("takes nothing where it refuses", async (limiter) => {
    await limiter.take("a", 8);
    for (let time = 0; time < 20; time += 1) await limiter.take("a", 5);
    assert.equal((await limiter.take("a", 2)).allowed, true);
  });

  check("takes the whole burst for a cost above it", async (limiter, clock) => {
    assert.equal((await limiter.take("a", 1000)).allowed, true);
    assert.equal((await limiter.take("a", 1000)).retryAfterSeconds, 10);
    clock.advance(10_000);
    assert.equal((await limiter.take("a", 1000)).allowed, true);
  });

  if (features.maxKeys !== null) crowded(check, features.maxKeys);
}

function crowded(
  check: (behaviour: string, body: (l: RateLimiter, c: ManualClock) => Promise<void>) => void,
  maxKeys: number,
): void {
  check("forgets no bucket for others' sake", async (limiter, clock) => {
    await limiter.take("spent", 10);
    for (let key = 0; key < 10 * maxKeys; key += 1) await limiter.take(`other ${key}`, 1);
    assert.equal((await limiter.take("spent", 1)).allowed, false);
    clock.advance(3000);
    assert.equal((await limiter.take("spent", 4)).allowed, false);
    assert.equal((await limiter.take("spent", 3)).allowed, true);
  });

  check("lets keys without room share one bucket until there is", async (limiter, clock) => {
    for (let key = 0; key < maxKeys; key += 1) await limiter.take(`first ${key}`, 5);
    const others = Array.from({ length: 50 }, (_, key) => limiter.take(`late ${key}`, 1));
    const allowed = (await Promise.all(others)).filter((decision) => decision.allowed);
    assert.equal(allowed.length, 10);
    clock.advance(5000);
    assert.equal((await limiter.take("late 49", 10)).allowed, true);
  });
}
