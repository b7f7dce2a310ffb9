import assert from "node:assert/strict";
import { MemoryExecutionRecords } from "../adapters/memory/execution_records.ts";
import { isFailure } from "../domain/errors.ts";
import type { ExecutionOutcome } from "../domain/execution/outcome.ts";
import { DEFAULT_LIMITS } from "../domain/execution/limits.ts";
import type { Measurement } from "../domain/ports/telemetry.ts";
import type { Role } from "../domain/identity/role.ts";
import { FILE_CAPS } from "../tests/fixtures/ceilings.ts";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import { ScriptedRunner } from "../tests/fakes/scripted_runner.ts";
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

function setUp() {
  const runner = new ScriptedRunner();
  const records = new MemoryExecutionRecords();
  const measured: Measurement[] = [];
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
    ceilings: DEFAULT_LIMITS,
    fileCaps: FILE_CAPS,
    clock: new ManualClock(),
    newId: () => "id-1",
  };
  return { parts, records, runner, measured };
}

Deno.test("executeCode() keeps the record it answers with [S13, S34]", async () => {
  const { parts, records } = setUp();
  const record = await executeCode(parts, COMMAND, contextOf("dev", "developer"));
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
  const { parts, records } = setUp();
  const record = await executeCode(parts, COMMAND, contextOf("dev", "developer"));
  assert.deepEqual(await getExecution(records, "id-1", contextOf("dev", "viewer")), record);
  assert.deepEqual(await getExecution(records, "id-1", contextOf("root", "admin")), record);
  for (const id of ["id-1", "id-2"]) {
    const other = getExecution(records, id, contextOf("other", "developer"));
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
