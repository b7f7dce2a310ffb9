import assert from "node:assert/strict";
import { MemoryExecutionRecords } from "../adapters/memory/execution_records.ts";
import { BreakerRegistry } from "../domain/resilience/breaker_registry.ts";
import type { RunnerStatus } from "../domain/ports/execution_runner.ts";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import { ScriptedRunner } from "../tests/fakes/scripted_runner.ts";
import { HealthHistory } from "./health_history.ts";
import {
  checkReadiness,
  serviceStatus,
  type StatusParts,
  type SystemUse,
} from "./service_status.ts";

class Sandbox extends ScriptedRunner {
  readonly #changes: Partial<RunnerStatus>;

  constructor(changes: Partial<RunnerStatus>) {
    super();
    this.#changes = changes;
  }

  override status(): RunnerStatus {
    return { ...super.status(), ...this.#changes };
  }
}

function partsWith(sandbox: Partial<RunnerStatus>, rest: Partial<StatusParts> = {}): StatusParts {
  const clock = new ManualClock();
  return {
    version: "1.2.3",
    backends: { graph: "embedded", records: "sqlite", cache: "memory" },
    startedAt: { now: clock.now(), monotonic: clock.monotonic() - 90_000 },
    clock,
    sandbox: new Sandbox(sandbox),
    admission: { state: () => ({ running: 1, waiting: 2 }) },
    records: new MemoryExecutionRecords(),
    breakers: new BreakerRegistry(clock),
    cacheRegistry: { reports: () => [] },
    pingGraph: () => Promise.resolve(),
    pingCache: () => Promise.resolve(),
    pingSandbox: () => Promise.resolve(),
    pingRecords: () => Promise.resolve(),
    stopping: () => false,
    clean: (text) => text,
    history: new HealthHistory({ clock, log: { write() {} } }),
    ...rest,
  };
}

Deno.test("serviceStatus() tells version, uptime and how full the sandbox is [S40]", () => {
  // The clock was set back by an hour meanwhile.
  const clock = { now: () => -3_600_000, monotonic: () => 95_000 };
  const startedAt = { now: 0, monotonic: 5_000 };
  const status = serviceStatus(partsWith({}, { clock, startedAt }));
  assert.deepEqual(
    [status.version, status.uptimeSeconds, status.executions],
    ["1.2.3", 90, { running: 1, waiting: 2 }],
  );
});

Deno.test("serviceStatus() tells how the machine is, where somebody looks at it [S40]", () => {
  const system: SystemUse = {
    cpuPercent: 12.5,
    memoryUsedBytes: 1000,
    memoryPercent: 50,
    diskPercent: 75,
    loadAverage: [1, 0.5, 0.25],
  };
  assert.deepEqual(serviceStatus(partsWith({}, { system: () => system })).system, system);
  assert.equal(serviceStatus(partsWith({})).system, null);
});

Deno.test("serviceStatus() tells of the circuit breakers [S2, S40]", () => {
  const breakers = new BreakerRegistry(new ManualClock());
  breakers.getOrCreate("graph_read").forceOpen();
  const status = serviceStatus(partsWith({}, { breakers }));
  assert.deepEqual(status.breakers.map(({ name, state }) => [name, state]), [
    ["graph_read", "forced_open"],
  ]);
});

Deno.test("checkReadiness() is ready when every part is [S40]", async () => {
  assert.equal((await checkReadiness(partsWith({}))).status, "ready");
});

Deno.test("checkReadiness() is degraded when a sandbox that stands does not answer [S40]", async () => {
  const pingSandbox = () => Promise.reject(new Error("it is slow"));
  const { status, checks } = await checkReadiness(partsWith({}, { pingSandbox }));
  assert.deepEqual([status, checks.sandbox.detail], ["degraded", "it is slow"]);
});

Deno.test("checkReadiness() shows faults of dependencies, and in the history too, without what is secret [S40, S34]", async () => {
  const away = () => Promise.reject(new Error("bolt://neo4j:hunter22@db refused hunter22"));
  const pings = { pingGraph: away, pingCache: away, pingRecords: away, pingSandbox: away };
  const parts = partsWith({}, { ...pings, clean: (text) => text.replaceAll("hunter22", "…") });
  const { checks } = await checkReadiness(parts);
  const changes = parts.history.changes();
  assert.equal(changes.length, 4);
  for (const { detail } of [...Object.values(checks), ...changes]) {
    assert.equal(detail, "bolt://neo4j:…@db refused …");
  }
});

Deno.test("checkReadiness() is degraded when a language is missing, and names it [S40]", async () => {
  const unavailableLanguages = { bash: { reason: "no bash", remedy: "Install bash." } };
  const { status, checks } = await checkReadiness(partsWith({ unavailableLanguages }));
  assert.deepEqual([status, checks.sandbox.detail], ["degraded", "bash: no bash"]);
});

Deno.test("checkReadiness() is degraded when a package is not preloaded, and names it [S40, B8]", async () => {
  const notPreloaded = { pandas: { reason: "ImportError: no numpy", remedy: "Install it." } };
  const packages = { preloaded: [], notPreloaded };
  const { status, checks } = await checkReadiness(partsWith({ packages }));
  assert.deepEqual([status, checks.sandbox.detail], ["degraded", "pandas: ImportError: no numpy"]);
});

Deno.test("checkReadiness() is not ready without a sandbox, with the remedy [S40]", async () => {
  const refusal = { reason: "no user namespaces", remedy: "Allow them." };
  const { status, checks } = await checkReadiness(partsWith({ ready: false, refusal }));
  assert.deepEqual([status, checks.sandbox.detail], [
    "not_ready",
    "no user namespaces. Allow them.",
  ]);
});

Deno.test("checkReadiness() is degraded when the graph's engine does not answer, and says why [S40]", async () => {
  const pingGraph = () => Promise.reject(new Error("no addon"));
  const { status, checks } = await checkReadiness(partsWith({}, { pingGraph }));
  assert.deepEqual([status, checks.graph.detail], ["degraded", "no addon"]);
});

for (const name of ["graph_read", "graph_write"]) {
  Deno.test(`checkReadiness() is degraded while ${name} lets no call through [S4, S40]`, async () => {
    const breakers = new BreakerRegistry(new ManualClock());
    breakers.getOrCreate("graph_read");
    const one = breakers.getOrCreate(name);
    const seen = async () => {
      const { status, checks: { graph } } = await checkReadiness(partsWith({}, { breakers }));
      return [status, graph.status, graph.breaker];
    };
    assert.deepEqual(await seen(), ["ready", "ready", "closed"]);
    one.forceOpen();
    assert.deepEqual(await seen(), ["degraded", "degraded", "forced_open"]);
    one.reset();
    assert.deepEqual(await seen(), ["ready", "ready", "closed"]);
  });
}

Deno.test("checkReadiness() is not ready when the records are away [S40]", async () => {
  const records = new MemoryExecutionRecords();
  await records[Symbol.asyncDispose]();
  const { status, checks } = await checkReadiness(partsWith({}, { records }));
  assert.deepEqual([status, checks.records.status], ["not_ready", "not_ready"]);
});

Deno.test("checkReadiness() is degraded while records wait for their database, and says why [S40]", async () => {
  const pingRecords = () => Promise.reject(new Error("it does not answer"));
  const { status, checks } = await checkReadiness(partsWith({}, { pingRecords }));
  assert.deepEqual([status, checks.records.detail], ["degraded", "it does not answer"]);
  const records = new MemoryExecutionRecords();
  await records[Symbol.asyncDispose]();
  const neither = await checkReadiness(partsWith({}, { records, pingRecords }));
  assert.equal(neither.status, "not_ready");
});

Deno.test("checkReadiness() is not ready once the service stops [S40]", async () => {
  assert.equal((await checkReadiness(partsWith({}, { stopping: () => true }))).status, "not_ready");
});

Deno.test("checkReadiness() tells a sandbox that is starting from one that is stopping [S40]", async () => {
  const detailOf = async (stopping: boolean) => {
    const parts = partsWith({ ready: false, refusal: null }, { stopping: () => stopping });
    return (await checkReadiness(parts)).checks.sandbox.detail;
  };
  assert.deepEqual([await detailOf(false), await detailOf(true)], ["starting", "stopping"]);
});
