import assert from "node:assert/strict";
import fc from "fast-check";
import { createWindow, rateAtThreshold, SLICES, type WindowPolicy } from "./sliding_window.ts";

const POLICY: WindowPolicy = {
  over: { calls: 1 },
  minimumCalls: 1,
  failureRate: null,
  slowCalls: null,
};

const calls = fc.array(
  fc.record({
    call: fc.record({ failed: fc.boolean(), slow: fc.boolean() }),
    wait: fc.oneof(fc.nat(50), fc.nat(3000)),
  }),
  { maxLength: 200, size: "max" },
);

const overs = fc.oneof(
  fc.record({ calls: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ seconds: fc.constantFrom(0.1, 1, 7) }),
);

Deno.test("a SlidingWindow counts as one who keeps every call and counts them anew [B1]", () => {
  fc.assert(fc.property(overs, calls, fc.nat(10_000), (over, script, start) => {
    const window = createWindow({ ...POLICY, over });
    const all: { failed: boolean; slow: boolean; at: number }[] = [];
    let now = start;
    for (const { call, wait } of script) {
      now += wait;
      window.record(call, now);
      all.push({ ...call, at: now });
      const slice = (at: number) =>
        "seconds" in over ? Math.floor(at / (over.seconds * 1000 / SLICES)) : 0;
      const kept = "calls" in over
        ? all.slice(-over.calls)
        : all.filter(({ at }) => slice(at) > slice(now) - SLICES);
      const expected = {
        calls: kept.length,
        failed: kept.filter(({ failed }) => failed).length,
        slow: kept.filter(({ slow }) => slow).length,
      };
      assert.deepEqual(window.totals(now), expected);
    }
  }));
});

Deno.test("a SlidingWindow over time is empty once its time has passed [B1]", () => {
  const window = createWindow({ ...POLICY, over: { seconds: 10 } });
  window.record({ failed: true, slow: true }, 500);
  assert.deepEqual(window.totals(9999), { calls: 1, failed: 1, slow: 1 });
  assert.deepEqual(window.totals(10_000), { calls: 0, failed: 0, slow: 0 });
});

Deno.test("rateAtThreshold() is met by just the share, from just the number of calls [B1]", () => {
  const policy = { ...POLICY, minimumCalls: 4, failureRate: 0.5 };
  const slow = { ...policy, failureRate: null, slowCalls: { seconds: 1, rate: 0.25 } };
  assert.equal(rateAtThreshold({ calls: 4, failed: 2, slow: 0 }, policy), "failure_rate");
  assert.equal(rateAtThreshold({ calls: 5, failed: 2, slow: 5 }, policy), null);
  assert.equal(rateAtThreshold({ calls: 3, failed: 3, slow: 3 }, policy), null);
  assert.equal(rateAtThreshold({ calls: 4, failed: 4, slow: 1 }, slow), "slow_call_rate");
  assert.equal(rateAtThreshold({ calls: 5, failed: 5, slow: 1 }, slow), null);
  assert.equal(
    rateAtThreshold({ calls: 0, failed: 0, slow: 0 }, { ...policy, minimumCalls: 0 }),
    null,
  );
});
