import assert from "node:assert/strict";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import { HealthHistory } from "./health_history.ts";
import type { DependencyCheck, Readiness } from "./service_status.ts";

const READY: DependencyCheck = { status: "ready", latencySeconds: 0 };

function checks(rest: Partial<Readiness["checks"]> = {}): Readiness["checks"] {
  return { graph: READY, records: READY, cache: READY, sandbox: READY, ...rest };
}

function away(detail: string): DependencyCheck {
  return { status: "degraded", latencySeconds: 2, detail };
}

Deno.test("HealthHistory keeps and logs what changes, the newest first [S40]", () => {
  const clock = new ManualClock();
  const logged: unknown[] = [];
  const log = { write: (...line: unknown[]) => void logged.push(line) };
  const history = new HealthHistory({ clock, log });
  const begun = new Date(clock.now()).toISOString();
  history.begin()(checks());
  assert.deepEqual(history.changes(), []);
  history.begin()(checks({ graph: away("no answer") }));
  history.begin()(checks({ graph: away("still none") }));
  clock.advance(60_000);
  history.begin()(checks());
  const graph = { dependency: "graph", from: "ready", to: "degraded" };
  const back = { dependency: "graph", from: "degraded", to: "ready", detail: null };
  assert.deepEqual(history.changes(), [
    { time: new Date(clock.now()).toISOString(), ...back },
    { time: begun, ...graph, detail: "no answer" },
  ]);
  assert.deepEqual(logged, [
    ["warn", "dependency_changed", { ...graph, detail: "no answer" }],
    ["info", "dependency_changed", back],
  ]);
});

Deno.test("HealthHistory takes all for ready before the first check [S40]", () => {
  const history = new HealthHistory({ clock: new ManualClock(), log: { write() {} } });
  history.begin()(
    checks({ sandbox: { status: "not_ready", latencySeconds: 0, detail: "starting" } }),
  );
  assert.deepEqual(history.changes().map(({ dependency, to }) => [dependency, to]), [
    ["sandbox", "not_ready"],
  ]);
});

Deno.test("HealthHistory keeps the last 50 changes [S40]", () => {
  const history = new HealthHistory({ clock: new ManualClock(), log: { write() {} } });
  for (let n = 0; n < 40; n += 1) {
    history.begin()(checks({ cache: away(`${n}`) }));
    history.begin()(checks());
  }
  assert.equal(history.changes().length, 50);
  assert.equal(history.changes()[1]?.detail, "39");
});

Deno.test("HealthHistory passes over a check that ends behind one begun after it [S40]", () => {
  const logged: unknown[] = [];
  const log = { write: (...line: unknown[]) => void logged.push(line) };
  const history = new HealthHistory({ clock: new ManualClock(), log });
  const [slow, quick, last] = [history.begin(), history.begin(), history.begin()];
  quick(checks());
  slow(checks({ graph: away("it was away when that check began") }));
  assert.deepEqual([history.changes(), logged], [[], []]);
  last(checks({ graph: away("now") }));
  assert.deepEqual(history.changes().map(({ to, detail }) => [to, detail]), [["degraded", "now"]]);
});
