import assert from "node:assert/strict";
import { MemoryExecutionRecords } from "../adapters/memory/execution_records.ts";
import { MemoryAuditLog } from "../adapters/memory/audit_log.ts";
import { DomainError, isFailure } from "../domain/errors.ts";
import type { ExecutionOutcome } from "../domain/execution/outcome.ts";
import { DEFAULT_LIMITS } from "../domain/execution/limits.ts";
import type { Measurement } from "../domain/ports/telemetry.ts";
import type { Role } from "../domain/identity/role.ts";
import { FILE_CAPS } from "../tests/fixtures/ceilings.ts";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import { ScriptedRunner } from "../tests/fakes/scripted_runner.ts";
import { AuditTrail } from "./audit_trail.ts";
import { type ExecuteCode, executeCode } from "./execute_code.ts";
import { getExecution } from "./get_execution.ts";
import { UserPlaces } from "./user_places.ts";
import type { RequestContext } from "./request_context.ts";

const COMMAND: ExecuteCode = {
  language: "python",
  code: "print(1)",
  stdin: "",
  args: [],
  environment: {},
  files: [],
  outputs: [],
  limits: {},
};

function contextOf(subject: string, ...roles: Role[]): RequestContext {
  const signal = new AbortController().signal;
  return { principal: { subject, roles }, correlationId: "correlation-1", signal };
}

function unavailableSandbox(): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "sandbox",
    reason: "it ended under the run",
    remedy: null,
    retryAfterSeconds: 1,
  });
}

const around = { faults: { write: () => {} }, telemetry: { record: () => {} } };

function eventIds(): () => string {
  let made = 0;
  return () => `event-${++made}`;
}

function setUp() {
  const runner = new ScriptedRunner();
  const records = new MemoryExecutionRecords();
  const measured: Measurement[] = [];
  const log = new MemoryAuditLog();
  const parts = {
    runner: {
      run: async (...args: Parameters<ScriptedRunner["run"]>) => ({
        outcome: await runner.run(...args),
        queueSeconds: 0.5,
        policyFindings: [],
      }),
    },
    places: new UserPlaces({
      perUser: 2,
      state: () => ({ running: 5, waiting: 6 }),
      telemetry: { record: (measurement: Measurement) => void measured.push(measurement) },
    }),
    records,
    jobs: { find: () => Promise.resolve(null) },
    earlier: { answer: () => assert.fail("nobody asked for an earlier run") },
    ceilings: DEFAULT_LIMITS,
    fileCaps: FILE_CAPS,
    clock: new ManualClock(),
    newId: () => "id-1",
    audit: new AuditTrail({ ...around, log, clock: new ManualClock(), newId: eventIds() }),
    sha256: (text: string) => `sha256 of ${text}`,
  };
  return { parts, records, runner, measured, log };
}

Deno.test("executeCode() keeps the record it answers with [S13, S34]", async () => {
  const { parts, records } = setUp();
  const { cached, ...record } = await executeCode(parts, COMMAND, contextOf("dev", "developer"));
  assert.equal(cached, false);
  assert.deepEqual(await records.find("id-1"), record);
  const { id, owner, correlationId, language, queueSeconds, createdAt, stdout } = record;
  assert.deepEqual(
    { id, owner, correlationId, language, queueSeconds, createdAt, stdout },
    {
      id: "id-1",
      owner: "dev",
      correlationId: "correlation-1",
      language: "python",
      queueSeconds: 0.5,
      createdAt: "2026-01-01T00:00:00.000Z",
      stdout: "1\n",
    },
  );
});

Deno.test("executeCode() keeps a record of a run whose caller left [B5]", async () => {
  const { parts, records } = setUp();
  const caller = new AbortController();
  const context = { ...contextOf("dev", "developer"), signal: caller.signal };
  const command: ExecuteCode = { ...COMMAND, language: "bash", code: "sleep 30" };
  const heard: unknown[] = [];
  const left = executeCode(parts, command, context, {
    started(execution) {
      heard.push(execution);
      caller.abort();
    },
    wrote: () => {},
  });
  await assert.rejects(left, (error) => isFailure(error, "cancelled"));
  const [started] = heard;
  const createdAt = "2026-01-01T00:00:00.000Z";
  assert.deepEqual(started, { id: "id-1", language: "bash", createdAt });
  const record = await records.find("id-1");
  assert.deepEqual([record?.outcome, record?.returnCode], ["cancelled", 137]);
});

Deno.test("executeCode() passes on what a program writes [B5]", async () => {
  const { parts } = setUp();
  const heard: unknown[] = [];
  await executeCode(parts, COMMAND, contextOf("dev", "developer"), {
    started: () => {},
    wrote: (...piece) => void heard.push(piece),
  });
  assert.deepEqual(heard, [["stdout", "1\n"]]);
});

Deno.test("executeCode() refuses a viewer and runs nothing [S29]", async () => {
  const { parts, records } = setUp();
  const refused = executeCode(parts, COMMAND, contextOf("viewer", "viewer"));
  await assert.rejects(refused, (error) => isFailure(error, "forbidden"));
  assert.equal(await records.find("id-1"), null);
});

Deno.test("executeCode() refuses a limit above its ceiling [S14]", async () => {
  const { parts } = setUp();
  const command = { ...COMMAND, limits: { memoryMb: 129 } };
  const refused = executeCode(parts, command, contextOf("dev", "developer"));
  await assert.rejects(refused, (error) => isFailure(error, "validation_failed"));
});

Deno.test("getExecution() shows a result to its owner and to admins only [S29]", async () => {
  const { parts } = setUp();
  const { cached: _, ...record } = await executeCode(parts, COMMAND, contextOf("dev", "developer"));
  assert.deepEqual(await getExecution(parts, "id-1", contextOf("dev", "viewer")), record);
  assert.deepEqual(await getExecution(parts, "id-1", contextOf("root", "admin")), record);
  for (const id of ["id-1", "id-2"]) {
    const other = getExecution(parts, id, contextOf("other", "developer"));
    await assert.rejects(other, (error) => isFailure(error, "not_found"));
  }
});

Deno.test("executeCode() lets one user have so many runs in hand, and others theirs [S30]", async () => {
  const { parts, runner, measured } = setUp();
  const ends: PromiseWithResolvers<Partial<ExecutionOutcome>>[] = [];
  runner.scripts.set("wait", () => {
    const end = Promise.withResolvers<Partial<ExecutionOutcome>>();
    ends.push(end);
    return end.promise;
  });
  const command = { ...COMMAND, code: "wait" };
  const runs = ["ada", "ada", "bob"].map((subject) =>
    executeCode(parts, command, contextOf(subject, "developer"))
  );
  await assert.rejects(executeCode(parts, command, contextOf("ada", "developer")), (error) => {
    assert.ok(isFailure(error, "too_many_executions"));
    assert.deepEqual(error.failure, {
      code: "too_many_executions",
      running: 5,
      waiting: 6,
      own: { inHand: 2, allowed: 2 },
      retryAfterSeconds: 1,
    });
    return true;
  });
  const rejected = { language: "python", end: "rejected", limit: null, durationSeconds: null };
  assert.deepEqual(measured, [{ kind: "execution_finished", ...rejected }]);
  for (const { resolve } of ends) resolve({});
  await Promise.all(runs);
  assert.equal((await executeCode(parts, COMMAND, contextOf("ada", "developer"))).id, "id-1");
});

Deno.test("executeCode() tells the audit who ran what, by the program's digest alone [S33]", async () => {
  const { parts, log } = setUp();
  await executeCode(parts, COMMAND, { ...contextOf("dev", "developer"), address: "10.0.0.1" });
  assert.deepEqual(log.events, [{
    sequence: 1,
    id: "event-1",
    time: "2026-01-01T00:00:00.000Z",
    userId: "dev",
    correlationId: "correlation-1",
    address: "10.0.0.1",
    type: "execution_finished",
    details: {
      execution_id: "id-1",
      language: "python",
      outcome: "ok",
      limit: null,
      code_sha256: "sha256 of print(1)",
    },
  }]);
});

Deno.test("executeCode() gives no answer that the audit cannot be told of [S33]", async () => {
  const { parts, log } = setUp();
  await log[Symbol.asyncDispose]();
  const run = executeCode(parts, COMMAND, contextOf("dev", "developer"));
  await assert.rejects(run, (error) => isFailure(error, "dependency_unavailable"));
});

Deno.test("executeCode() answers a run whose record is refused only when the audit has been told [S33]", async () => {
  const { parts, records } = setUp();
  await records[Symbol.asyncDispose]();
  let told = false;
  const audit = {
    refused() {},
    note() {},
    authenticated: () => Promise.resolve(),
    async record() {
      await new Promise((resolve) => setTimeout(resolve, 20));
      told = true;
    },
  };
  const run = executeCode({ ...parts, audit }, COMMAND, contextOf("dev", "developer"));
  await assert.rejects(run, (error) => isFailure(error, "dependency_unavailable"));
  assert.ok(told);
});

Deno.test("executeCode() tells the audit of a run whose record is refused [S33]", async () => {
  const { parts, records, log } = setUp();
  await records[Symbol.asyncDispose]();
  const run = executeCode(parts, COMMAND, contextOf("dev", "developer"));
  await assert.rejects(run, (error) => isFailure(error, "dependency_unavailable"));
  assert.deepEqual(log.events.map(({ type }) => type), ["execution_finished"]);
});

Deno.test("executeCode() tells the audit of a run that was taken and lost, before it fails [S33]", async () => {
  const { parts, runner, records, log } = setUp();
  runner.scripts.set("lost", () => Promise.reject(unavailableSandbox()));
  const run = executeCode(parts, { ...COMMAND, code: "lost" }, contextOf("dev", "developer"));
  await assert.rejects(run, (error) => isFailure(error, "dependency_unavailable"));
  const details = {
    execution_id: "id-1",
    language: "python",
    outcome: "lost",
    limit: null,
    code_sha256: "sha256 of lost",
  };
  assert.deepEqual(log.events.map(({ userId, details }) => [userId, details]), [["dev", details]]);
  assert.equal(await records.find("id-1"), null);
  await runner[Symbol.asyncDispose]();
  await assert.rejects(executeCode(parts, COMMAND, contextOf("dev", "developer")));
  assert.equal(log.events.length, 1, "what was never taken has not been run");
});

Deno.test("UserPlaces emptied() waits for runs that a stop ends, until they are told of [S33]", async () => {
  const { parts, runner, log } = setUp();
  runner.scripts.set("wait", () => new Promise(() => {}));
  const run = executeCode(parts, { ...COMMAND, code: "wait" }, contextOf("dev", "developer"));
  const refused = assert.rejects(run, (error) => isFailure(error, "shutting_down"));
  await runner[Symbol.asyncDispose]();
  await parts.places.emptied();
  assert.deepEqual(log.events.map(({ type }) => type), ["execution_finished"]);
  await parts.places.emptied();
  await refused;
});

Deno.test("getExecution() tells the audit who read whose result, and who tried to [S33]", async () => {
  const { parts, log } = setUp();
  await executeCode(parts, COMMAND, contextOf("dev", "developer"));
  await getExecution(parts, "id-1", contextOf("root", "admin"));
  await assert.rejects(getExecution(parts, "id-1", contextOf("eve", "developer")));
  await assert.rejects(getExecution(parts, "id-2", contextOf("eve", "developer")));
  assert.deepEqual(
    log.events.slice(1).map(({ userId, type, details }) => [userId, type, details]),
    [
      ["root", "data_accessed", { resource: "execution", owner: "dev", id: "id-1" }],
      ["eve", "authorisation_refused", { permission: "owner", roles: ["developer"], count: 1 }],
    ],
  );
  await log[Symbol.asyncDispose]();
  await assert.rejects(getExecution(parts, "id-1", contextOf("dev", "developer")));
});
