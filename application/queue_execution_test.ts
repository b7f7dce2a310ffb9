import assert from "node:assert/strict";
import { MemoryAuditLog } from "../adapters/memory/audit_log.ts";
import { DomainError, isFailure } from "../domain/errors.ts";
import type { AuditEvent } from "../domain/audit/event.ts";
import { fakeQueue } from "../tests/fakes/fake_jobs.ts";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import { CEILINGS, FILE_CAPS } from "../tests/fixtures/ceilings.ts";
import { AuditTrail } from "./audit_trail.ts";
import { type QueueExecution, queueExecution } from "./queue_execution.ts";

const COMMAND: QueueExecution = {
  ...{ language: "python", code: "print(1)", stdin: "", args: [], environment: {} },
  ...{ files: [], outputs: [], limits: {}, idempotencyKey: "key" },
};

/** An audit log that refuses while `away`. */
class Refusing extends MemoryAuditLog {
  away = false;

  override append(event: AuditEvent): Promise<void> {
    if (!this.away) return super.append(event);
    const why = { dependency: "audit", reason: "away", remedy: null, retryAfterSeconds: 1 };
    return Promise.reject(new DomainError({ code: "dependency_unavailable", ...why }));
  }
}

Deno.test("queueExecution() tells the audit of a job once, though it could not at first [B7, S29]", async () => {
  await using queue = fakeQueue();
  const log = new Refusing();
  const clock = new ManualClock();
  let made = 0;
  const newId = () => `made-${++made}`;
  const parts = {
    ...{ queue, clock, newId, quota: 10, ceilings: CEILINGS, fileCaps: FILE_CAPS },
    audit: new AuditTrail({
      ...{ log, clock, newId, telemetry: { record: () => {} }, faults: { write: () => {} } },
    }),
    sha256: (text: string | Uint8Array) => `sha256 of ${text}`,
  };
  const ask = (correlationId: string) => {
    const { signal } = new AbortController();
    const principal = { subject: "ada", roles: ["developer"] } as const;
    return queueExecution(parts, COMMAND, { principal, correlationId, signal, address: "::1" });
  };
  log.away = true;
  await assert.rejects(ask("first"), (error) => isFailure(error, "dependency_unavailable"));
  log.away = false;
  const { job, added } = await ask("second");
  assert.equal(added, false);
  await ask("third");
  const [told, ...more] = log.events;
  assert.deepEqual(more, []);
  assert.ok(told?.type === "execution_queued");
  assert.deepEqual(
    [told.userId, told.correlationId, told.address, told.details.execution_id],
    ["ada", "first", "::1", job.id],
  );
});
