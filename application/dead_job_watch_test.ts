import assert from "node:assert/strict";
import { MemoryAuditLog } from "../adapters/memory/audit_log.ts";
import type { AuditEvent } from "../domain/audit/event.ts";
import { DomainError } from "../domain/errors.ts";
import type { Job } from "../domain/execution/job.ts";
import { queuedJob, sampleJob } from "../tests/contracts/job_queue_samples.ts";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import { AuditTrail } from "./audit_trail.ts";
import { DeadJobWatch } from "./dead_job_watch.ts";

/** An audit log that refuses while `away`. */
class Refusing extends MemoryAuditLog {
  away = false;

  override append(event: AuditEvent): Promise<void> {
    if (!this.away) return super.append(event);
    const why = { dependency: "audit", reason: "away", remedy: null, retryAfterSeconds: 1 };
    return Promise.reject(new DomainError({ code: "dependency_unavailable", ...why }));
  }
}

/** 64 hexadecimal digits: enough for texts that differ at their ends. */
function sha256(text: string): string {
  return Array.from(text, (one) => one.charCodeAt(0).toString(16)).reverse().join("").slice(0, 64);
}

function deadJob(n: number): Job {
  const id = `01890000-0000-7000-8000-${String(n).padStart(12, "0")}`;
  const failure = { code: "worker_lost", attempts: 5 } as const;
  return { ...queuedJob(sampleJob({ id })), state: "dead", attempts: 5, failure };
}

function watched(log: MemoryAuditLog, dead: readonly Job[]) {
  const told: string[] = [];
  const asked: number[] = [];
  const around = { clock: new ManualClock(), newId: () => crypto.randomUUID(), sha256 };
  const faults = { write: () => {} };
  const audit = new AuditTrail({ ...around, log, telemetry: { record: () => {} }, faults });
  const jobs = {
    dead: (limit: number) => {
      asked.push(limit);
      return Promise.resolve(dead.toReversed().slice(0, limit));
    },
  };
  const write = (_level: string, event: string) => void told.push(event);
  return { watch: new DeadJobWatch({ jobs, audit, sha256, log: { write } }), told, asked };
}

Deno.test("DeadJobWatch tells the audit of each dead job once, also from another instance [B7, S29]", async () => {
  const log = new MemoryAuditLog();
  const dead = [deadJob(1), deadJob(2)];
  const one = watched(log, dead);
  await Promise.all([one.watch.look(), one.watch.look()]);
  await watched(log, dead).watch.look();
  dead.push(deadJob(3));
  await one.watch.look();
  assert.deepEqual(log.events.map(({ type }) => type), Array(3).fill("execution_abandoned"));
  const [first] = log.events;
  assert.deepEqual(
    [first?.userId, first?.correlationId, first?.address],
    ["alice", "correlation-1", "192.0.2.1"],
  );
  assert.deepEqual(
    log.events.map(({ details }) => details),
    [1, 2, 3].map((n) => {
      const { id, language } = deadJob(n);
      return { execution_id: id, language, code: "worker_lost", attempts: 5 };
    }),
  );
  for (const { id } of log.events) {
    assert.match(id, /^01890000-0000-7[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/);
  }
});

Deno.test("DeadJobWatch tells later what the audit did not take, and of more than one part [B7, S29]", async () => {
  const log = new Refusing();
  const dead = Array.from({ length: 1500 }, (_, n) => deadJob(n));
  const { watch, told, asked } = watched(log, dead);
  log.away = true;
  await watch.look();
  await watch.look();
  assert.deepEqual([log.events.length, told], [0, ["dead_jobs_not_told"]]);
  log.away = false;
  await watch.look();
  assert.equal(log.events.length, 1500);
  asked.length = 0;
  await watch.look();
  assert.deepEqual([log.events.length, asked], [1500, [100]]);
});
