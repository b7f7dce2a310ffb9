import type { AuditDetails } from "../domain/audit/event.ts";
import { DomainError, isFailure } from "../domain/errors.ts";
import { type FileCaps, resolveFiles } from "../domain/execution/file_paths.ts";
import type { InputFile } from "../domain/execution/files.ts";
import { type ExecutionLimits, resolveLimits } from "../domain/execution/limits.ts";
import type { ExecutionRequest } from "../domain/execution/request.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import { ensureWithinLimits } from "../domain/input/limits.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { RunWatcher } from "../domain/ports/execution_runner.ts";
import type { TestRecords } from "../domain/ports/test_records.ts";
import {
  frameworkOf,
  programLanguageOf,
  TEST_SOURCES,
  type TestFramework,
  type TestLanguage,
} from "../domain/testing/framework.ts";
import type { TestRecord } from "../domain/testing/record.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import type { AdmittedRunner } from "./decorators/admitted.ts";
import type { PolicedOutcome } from "./decorators/policed.ts";
import type { RequestContext } from "./request_context.ts";
import type { UserPlaces } from "./user_places.ts";

/** How long tests may run, in seconds: not held against the ceiling of programs, since it is set here. */
export const TEST_SECONDS = { minimum: 1, fallback: 15, maximum: 120 } as const;

/** What tests have where the operator's ceilings allow it; otherwise the ceilings. */
const WANTED = { memoryMb: 512, processes: 64, openFiles: 256 } as const;

/** A request to run tests, already checked for its shape. */
export interface RunTests {
  readonly language: TestLanguage;
  /** The tests themselves. */
  readonly code: string;
  /** Must be the language's own; `undefined`: that. */
  readonly framework?: TestFramework | undefined;
  readonly timeoutSeconds?: number | undefined;
  /** What the tests find beside them: modules, `conftest.py`, more tests, data. */
  readonly files: readonly InputFile[];
}

/** Hears of tests while others still run. */
export type TestWatcher = Pick<Required<RunWatcher>, "tested">;

/** What {@link runTests} works with. */
export interface RunTestsParts {
  readonly runner: AdmittedRunner<PolicedOutcome>;
  readonly places: UserPlaces;
  readonly testRecords: TestRecords;
  readonly ceilings: ExecutionLimits;
  readonly fileCaps: FileCaps;
  readonly clock: Clock;
  readonly audit: Audit;
  /** The SHA-256 of a text's UTF-8, in hexadecimal digits. */
  readonly sha256: (text: string) => string;
  /** A new id that sorts by time of making. */
  readonly newId: () => string;
}

/**
 * Runs tests in the sandbox, behind the same door as programs, and keeps the record, and the audit's event,
 * before it answers. Tests that fail, hang or crash are an answer.
 *
 * @throws {DomainError} `forbidden`, `validation_failed`, `code_rejected`, `too_many_executions`,
 * `language_unavailable` (the framework is not there), `dependency_unavailable`, `cancelled`.
 */
export async function runTests(
  parts: RunTestsParts,
  command: RunTests,
  context: RequestContext,
  watcher?: TestWatcher,
): Promise<TestRecord> {
  requirePermission(context.principal, "tools:test");
  const request = requestOf(command, parts);
  const { language } = command;
  const { principal: { subject: owner }, correlationId, traceId } = context;
  using _place = parts.places.enter(owner, request.language);
  const createdAt = new Date(parts.clock.now()).toISOString();
  const started = { id: parts.newId(), framework: frameworkOf(language), language, createdAt };
  const tell = (outcome: AuditDetails["tests_finished"]["outcome"]) => {
    const { id: test_id, framework } = started;
    const code_sha256 = parts.sha256(command.code);
    const details = { test_id, framework, language, outcome, code_sha256 };
    return parts.audit.record({ type: "tests_finished", details }, actorOf(context));
  };
  const { outcome, policyFindings } = await run(parts, request, { ...context, watcher }, tell);
  if (outcome.outcome === "cancelled") {
    await tell("cancelled");
    throw new DomainError({ code: "cancelled" });
  }
  const { tests, stdout, stderr, stdoutTruncated, stderrTruncated, durationSeconds, isolation } =
    outcome;
  if (tests === undefined) throw new Error("Cannot tell of tests: the runner knows of none");
  const streams = { stdout, stderr, stdoutTruncated, stderrTruncated };
  const seen = { ...streams, durationSeconds, isolation, policyFindings };
  const record = {
    ...{ ...tests, ...started, owner, correlationId, ...seen },
    ...(traceId && { traceId }),
  };
  const kept = await Promise.allSettled([tell(tests.outcome), parts.testRecords.save(record)]);
  for (const one of kept) if (one.status === "rejected") throw one.reason;
  return record;
}

/** Tells of a run that the sandbox took and lost. Without the framework there was none. */
async function run(
  { runner }: RunTestsParts,
  request: ExecutionRequest,
  { signal, watcher }: RequestContext & { readonly watcher: TestWatcher | undefined },
  tell: (outcome: "lost") => Promise<void>,
): Promise<PolicedOutcome> {
  let isTaken = false;
  try {
    return await runner.run(request, signal, {
      started: () => isTaken = true,
      ...(watcher && { tested: (...heard) => watcher.tested(...heard) }),
    });
  } catch (error) {
    if (isTaken && !isFailure(error, "language_unavailable")) await tell("lost");
    throw error;
  }
}

function requestOf(command: RunTests, { ceilings, fileCaps: caps }: RunTestsParts) {
  const { language: tests, code, framework = frameworkOf(tests) } = command;
  if (framework !== frameworkOf(tests)) throw unfit(command, framework);
  const { minimum, fallback, maximum } = TEST_SECONDS;
  const { timeoutSeconds = fallback } = command;
  const asked = { pointer: "/timeout_seconds", value: timeoutSeconds, minimum, maximum };
  ensureWithinLimits([{ ...asked, whole: false }]);
  const limits = {
    ...resolveLimits({}, ceilings),
    timeoutSeconds,
    memoryMb: Math.min(WANTED.memoryMb, ceilings.memoryMb),
    processes: Math.min(WANTED.processes, ceilings.processes),
    openFiles: Math.min(WANTED.openFiles, ceilings.openFiles),
    cpuSeconds: ceilings.cpuSeconds,
  };
  const language = programLanguageOf(tests);
  const brought = { files: command.files, outputs: [] };
  const files = resolveFiles(brought, { language, limits, caps, source: TEST_SOURCES[tests] });
  return { tests, language, code, stdin: "", args: [], environment: {}, ...files, limits };
}

function unfit({ language }: RunTests, framework: TestFramework): DomainError {
  const expected = `'${frameworkOf(language)}', which runs the tests of ${language}`;
  const fault = { pointer: "/test_framework", expected, found: `'${framework}'` };
  return new DomainError({ code: "validation_failed", errors: [fault] });
}
