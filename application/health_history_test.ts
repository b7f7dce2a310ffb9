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

Deno.test("HealthHistory.note() keeps and logs what changes, the newest first [S40]", () => {
  const clock = new ManualClock();
  const logged: unknown[] = [];
  const log = { write: (...line: unknown[]) => void logged.push(line) };
  const history = new HealthHistory({ clock, log });
  const begun = new Date(clock.now()).toISOString();
  history.note(checks());
  assert.deepEqual(history.changes(), []);
  history.note(checks({ graph: away("no answer") }));
  history.note(checks({ graph: away("still none") }));
  clock.advance(60_000);
  history.note(checks());
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

Deno.test("HealthHistory.note() takes all for ready before the first check [S40]", () => {
  const history = new HealthHistory({ clock: new ManualClock(), log: { write() {} } });
  history.note(checks({ sandbox: { status: "not_ready", latencySeconds: 0, detail: "starting" } }));
  assert.deepEqual(history.changes().map(({ dependency, to }) => [dependency, to]), [
    ["sandbox", "not_ready"],
  ]);
});

Deno.test("HealthHistory.note() keeps the last 50 changes [S40]", () => {
  const history = new HealthHistory({ clock: new ManualClock(), log: { write() {} } });
  for (let n = 0; n < 40; n += 1) {
    history.note(checks({ cache: away(`${n}`) }));
    history.note(checks());
  }
  assert.equal(history.changes().length, 50);
  assert.equal(history.changes()[1]?.detail, "39");
});
