import assert from "node:assert/strict";
import { DrivenBreaker } from "../../tests/fixtures/driven_breaker.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { DomainError, isFailure } from "../errors.ts";
import { TRANSITIONS } from "./breaker_policy.ts";
import { CircuitBreaker } from "./circuit_breaker.ts";

const OPENED = "fail fail fail fail fail";
async function rejectionOf(
  breaker: CircuitBreaker,
): Promise<{ breaker: string; retryAfterSeconds: number }> {
  try {
    await breaker.call(() => assert.fail("was let in"));
  } catch (error) {
    if (error instanceof DomainError && error.failure.code === "circuit_open") return error.failure;
    throw error;
  }
  assert.fail("was not rejected");
}

Deno.test("CircuitBreaker.call() rejects with the breaker's name and the seconds until a probe [S1]", async () => {
  const driven = new DrivenBreaker();
  await driven.follow(`${OPENED} 12.5s`);
  const { breaker, retryAfterSeconds } = await rejectionOf(driven.breaker);
  assert.deepEqual([breaker, retryAfterSeconds], ["part", 47.5]);
  await driven.follow("47.5s +a +b +c");
  assert.equal((await rejectionOf(driven.breaker)).retryAfterSeconds, 1, "probes are in flight");
  driven.breaker.forceOpen();
  assert.equal((await rejectionOf(driven.breaker)).retryAfterSeconds, 60, "forced");
});

Deno.test("CircuitBreaker.call() passes on what work gives and throws [S1]", async () => {
  const { breaker } = new DrivenBreaker();
  assert.equal(await breaker.call(() => Promise.resolve(7)), 7);
  assert.equal(await breaker.call(() => Promise.resolve(undefined)), undefined);
  const broken = new Error("broken");
  await assert.rejects(breaker.call(() => Promise.reject(broken)), (error) => error === broken);
  await assert.rejects(
    breaker.call(() => {
      throw broken;
    }),
    (error) => error === broken,
  );
  assert.deepEqual(breaker.metrics().calls, {
    total: 4,
    successful: 2,
    failed: 2,
    rejected: 0,
    ignored: 0,
  });
});

Deno.test("CircuitBreaker.call() ignores whatever is thrown once the caller's signal is aborted [S1]", async () => {
  const { breaker } = new DrivenBreaker({ failureThreshold: 1 });
  const caller = new AbortController();
  const broken = () => Promise.reject(new Error("connection closed"));
  caller.abort();
  await assert.rejects(breaker.call(broken, caller.signal), /connection closed/);
  assert.deepEqual([breaker.state, breaker.metrics().calls.ignored], ["closed", 1]);
  await assert.rejects(breaker.call(broken, new AbortController().signal), /connection closed/);
  assert.equal(breaker.state, "open");
});

Deno.test("CircuitBreaker.metrics() counts each call once, and the changes by from and to [S1]", async () => {
  const driven = new DrivenBreaker();
  assert.deepEqual(
    [driven.breaker.metrics().lastFailureAt, driven.breaker.metrics().lastSuccessAt],
    [null, null],
  );
  await driven.follow(`ok leave +late ${OPENED} ok ok 30s late=ok 30s ok 5s`);
  const { calls, transitions, ...metrics } = driven.breaker.metrics();
  assert.deepEqual(calls, { total: 11, successful: 3, failed: 5, rejected: 2, ignored: 1 });
  const happened = transitions.filter(({ count }) => count > 0);
  assert.deepEqual(happened, [
    { from: "closed", to: "open", count: 1 },
    { from: "open", to: "half_open", count: 1 },
  ]);
  assert.equal(transitions.length, TRANSITIONS.length);
  const now = driven.clock.now();
  assert.deepEqual([metrics.lastFailureAt, metrics.lastSuccessAt], [now - 65_000, now - 5000]);
  assert.deepEqual([metrics.name, metrics.state, metrics.retryAfterSeconds], [
    "part",
    "half_open",
    0,
  ]);
  driven.breaker.reset();
  assert.equal(driven.breaker.metrics().calls.total, 11, "counters never go back");
});

Deno.test("CircuitBreaker takes its time from the clock that cannot be set back [S1]", async () => {
  let [wall, monotonic] = [Date.UTC(2026, 0, 1), 1000];
  const clock = { now: () => wall, monotonic: () => monotonic };
  const policy = { failureThreshold: 1 };
  const breaker = new CircuitBreaker({ name: "part", clock, policy });
  await assert.rejects(breaker.call(() => Promise.reject(new Error("broken"))));
  wall += 3_600_000;
  await assert.rejects(
    breaker.call(() => Promise.resolve()),
    (error) => isFailure(error, "circuit_open"),
  );
  wall -= 7_200_000;
  monotonic += 60_000;
  await breaker.call(() => Promise.resolve());
  assert.equal(breaker.state, "half_open");
});

Deno.test("CircuitBreaker lets never more than three of 1,000 concurrent callers probe [S1]", async () => {
  const clock = new ManualClock();
  const breaker = new CircuitBreaker({ name: "part", clock, policy: { successThreshold: 40 } });
  for (let failure = 0; failure < 5; failure += 1) {
    await breaker.call(() => Promise.reject(new Error("broken"))).catch(() => {});
  }
  clock.advance(60_000);
  let [inFlight, most, probes] = [0, 0, 0];
  const probe = async (caller: number) => {
    probes += 1;
    inFlight += 1;
    most = Math.max(most, inFlight);
    for (let turn = 0; turn < 1 + caller % 7; turn += 1) await Promise.resolve();
    inFlight -= 1;
    if (caller % 3 === 0) throw new DomainError({ code: "cancelled" });
  };
  const outcomes = await Promise.allSettled(Array.from({ length: 1000 }, async (_, caller) => {
    for (let turn = 0; turn < caller % 50; turn += 1) await Promise.resolve();
    await breaker.call(() => probe(caller));
  }));
  assert.deepEqual([most, inFlight], [3, 0]);
  const rejected = outcomes.filter((outcome) =>
    outcome.status === "rejected" && isFailure(outcome.reason, "circuit_open")
  );
  const { calls } = breaker.metrics();
  assert.equal(rejected.length, calls.rejected);
  assert.equal(probes + rejected.length, 1000);
  assert.ok(probes > 3, "places were given back");
});
