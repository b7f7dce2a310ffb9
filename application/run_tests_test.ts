import assert from "node:assert/strict";
import { MemoryAuditLog } from "../adapters/memory/audit_log.ts";
import { MemoryTestRecords } from "../adapters/memory/test_records.ts";
import { DomainError, isFailure } from "../domain/errors.ts";
import type { ExecutionOutcome } from "../domain/execution/outcome.ts";
import type { ExecutionRequest } from "../domain/execution/request.ts";
import type { Role } from "../domain/identity/role.ts";
import type { RunWatcher } from "../domain/ports/execution_runner.ts";
import { fakeTestOutcome } from "../tests/fakes/fake_tests.ts";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import { CEILINGS, FILE_CAPS } from "../tests/fixtures/ceilings.ts";
import { AuditTrail } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";
import { type RunTests, runTests } from "./run_tests.ts";
import { UserPlaces } from "./user_places.ts";

const COMMAND: RunTests = { language: "python", code: "passed a\nfailed b", files: [] };

type Script = (request: ExecutionRequest) => ExecutionOutcome;

function setUp(script: Script = fakeTestOutcome, ceilings = CEILINGS) {
  const asked: ExecutionRequest[] = [];
  const log = new MemoryAuditLog();
  const clock = new ManualClock();
  const telemetry = { record: () => {} };
  let events = 0;
  const newId = () => `event-${events += 1}`;
  const audit = new AuditTrail({ log, clock, newId, telemetry, faults: { write: () => {} } });
  const testRecords = new MemoryTestRecords();
  const places = new UserPlaces({
    perUser: 2,
    state: () => ({ running: 0, waiting: 0 }),
    telemetry,
  });
  const runner = {
    run: async (request: ExecutionRequest, _signal: AbortSignal, watcher?: RunWatcher) => {
      asked.push(request);
      watcher?.started();
      return { outcome: await script(request), policyFindings: [], queueSeconds: 0 };
    },
  };
  const parts = { runner, places, testRecords, clock, audit, sha256: (text: string) => `#${text}` };
  return {
    ...{ asked, log, testRecords },
    run(command: Partial<RunTests> = {}, role: Role = "developer") {
      const context: RequestContext = {
        principal: { subject: "dan", roles: [role] },
        correlationId: "correlation-1",
        signal: new AbortController().signal,
      };
      const all = { ...parts, ceilings, fileCaps: FILE_CAPS, newId: () => "run-1" };
      return runTests(all, { ...COMMAND, ...command }, context);
    },
  };
}

function auditOf({ events }: MemoryAuditLog) {
  return events.filter(({ type }) => type === "tests_finished").map(({ details }) => details);
}

Deno.test("runTests() keeps what came of tests, and tells the audit, before it answers [S19, S33]", async () => {
  const { run, testRecords, log, asked } = setUp();
  const record = await run();
  assert.deepEqual([record.outcome, record.framework, record.owner], ["failed", "pytest", "dan"]);
  assert.deepEqual(await testRecords.find("run-1"), record);
  assert.deepEqual(auditOf(log), [{
    test_id: "run-1",
    framework: "pytest",
    language: "python",
    outcome: "failed",
    code_sha256: `#${COMMAND.code}`,
  }]);
  const [request] = asked;
  assert.deepEqual([request?.tests, request?.language], ["python", "python"]);
  assert.equal(request?.limits.timeoutSeconds, 15);
});

Deno.test("runTests() has a time of its own, and all else up to the operator's ceilings [S19, S14]", async () => {
  const low = { ...CEILINGS, timeoutSeconds: 5, memoryMb: 100, processes: 9, cpuSeconds: 7 };
  const { run, asked } = setUp(fakeTestOutcome, low);
  await run({ timeoutSeconds: 120, language: "typescript" });
  const { limits, language, tests } = asked[0] ?? assert.fail();
  assert.deepEqual([language, tests], ["javascript", "typescript"]);
  const { timeoutSeconds, memoryMb, processes, cpuSeconds } = limits;
  assert.deepEqual([timeoutSeconds, memoryMb, processes, cpuSeconds], [120, 100, 9, 7]);
});

Deno.test("runTests() refuses what cannot be run, by its place, and runs nothing [S19, S35]", async () => {
  const { run, asked } = setUp();
  const content = new Uint8Array();
  const refused = [
    [{ timeoutSeconds: 0.5 }, "/timeout_seconds"],
    [{ timeoutSeconds: 121 }, "/timeout_seconds"],
    [{ framework: "deno" }, "/test_framework"],
    [{ language: "javascript", framework: "pytest" }, "/test_framework"],
    [{ files: [{ path: "test_main.py", content }] }, "/files/0/path"],
    [{ files: [{ path: "../a", content }] }, "/files/0/path"],
    [{ language: "typescript", files: [{ path: "main_test.ts", content }] }, "/files/0/path"],
  ] as const;
  for (const [change, pointer] of refused) {
    await assert.rejects(run(change), (error) => {
      assert.ok(error instanceof DomainError && error.failure.code === "validation_failed");
      assert.deepEqual(error.failure.errors.map((fault) => fault.pointer), [pointer]);
      return true;
    });
  }
  await assert.rejects(run({}, "viewer"), (error) => isFailure(error, "forbidden"));
  assert.deepEqual(asked, []);
  // What stands in a program's own place is free here.
  await run({ files: [{ path: "main.py", content }] });
});

Deno.test("runTests() tells of tests that were lost or cancelled, and keeps nothing of them [S19, S33]", async () => {
  const lost = setUp(() => {
    throw new DomainError({ code: "shutting_down", retryAfterSeconds: 1 });
  });
  await assert.rejects(lost.run(), (error) => isFailure(error, "shutting_down"));
  const gone = setUp((request) => ({ ...fakeTestOutcome(request), outcome: "cancelled" }));
  await assert.rejects(gone.run(), (error) => isFailure(error, "cancelled"));
  const absent = setUp(() => {
    const why = { language: "python", reason: "no pytest", remedy: "add it" } as const;
    throw new DomainError({ code: "language_unavailable", ...why });
  });
  await assert.rejects(absent.run(), (error) => isFailure(error, "language_unavailable"));
  const outcomes = [lost, gone, absent].map(({ log }) =>
    auditOf(log).map((details) => (details as { outcome: string }).outcome)
  );
  assert.deepEqual(outcomes, [["lost"], ["cancelled"], []]);
  for (const { testRecords } of [lost, gone]) assert.equal(await testRecords.find("run-1"), null);
});
