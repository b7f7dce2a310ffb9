import assert from "node:assert/strict";
import { MemoryAuditLog } from "../adapters/memory/audit_log.ts";
import { MemoryExecutionRecords } from "../adapters/memory/execution_records.ts";
import { DomainError, type Failure } from "../domain/errors.ts";
import type { ExecutionOutcome } from "../domain/execution/outcome.ts";
import { DEFAULT_LIMITS } from "../domain/execution/limits.ts";
import { MAX_JOB_ATTEMPTS } from "../domain/execution/job.ts";
import type { ExecutionEnd, Measurement } from "../domain/ports/telemetry.ts";
import { sampleRecord } from "../tests/contracts/execution_records.ts";
import { queuedJob, sampleJob, sampleRequest } from "../tests/contracts/job_queue_samples.ts";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import { ScriptedRunner } from "../tests/fakes/scripted_runner.ts";
import { FILE_CAPS } from "../tests/fixtures/ceilings.ts";
import { AuditTrail } from "./audit_trail.ts";
import { runJob } from "./run_job.ts";
import { Setbacks } from "./setbacks.ts";
import { UserPlaces } from "./user_places.ts";

/** A job that has waited for two seconds and is in a worker's hands. */
function setUp(code = "print(1)", attempts = 1) {
  const runner = new ScriptedRunner();
  const records = new MemoryExecutionRecords();
  const log = new MemoryAuditLog();
  const measured: Measurement[] = [];
  const telemetry = { record: (measurement: Measurement) => void measured.push(measurement) };
  const clock = new ManualClock();
  let ids = 0;
  const newId = () => `made-${++ids}`;
  const lines: string[] = [];
  const parts = {
    runner: {
      run: async (...args: Parameters<ScriptedRunner["run"]>) => ({
        outcome: await runner.run(...args),
        queueSeconds: 0.5,
        policyFindings: [],
      }),
    },
    places: new UserPlaces({ perUser: 2, state: () => ({ running: 0, waiting: 0 }), telemetry }),
    records,
    telemetry,
    earlier: { answer: () => assert.fail("a job is always run") },
    ceilings: DEFAULT_LIMITS,
    fileCaps: FILE_CAPS,
    clock,
    newId,
    audit: new AuditTrail({ log, clock, newId, telemetry, faults: { write: () => {} } }),
    sha256: (text: string) => `sha256 of ${text}`,
    log: { write: (_level: string, event: string) => void lines.push(event) },
    setbacks: new Setbacks(),
  };
  const createdAt = new Date(clock.now() - 2000).toISOString();
  const added = sampleJob({ createdAt, request: sampleRequest({ code, files: [] }) });
  const stop = new AbortController();
  const heard: unknown[] = [];
  const taken = {
    job: { ...queuedJob(added), state: "running", attempts } as const,
    request: () => Promise.resolve(added.request),
    started: () => void heard.push(["started"]),
    signal: stop.signal,
    wrote: (...piece: unknown[]) => void heard.push(piece),
  };
  /** How runs have ended, as far as that was measured. */
  const ends = () => measured.flatMap((it) => it.kind === "execution_finished" ? [it.end] : []);
  return { parts, taken, runner, records, log, stop, heard, lines, ends };
}

function fails(failure: Failure, attempts = 1) {
  const made = setUp("fails", attempts);
  made.runner.scripts.set("fails", () => Promise.reject(new DomainError(failure)));
  return runJob(made.parts, made.taken);
}

const AWAY = {
  code: "dependency_unavailable",
  dependency: "sandbox",
  reason: "it is gone",
  remedy: null,
  retryAfterSeconds: 1,
} as const;

Deno.test("runJob() keeps the record under the job's id, in its owner's name, and says so [B7, S34]", async () => {
  const { parts, taken, records, log, heard } = setUp("print(1)", 3);
  assert.deepEqual(await runJob(parts, taken), { end: "done" });
  const record = await records.find(taken.job.id);
  assert.deepEqual(
    [record?.owner, record?.correlationId, record?.createdAt, record?.attempts],
    ["alice", "correlation-1", taken.job.createdAt, 3],
  );
  assert.equal(record?.queueSeconds, 2.5);
  assert.deepEqual(heard, [["started"], ["stdout", "1\n"]]);
  const [event] = log.events;
  assert.deepEqual([event?.type, event?.userId, event?.address], [
    "execution_finished",
    "alice",
    "192.0.2.1",
  ]);
});

Deno.test("runJob() does not run again what has its record [B7]", async () => {
  const { parts, taken, records, log, heard } = setUp();
  await records.save(sampleRecord({ id: taken.job.id }));
  assert.deepEqual(await runJob(parts, taken), { end: "done" });
  const cancelled = setUp();
  await cancelled.records.save(sampleRecord({ id: cancelled.taken.job.id, outcome: "cancelled" }));
  assert.deepEqual(await runJob(cancelled.parts, cancelled.taken), { end: "cancelled" });
  assert.deepEqual([heard, log.events], [[], []]);
});

Deno.test("runJob() keeps the record of a run that was cancelled, and none of one that was lost [B7]", async () => {
  for (const reason of ["cancelled", "lost"]) {
    const { parts, taken, runner, records, log, stop } = setUp("endless");
    runner.scripts.set("endless", () => {
      queueMicrotask(() => stop.abort(reason));
      const never: Promise<Partial<ExecutionOutcome>> = new Promise(() => {});
      return never;
    });
    assert.deepEqual(await runJob(parts, taken), { end: "cancelled" });
    const kept = await records.find(taken.job.id);
    assert.equal(kept?.outcome, reason === "cancelled" ? "cancelled" : undefined);
    assert.deepEqual(log.events.map(({ details }) => "outcome" in details && details.outcome), [
      reason,
    ]);
  }
});

Deno.test("runJob() puts off, uncounted and for ever longer, what could not be begun [B7]", async () => {
  const full = {
    code: "too_many_executions",
    running: 1,
    waiting: 1,
    retryAfterSeconds: 1,
  } as const;
  const open = { code: "circuit_open", breaker: "audit", retryAfterSeconds: 1 } as const;
  const cases = [[full, 15], [AWAY, 30], [open, 30]] as const;
  for (const [failure, most] of cases) {
    const { parts, taken, records } = setUp("fails", MAX_JOB_ATTEMPTS);
    const away = { find: () => Promise.reject(new DomainError(failure)), save: records.save };
    const broken = { ...parts, records: Object.assign(Object.create(records), away) };
    const ends = [];
    for (let n = 0; n < 6; n += 1) ends.push(await runJob(broken, taken));
    const delays = [1, 2, 4, 8, most === 15 ? 15 : 16, most];
    assert.deepEqual(
      ends,
      delays.map((delaySeconds) => ({ end: "again", delaySeconds, counted: false })),
    );
  }
  const later = { end: "again", delaySeconds: 1, counted: false };
  assert.deepEqual(await fails({ code: "shutting_down", retryAfterSeconds: 1 }), later);
});

Deno.test("runJob() puts off for a second again what was begun meanwhile [B7]", async () => {
  const { parts, taken } = setUp();
  for (const seconds of [1, 2, 4]) {
    assert.equal(parts.setbacks.delaySeconds(taken.job.id, 15), seconds);
  }
  assert.deepEqual(await runJob(parts, taken), { end: "done" });
  assert.equal(parts.setbacks.delaySeconds(taken.job.id, 15), 1);
});

Deno.test("runJob() loads nothing of a job that there is no place for [B7]", async () => {
  const { parts, taken, heard } = setUp();
  const asked: string[] = [];
  const loads = {
    ...taken,
    request: () => Promise.reject(new Error(`loaded ${asked.push("request")}`)),
  };
  using _one = parts.places.enter("alice", "python");
  using _other = parts.places.enter("alice", "python");
  const find = () => Promise.reject(new Error(`looked ${asked.push("record")}`));
  const records = Object.assign(Object.create(parts.records), { find });
  const end = await runJob({ ...parts, records }, loads);
  assert.deepEqual(end, { end: "again", delaySeconds: 1, counted: false });
  assert.deepEqual([asked, heard], [[], []]);
});

Deno.test("runJob() counts what fails once the program has begun, and buries what never can be run [B7]", async () => {
  assert.deepEqual(await fails(AWAY), { end: "again", delaySeconds: 2, counted: true });
  assert.deepEqual(await fails(AWAY, 3), { end: "again", delaySeconds: 8, counted: true });
  assert.deepEqual(await fails(AWAY, MAX_JOB_ATTEMPTS), { end: "dead", failure: AWAY });
  const rejected = { code: "code_rejected", findings: [] } as const;
  assert.deepEqual(await fails(rejected), { end: "dead", failure: rejected });
});

Deno.test("runJob() holds a job to the ceilings of where it is run [B7, S14]", async () => {
  const { parts, taken } = setUp();
  const ceilings = { ...DEFAULT_LIMITS, memoryMb: 64 };
  const end = await runJob({ ...parts, ceilings }, taken);
  assert.equal(end.end === "dead" && end.failure.code, "validation_failed");
});

Deno.test("runJob() tells the log of what nobody foresaw, and leaves the job as lost [B7]", async () => {
  const { parts, taken, runner, lines } = setUp("breaks");
  runner.scripts.set("breaks", () => Promise.reject(new TypeError("a bug")));
  await assert.rejects(runJob(parts, taken), TypeError);
  assert.deepEqual(lines, ["job_failed"]);
});

const FULL: Failure = {
  code: "too_many_executions",
  ...{ running: 1, waiting: 1, retryAfterSeconds: 1 },
};
const STOPPING: Failure = { code: "shutting_down", retryAfterSeconds: 1 };
const LAST = MAX_JOB_ATTEMPTS;

/** What befalls a job, one attempt after another, and what is measured of all of them. */
const MEASURED: readonly {
  readonly what: string;
  readonly befalls: readonly (Failure | Error | null)[];
  readonly ends: readonly ExecutionEnd[];
  readonly attempts?: number;
}[] = [
  { what: "runs at once", befalls: [null], ends: ["ok"] },
  { what: "is put off at a full door, and runs", befalls: [FULL, FULL, null], ends: ["ok"] },
  { what: "is given back by one that stops", befalls: [STOPPING, null], ends: ["ok"] },
  { what: "is put off for good", befalls: [FULL, STOPPING, AWAY], ends: [] },
  { what: "loses its sandbox, and runs", befalls: [AWAY, null], ends: ["ok"] },
  { what: "loses it the last time", befalls: [AWAY], ends: ["error"], attempts: LAST },
  { what: "is rejected", befalls: [{ code: "code_rejected", findings: [] }], ends: ["rejected"] },
  { what: "is cancelled", befalls: [{ code: "cancelled" }], ends: ["cancelled"] },
  { what: "meets a bug, and runs", befalls: [new TypeError("a bug"), null], ends: ["ok"] },
  {
    what: "meets it the last time",
    befalls: [new TypeError("x")],
    ends: ["error"],
    attempts: LAST,
  },
];

for (const { what, befalls, ends: expected, attempts = 1 } of MEASURED) {
  Deno.test(`runJob() measures a job that ${what} as ${expected.join() || "nothing"} [B7, S37]`, async () => {
    const { parts, taken, runner, ends } = setUp("program", attempts);
    for (const fault of befalls) {
      const error = fault instanceof Error || fault === null ? fault : new DomainError(fault);
      runner.scripts.set("program", () => error === null ? {} : Promise.reject(error));
      await runJob(parts, taken).catch(() => {});
    }
    assert.deepEqual(ends(), expected);
  });
}

Deno.test("runJob() measures no run without a place, with its record, or another worker's by now [B7, S37]", async () => {
  const full = setUp();
  const places = [
    full.parts.places.enter("alice", "python"),
    full.parts.places.enter("alice", "python"),
  ];
  await runJob(full.parts, full.taken);
  for (const place of places) place[Symbol.dispose]();
  assert.deepEqual(full.ends(), []);
  const kept = setUp();
  await kept.records.save(sampleRecord({ id: kept.taken.job.id }));
  await runJob(kept.parts, kept.taken);
  assert.deepEqual(kept.ends(), []);
  const lost = setUp("endless");
  lost.runner.scripts.set("endless", () => {
    queueMicrotask(() => lost.stop.abort("lost"));
    const never: Promise<Partial<ExecutionOutcome>> = new Promise(() => {});
    return never;
  });
  await runJob(lost.parts, lost.taken);
  assert.deepEqual(lost.ends(), []);
});

Deno.test("runJob() measures as an error a job that may not be run here at all [B7, S37]", async () => {
  const { parts, taken, ends } = setUp();
  await runJob({ ...parts, ceilings: { ...DEFAULT_LIMITS, memoryMb: 64 } }, taken);
  assert.deepEqual(ends(), ["error"]);
});
