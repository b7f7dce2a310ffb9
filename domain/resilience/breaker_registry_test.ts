import assert from "node:assert/strict";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { DomainError, type Failure } from "../errors.ts";
import type { BreakerChange } from "./breaker_policy.ts";
import { BreakerRegistry } from "./breaker_registry.ts";
import type { CircuitBreaker } from "./circuit_breaker.ts";
import { graphVerdict, isTransientGraphFault } from "./graph_faults.ts";

const broken = () => Promise.reject(new Error("broken"));

async function failing(breaker: CircuitBreaker, error: unknown, times = 5): Promise<void> {
  for (let call = 0; call < times; call += 1) {
    await assert.rejects(breaker.call(() => Promise.reject(error)), (thrown) => thrown === error);
  }
}

Deno.test("BreakerRegistry.getOrCreate() makes one breaker a name, however many ask at once [S2]", async () => {
  const registry = new BreakerRegistry(new ManualClock());
  const asked = await Promise.all(Array.from({ length: 100 }, async (_, caller) => {
    await Promise.resolve();
    return registry.getOrCreate("graph_read", { policy: { failureThreshold: caller + 1 } });
  }));
  assert.equal(new Set(asked).size, 1);
  assert.equal(registry.get("graph_read"), asked[0]);
  assert.equal(asked[0]?.policy.failureThreshold, 1, "the first one's policy holds");
  assert.notEqual(registry.getOrCreate("graph_write"), asked[0]);
});

Deno.test("BreakerRegistry.get() makes none, and takes no name for another's [S2]", () => {
  const registry = new BreakerRegistry(new ManualClock());
  for (const name of ["graph_read", "__proto__", "constructor"]) {
    assert.equal(registry.get(name), null);
  }
  assert.deepEqual(registry.metrics(), []);
});

Deno.test("BreakerRegistry tells all metrics, and resets all [S2]", async () => {
  const registry = new BreakerRegistry(new ManualClock());
  const [first, second, third] = ["a", "b", "c"].map((name) => registry.getOrCreate(name));
  assert.ok(first && second && third);
  await failing(first, new Error("broken"));
  second.forceOpen();
  await third.call(() => Promise.resolve());
  const shown = registry.metrics().map(({ name, state, calls }) => [name, state, calls.total]);
  assert.deepEqual(shown, [["a", "open", 5], ["b", "forced_open", 0], ["c", "closed", 1]]);
  registry.resetAll();
  assert.deepEqual(registry.metrics().map(({ state }) => state), ["closed", "closed", "closed"]);
});

Deno.test("BreakerRegistry keeps breakers apart [S2]", async () => {
  const registry = new BreakerRegistry(new ManualClock());
  const read = registry.getOrCreate("graph_read");
  const write = registry.getOrCreate("graph_write");
  await failing(write, new Error("broken"));
  assert.deepEqual([read.state, write.state], ["closed", "open"]);
});

Deno.test("BreakerRegistry.subscribe() tells of every breaker, also of later ones [B1]", async () => {
  const registry = new BreakerRegistry(new ManualClock());
  const told: BreakerChange[] = [];
  const early = registry.getOrCreate("early", { policy: { failureThreshold: 1 } });
  registry.subscribe((change) => void told.push(change));
  await assert.rejects(early.call(broken));
  registry.getOrCreate("late").disable();
  assert.deepEqual(told, [
    { breaker: "early", from: "closed", to: "open", cause: "failures" },
    { breaker: "late", from: "closed", to: "disabled", cause: "admin" },
  ]);
});

const AWAY: Failure = {
  code: "dependency_unavailable",
  dependency: "the graph",
  reason: "its process has ended",
  remedy: null,
  retryAfterSeconds: 1,
};
const TYPO: Failure = { code: "query_invalid", message: "RETRUN", line: 1, column: 1 };

/** What a call of the graph can throw, how it counts, and whether it is worth trying again. */
const FAULTS: readonly [thrown: Failure | Error, verdict: string, transient: boolean][] = [
  [AWAY, "failed", true],
  [{ ...AWAY, transient: true }, "failed", true],
  [{ ...AWAY, transient: false }, "failed", false],
  [{ ...AWAY, blameless: true }, "ignored", true],
  [new TypeError("a fault of the adapter's own"), "failed", false],
  [TYPO, "successful", false],
  [{ code: "query_not_read_only", reason: "CREATE" }, "successful", false],
  [{ code: "missing_endpoints", keys: ["a"] }, "successful", false],
  [{ code: "graph_conflict", reason: "it has relationships" }, "successful", false],
  [{ code: "validation_failed", errors: [] }, "successful", false],
  [{ code: "query_timeout", timeoutSeconds: 5 }, "ignored", false],
  [{ code: "cancelled" }, "ignored", false],
  [{ code: "shutting_down", retryAfterSeconds: 1 }, "ignored", false],
  [{ code: "circuit_open", breaker: "inner", retryAfterSeconds: 1 }, "ignored", false],
];

for (const [thrown, verdict, transient] of FAULTS) {
  const [what, error] = thrown instanceof Error
    ? [thrown.name, thrown]
    : [JSON.stringify(thrown), new DomainError(thrown)];
  Deno.test(`graphVerdict() and isTransientGraphFault() judge ${what} [S3, S5]`, () => {
    assert.deepEqual([graphVerdict(error), isTransientGraphFault(error)], [verdict, transient]);
  });
}

Deno.test("five of a caller's faults leave the graph's breaker closed, five of the engine's open it [S3]", async () => {
  const registry = new BreakerRegistry(new ManualClock());
  const breaker = registry.getOrCreate("graph_read", { judge: graphVerdict });
  for (const [thrown, verdict] of FAULTS) {
    if (verdict === "failed" || thrown instanceof Error) continue;
    await failing(breaker, new DomainError(thrown), 20);
    assert.equal(breaker.state, "closed", thrown.code);
  }
  await failing(breaker, new DomainError(AWAY));
  assert.equal(breaker.state, "open");
});

Deno.test("a caller's typos between the engine's failures show that it answers [S3]", async () => {
  const registry = new BreakerRegistry(new ManualClock());
  const breaker = registry.getOrCreate("graph_read", { judge: graphVerdict });
  await failing(breaker, new DomainError(AWAY), 4);
  await failing(breaker, new DomainError(TYPO), 1);
  await failing(breaker, new DomainError(AWAY), 4);
  assert.equal(breaker.state, "closed");
});
