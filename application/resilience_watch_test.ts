import assert from "node:assert/strict";
import { MemoryAuditLog } from "../adapters/memory/audit_log.ts";
import type { AuditLog } from "../domain/ports/audit_log.ts";
import type { Measurement } from "../domain/ports/telemetry.ts";
import { BreakerRegistry } from "../domain/resilience/breaker_registry.ts";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import { away, ManualRetrier } from "../tests/fakes/manual_retrier.ts";
import { AuditTrail } from "./audit_trail.ts";
import { breakerWatch, retryWatch } from "./resilience_watch.ts";

function setUp(auditLog: Pick<AuditLog, "append"> = new MemoryAuditLog()) {
  const clock = new ManualClock();
  const lines: string[] = [];
  const measured: Measurement[] = [];
  const log = {
    write: (level: string, event: string, fields: object = {}) =>
      void lines.push(`${level} ${event} ${JSON.stringify(fields)}`),
  };
  const telemetry = { record: (measurement: Measurement) => void measured.push(measurement) };
  let events = 0;
  const newId = () => `event-${++events}`;
  const trail = { log: auditLog as AuditLog, clock, newId, telemetry, faults: log };
  const audit = new AuditTrail(trail);
  const breakers = new BreakerRegistry(clock);
  breakers.subscribe(breakerWatch({ log, audit }));
  return { clock, lines, measured, log, telemetry, audit, breakers };
}

Deno.test("breakerWatch() logs what a breaker does by itself, and audits all but its probes [B1]", async () => {
  const auditLog = new MemoryAuditLog();
  const { breakers, clock, lines, audit } = setUp(auditLog);
  const policy = { failureThreshold: 1, successThreshold: 1 };
  const breaker = breakers.getOrCreate("graph_read", { policy });
  await assert.rejects(breaker.call(() => Promise.reject(new Error("broken"))));
  clock.advance(60_000);
  await assert.rejects(breaker.call(() => Promise.reject(new Error("broken"))));
  clock.advance(60_000);
  await breaker.call(() => Promise.resolve());
  await audit.close();
  const changes = [
    { breaker: "graph_read", from: "closed", to: "open", cause: "failures" },
    { breaker: "graph_read", from: "open", to: "half_open", cause: "timeout_over" },
    { breaker: "graph_read", from: "half_open", to: "open", cause: "probe_failed" },
    { breaker: "graph_read", from: "open", to: "half_open", cause: "timeout_over" },
    { breaker: "graph_read", from: "half_open", to: "closed", cause: "probes_succeeded" },
  ];
  assert.deepEqual(auditLog.events.map(({ type, userId, details }) => [type, userId, details]), [
    ["circuit_breaker_changed", null, changes[0]],
    ["circuit_breaker_changed", null, changes[4]],
  ]);
  const levels = ["warn", "debug", "debug", "debug", "info"];
  assert.deepEqual(
    lines,
    changes.map((change, at) => `${levels[at]} circuit_breaker_changed ${JSON.stringify(change)}`),
  );
});

Deno.test("breakerWatch() logs what an admin does, and leaves the audit to who knows the admin [B1]", async () => {
  const auditLog = new MemoryAuditLog();
  const { breakers, lines, audit } = setUp(auditLog);
  const breaker = breakers.getOrCreate("graph_read");
  breaker.forceOpen();
  breaker.reset();
  await audit.close();
  assert.deepEqual(auditLog.events, []);
  assert.deepEqual(lines.map((line) => line.split(" ")[0]), ["warn", "info"]);
});

Deno.test("breakerWatch() keeps nobody waiting, and logs an event that could not be kept [B1]", async () => {
  const { breakers, lines, audit } = setUp({
    append: () => Promise.reject(new Error("disk full")),
  });
  const breaker = breakers.getOrCreate("graph_read", { policy: { failureThreshold: 1 } });
  await assert.rejects(breaker.call(() => Promise.reject(new Error("broken"))), /broken/);
  await audit.close();
  assert.equal(breaker.state, "open");
  assert.match(lines[1] ?? "", /^error audit_event_lost .*circuit_breaker_changed.*disk full/);
});

Deno.test("retryWatch() logs a warning before each wait, and counts what becomes of it [S5]", async () => {
  const { lines, measured, log, telemetry } = setUp();
  const onEvent = retryWatch({ log, telemetry });
  let logged = 0;
  const { retrier } = new ManualRetrier({
    onEvent,
    sleep: () => {
      logged = lines.length;
      return Promise.resolve();
    },
  });
  const bounds = { signal: new AbortController().signal, deadline: Infinity };
  await retrier.run(
    (attempt) => attempt === 1 ? Promise.reject(away()) : Promise.resolve(),
    bounds,
  );
  const reason = "Cannot reach the graph: its process has ended.";
  const fields = { operation: "graph_read", attempts: 1, wait_seconds: 0.2, reason };
  assert.deepEqual([logged, lines], [1, [`warn call_retried ${JSON.stringify(fields)}`]]);
  assert.deepEqual(measured, [
    { kind: "retry", operation: "graph_read", result: "retried" },
    { kind: "retry", operation: "graph_read", result: "recovered" },
  ]);
});
