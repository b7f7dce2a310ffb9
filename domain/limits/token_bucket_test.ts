import assert from "node:assert/strict";
import fc from "fast-check";
import { type BucketRule, takeFrom } from "./token_bucket.ts";

/** Times that come in any order, and what is asked at each. */
const asks = fc.array(
  fc.record({ cost: fc.integer({ min: 0, max: 12 }), wait: fc.integer({ min: -500, max: 3000 }) }),
  { maxLength: 60 },
);

/** Rates whose unit takes a whole number of milliseconds, so that the model counts exactly. */
const exactRules = fc.record({
  burst: fc.integer({ min: 1, max: 20 }),
  perMinute: fc.constantFrom(1, 10, 60, 100, 600, 3000, 60_000),
});

/** The bucket as one would write it down: units that are added to as time goes by, in 1/unit-ms. */
class Model {
  readonly #whole: number;
  readonly #perUnit: number;
  #level: number;
  #last = 0;

  constructor({ burst, perMinute }: BucketRule) {
    this.#perUnit = 60_000 / perMinute;
    this.#whole = burst * this.#perUnit;
    this.#level = this.#whole;
  }

  take(cost: number, now: number): { allowed: boolean; remaining: number } {
    this.#level = Math.min(this.#whole, this.#level + now - this.#last);
    this.#last = now;
    const price = Math.min(cost * this.#perUnit, this.#whole);
    const allowed = price <= this.#level;
    if (allowed) this.#level -= price;
    return { allowed, remaining: Math.floor(this.#level / this.#perUnit) };
  }
}

Deno.test("takeFrom() decides as a bucket does that is refilled step by step [S30]", () => {
  fc.assert(fc.property(exactRules, asks, (rule, asked) => {
    const model = new Model(rule);
    let [now, fullAt] = [0, 0];
    for (const { cost, wait } of asked) {
      now += Math.abs(wait);
      const taken = takeFrom(fullAt, rule, { cost, now });
      fullAt = taken.fullAt;
      const { allowed, remaining } = taken.decision;
      assert.deepEqual({ allowed, remaining }, model.take(cost, now));
    }
  }));
});

Deno.test("takeFrom() gives no more than the burst and what came back, whatever the clock does [S30]", () => {
  const rules = fc.record({
    burst: fc.integer({ min: 1, max: 500 }),
    perMinute: fc.integer({ min: 1, max: 100_000 }),
  });
  fc.assert(fc.property(rules, asks, (rule, asked) => {
    let [now, fullAt, given] = [1000, 0, 0];
    const first = now + (asked[0]?.wait ?? 0);
    let latest = first;
    for (const { cost, wait } of asked) {
      now += wait;
      latest = Math.max(latest, now);
      const taken = takeFrom(fullAt, rule, { cost, now });
      fullAt = taken.fullAt;
      if (taken.decision.allowed) given += Math.min(cost, rule.burst);
      const due = rule.burst + (latest - first) * rule.perMinute / 60_000;
      assert.ok(given <= due + 1e-3, `${given} of ${due}`);
    }
  }));
});

Deno.test("takeFrom() gives what it refused after the time that it named, and not before [S30]", () => {
  fc.assert(fc.property(exactRules, fc.integer({ min: 1, max: 20 }), (rule, cost) => {
    const { fullAt } = takeFrom(0, rule, { cost: rule.burst, now: 0 });
    const { decision } = takeFrom(fullAt, rule, { cost, now: 0 });
    assert.equal(decision.allowed, false);
    const wait = decision.retryAfterSeconds * 1000;
    assert.equal(takeFrom(fullAt, rule, { cost, now: wait - 1 }).decision.allowed, false);
    assert.equal(takeFrom(fullAt, rule, { cost, now: wait }).decision.allowed, true);
    assert.equal(decision.resetSeconds * 1000, fullAt);
  }));
});
