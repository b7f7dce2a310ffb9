import assert from "node:assert/strict";
import { DrivenBreaker } from "../../tests/fixtures/driven_breaker.ts";
import { type BreakerPolicy, TRANSITIONS } from "./breaker_policy.ts";

const OPENED = "fail fail fail fail fail";
const HALF = `${OPENED} 60s`;

const WINDOW = { over: { calls: 10 }, minimumCalls: 4, failureRate: 0.5, slowCalls: null };
const SLOW = { ...WINDOW, failureRate: null, slowCalls: { seconds: 1, rate: 0.5 } };
const TIMED = { ...WINDOW, over: { seconds: 10 } };

/** What is done, in the words of `DrivenBreaker.follow`, and every change of state that comes of it. */
const TABLE: readonly [does: string, script: string, changes: string, Partial<BreakerPolicy>?][] = [
  ["opens at five failures in a row", OPENED, "closed>open failures"],
  ["stays closed at four", "fail fail fail fail", ""],
  ["begins to count anew at a success", "fail fail fail fail ok fail fail fail fail", ""],
  [
    "does not count who leaves, for or against",
    "fail fail leave fail fail leave fail",
    "closed>open failures",
  ],
  ["lets nobody in before its time is over", `${OPENED} 59.999s ok`, "closed>open failures"],
  ["lets a probe in when it is", `${HALF} +a`, "closed>open failures, open>half_open timeout_over"],
  [
    "closes at two good probes",
    `${HALF} ok ok`,
    "closed>open failures, open>half_open timeout_over, half_open>closed probes_succeeded",
  ],
  ["stays half open at one", `${HALF} ok`, "closed>open failures, open>half_open timeout_over"],
  [
    "opens at one bad probe, for as long again",
    `${HALF} ok fail 59.999s ok 0.001s ok`,
    "closed>open failures, open>half_open timeout_over, half_open>open probe_failed, " +
    "open>half_open timeout_over",
  ],
  [
    "needs as many failures as ever once it has closed",
    `${HALF} ok ok fail fail fail fail`,
    "closed>open failures, open>half_open timeout_over, half_open>closed probes_succeeded",
  ],
  [
    "gives the places of probes back whose callers left",
    `${HALF} leave leave leave leave ok ok`,
    "closed>open failures, open>half_open timeout_over, half_open>closed probes_succeeded",
  ],
  [
    "counts probes that nobody heard of as failed",
    `${HALF} +a +b +c 59.999s ok 0.001s ok 60s ok ok`,
    "closed>open failures, open>half_open timeout_over, half_open>open probes_overdue, " +
    "open>half_open timeout_over, half_open>closed probes_succeeded",
  ],
  [
    "is not moved by a failure that began before it opened",
    `+a +b ${HALF} ok a=fail b=ok ok`,
    "closed>open failures, open>half_open timeout_over, half_open>closed probes_succeeded",
  ],
  [
    "is not closed by a probe of a half-open time that is over",
    `${HALF} +a +b fail 60s +c a=ok b=ok c=ok`,
    "closed>open failures, open>half_open timeout_over, half_open>open probe_failed, " +
    "open>half_open timeout_over",
  ],
  [
    "is not opened by a probe that fails after it has closed",
    `${HALF} +a ok ok a=fail fail fail fail fail`,
    "closed>open failures, open>half_open timeout_over, half_open>closed probes_succeeded",
  ],
  ["is not opened by failures from before a reset", "+a fail fail fail fail reset! a=fail", ""],
  ["forgets failures at a reset", "fail fail fail fail reset! fail", ""],
  ["is closed by a reset", `${OPENED} reset! ok`, "closed>open failures, open>closed admin"],
  [
    "is closed by a reset while it is half open, and its probes are late",
    `${HALF} +a reset! a=fail`,
    "closed>open failures, open>half_open timeout_over, half_open>closed admin",
  ],
  ["stays open for good when it is forced", "open! 9999s ok", "closed>forced_open admin"],
  [
    "is forced open while it is open",
    `${OPENED} open! 60s ok`,
    "closed>open failures, open>forced_open admin",
  ],
  [
    "is forced open while it is half open",
    `${HALF} +a open! a=ok ok`,
    "closed>open failures, open>half_open timeout_over, half_open>forced_open admin",
  ],
  [
    "leaves a forced state by a reset only",
    "open! ok reset! ok",
    "closed>forced_open admin, forced_open>closed admin",
  ],
  ["never opens while it is disabled", `disable! ${OPENED} ${OPENED}`, "closed>disabled admin"],
  [
    "is disabled while it is open",
    `${OPENED} disable! ok`,
    "closed>open failures, open>disabled admin",
  ],
  [
    "is disabled while it is half open",
    `${HALF} +a disable! a=fail`,
    "closed>open failures, open>half_open timeout_over, half_open>disabled admin",
  ],
  [
    "goes from disabled to closed with nothing counted",
    "disable! fail fail fail fail fail reset! fail fail fail fail",
    "closed>disabled admin, disabled>closed admin",
  ],
  [
    "goes from forced open to disabled and back",
    "open! disable! open!",
    "closed>forced_open admin, forced_open>disabled admin, disabled>forced_open admin",
  ],
  [
    "says nothing of a change to what it is",
    "reset! disable! disable! open! open!",
    "closed>disabled admin, disabled>forced_open admin",
  ],
  ["opens at a rate of failures", "ok ok fail fail", "closed>open failure_rate", {
    window: WINDOW,
  }],
  ["needs the least number of calls for it", "ok fail fail", "", { window: WINDOW }],
  [
    "forgets calls that are out of the window",
    "fail fail fail ok ok ok ok ok ok ok ok ok ok fail fail fail fail",
    "",
    { window: { ...WINDOW, minimumCalls: 10 }, failureThreshold: 9 },
  ],
  [
    "counts nobody who leaves into the window",
    "ok ok leave fail leave fail",
    "closed>open failure_rate",
    { window: WINDOW },
  ],
  ["opens at five in a row whatever the window says", OPENED, "closed>open failures", {
    window: { ...WINDOW, minimumCalls: 10 },
  }],
  ["opens at a rate of failures within a time", "ok ok 9s fail fail", "closed>open failure_rate", {
    window: TIMED,
  }],
  ["forgets calls that are older", "ok fail 10s ok ok fail", "", { window: TIMED }],
  [
    "opens at a rate of slow calls, though they succeed",
    "+a +b 1.001s a=ok b=ok ok ok",
    "closed>open slow_call_rate",
    { window: SLOW },
  ],
  ["counts slow failures as slow", "ok ok +a +b 2s a=fail b=fail", "closed>open slow_call_rate", {
    window: SLOW,
  }],
  ["takes just as long as allowed for quick", "+a +b 1s a=ok b=ok ok ok", "", { window: SLOW }],
  [
    "opens again at a slow probe",
    "+a +b 2s a=ok b=ok ok ok 60s +c 2s c=ok",
    "closed>open slow_call_rate, open>half_open timeout_over, half_open>open probe_failed",
    { window: SLOW },
  ],
  [
    "begins with an empty window when it closes",
    "ok ok fail fail 60s ok ok fail fail fail",
    "closed>open failure_rate, open>half_open timeout_over, half_open>closed probes_succeeded",
    { window: WINDOW },
  ],
];

for (const [does, script, expected, policy] of TABLE) {
  Deno.test(`CircuitBreaker ${does} [S1, B1]`, async () => {
    const driven = new DrivenBreaker(policy);
    await driven.follow(script);
    const told = driven.changes.map(({ from, to, cause }) => `${from}>${to} ${cause}`);
    assert.equal(told.join(", "), expected);
    assert.ok(driven.changes.every(({ breaker }) => breaker === "part"));
    const [last] = expected.split(", ").slice(-1);
    assert.equal(driven.breaker.state, /> ?(\w+)/.exec(last ?? "")?.[1] ?? "closed");
  });
}

Deno.test("the table of CircuitBreaker has every change of state that there can be [S1, B1]", () => {
  const seen = TABLE.flatMap(([, , changes]) =>
    changes.split(", ").map((change) => change.split(" ")[0])
  );
  const possible = TRANSITIONS.map(([from, to]) => `${from}>${to}`);
  assert.deepEqual(possible.filter((change) => !seen.includes(change)), []);
  assert.deepEqual(seen.filter((change) => change !== "" && !possible.includes(change ?? "")), []);
});
