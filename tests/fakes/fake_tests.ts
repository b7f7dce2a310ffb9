import { MemoryTestRecords } from "../../adapters/memory/test_records.ts";
import { sha256 } from "../../adapters/system/digest.ts";
import type { Audit } from "../../application/audit_trail.ts";
import type { RunWatcher } from "../../domain/ports/execution_runner.ts";
import type { RequestContext } from "../../application/request_context.ts";
import { type RunTests, runTests, type TestWatcher } from "../../application/run_tests.ts";
import { UserPlaces } from "../../application/user_places.ts";
import type { ExecutionOutcome } from "../../domain/execution/outcome.ts";
import type { ExecutionRequest } from "../../domain/execution/request.ts";
import type { TestRecord } from "../../domain/testing/record.ts";
import { concludeTests, type DraftCase } from "../../domain/testing/report.ts";
import { CEILINGS, FILE_CAPS } from "../fixtures/ceilings.ts";
import { ManualClock } from "./manual_clock.ts";

const NOTHING = { file: "test_main.py", line: 1, durationSeconds: 0.001, message: null };

/** The outcome of tests of which each line of the source is one, passed unless it says how it ended. */
export function fakeTestOutcome({ code }: ExecutionRequest): ExecutionOutcome {
  const cases = code.split("\n").filter(Boolean).map((name): DraftCase => ({
    ...NOTHING,
    name,
    state: name.startsWith("failed") ? "failed" : "passed",
  }));
  const finished = cases.some(({ state }) => state === "failed") ? 1 : 0;
  const ended = { outcome: "ok", returnCode: finished, signal: null } as const;
  const draft = { cases, finished, fault: null, doubt: null };
  return {
    ...ended,
    limit: null,
    stdout: "told\n",
    stderr: "",
    stdoutTruncated: false,
    stderrTruncated: false,
    durationSeconds: 0.2,
    cpuSeconds: 0.1,
    memoryPeakBytes: 1024,
    files: [],
    omittedFiles: [],
    omittedFileCount: 0,
    isolation: { runner: "fake", layers: ["pid-ns"], missing: [] },
    tests: concludeTests(draft, ended),
  };
}

/** The use case of tests over a runner that runs none, with its records in a map. */
export function fakeTestUseCase(audit: Audit): {
  readonly records: MemoryTestRecords;
  readonly runTests: (
    command: RunTests,
    context: RequestContext,
    watcher?: TestWatcher,
  ) => Promise<TestRecord>;
} {
  const records = new MemoryTestRecords();
  const clock = new ManualClock();
  const telemetry = { record: () => {} };
  const state = () => ({ running: 0, waiting: 0 });
  let made = 0;
  const parts = {
    runner: {
      run: (request: ExecutionRequest, _signal: AbortSignal, watcher?: RunWatcher) => {
        const outcome = fakeTestOutcome(request);
        for (const one of outcome.tests?.cases ?? []) watcher?.tested?.(one.name, one.outcome);
        return Promise.resolve({ outcome, policyFindings: [], queueSeconds: 0 });
      },
    },
    places: new UserPlaces({ perUser: 10, state, telemetry }),
    testRecords: records,
    ceilings: CEILINGS,
    fileCaps: FILE_CAPS,
    newId: () => `01890000-0000-7000-8001-${String(made += 1).padStart(12, "0")}`,
    ...{ clock, audit, sha256 },
  };
  return { records, runTests: (...asked) => runTests(parts, ...asked) };
}
