import { DomainError } from "../../../domain/errors.ts";
import { judge } from "../../../domain/execution/ending.ts";
import type { ExecutionLimits } from "../../../domain/execution/limits.ts";
import type { ExecutionOutcome } from "../../../domain/execution/outcome.ts";
import type { ExecutionRequest } from "../../../domain/execution/request.ts";
import type { ExecutionRunner, RunWatcher } from "../../../domain/ports/execution_runner.ts";
import {
  frameworkOf,
  programLanguageOf,
  TEST_SOURCES,
  type TestLanguage,
} from "../../../domain/testing/framework.ts";
import {
  concludeTests,
  type ReportDraft,
  type TestEnding,
} from "../../../domain/testing/report.ts";
import type { JavascriptRuntime } from "../fork_server/javascript_runtime.ts";
import { textInTurns } from "../fork_server/output_text.ts";
import { denoReport } from "./deno_report.ts";
import { EndedCases } from "./ended_cases.ts";
import { type HarnessWords, readHarness } from "./frames.ts";
import { harnessRequest } from "./program.ts";
import { pytestReport } from "./pytest_report.ts";

/** What runs programs, tests among them. */
export type TestingRunner = Pick<ExecutionRunner, "run">;

/** A runner of programs, with the runtime that JavaScript is run by. */
export interface SandboxedRunner extends Pick<ExecutionRunner, "run" | "status"> {
  readonly javascript: Pick<JavascriptRuntime, "name">;
}

/**
 * Teaches a runner to run tests: where a request says that it is of tests, a harness runs their framework
 * in the same sandbox, and the outcome has what came of them.
 */
export function testing(runner: SandboxedRunner): TestingRunner {
  return {
    async run(request, signal, watcher) {
      const { tests } = request;
      if (tests === undefined) return await runner.run(request, signal, watcher);
      requireFramework(tests, runner);
      const { preloaded } = runner.status().packages;
      const asked = harnessRequest(request, tests, preloaded);
      const outcome = await runner.run(asked, signal, listening(watcher));
      return await testedOutcome(request, tests, outcome);
    },
  };
}

/** The harness's own output is nobody's to hear, but what it says of tests is. */
function listening(watcher: RunWatcher | undefined): RunWatcher | undefined {
  if (watcher === undefined) return undefined;
  const started = () => watcher.started();
  if (watcher.tested === undefined) return { started };
  const ended = new EndedCases((...heard) => watcher.tested?.(...heard));
  return { started, wrote: (stream, text) => stream === "stdout" ? ended.hear(text) : undefined };
}

function requireFramework(tests: TestLanguage, runner: SandboxedRunner): void {
  const language = programLanguageOf(tests);
  if (language === "python") return;
  const { name } = runner.javascript;
  const why = runner.status().unavailableLanguages[language] ?? (name === "deno" ? null : {
    reason: `tests are run by Deno, and JAVASCRIPT_RUNTIME is ${name}`,
    remedy: "Leave JAVASCRIPT_RUNTIME out, or set it to a path of Deno.",
  });
  if (why !== null) throw new DomainError({ code: "language_unavailable", language, ...why });
}

async function testedOutcome(
  request: ExecutionRequest,
  tests: TestLanguage,
  run: ExecutionOutcome,
): Promise<ExecutionOutcome> {
  const harness = readHarness(run.stdout);
  const draft = draftOf(tests, harness);
  const ending = endingOf(run, harness, request.limits);
  const [stdout, stderr] = [await textInTurns(harness.stdout), await textInTurns(harness.stderr)];
  return {
    ...run,
    returnCode: ending.returnCode,
    signal: ending.signal,
    stdout,
    // What the harness itself could not help saying is its fault, and worth knowing.
    stderr: stderr + run.stderr,
    stdoutTruncated: harness.stdoutTruncated,
    stderrTruncated: harness.stderrTruncated || run.stderrTruncated,
    tests: concludeTests(draft, ending),
  };
}

function draftOf(tests: TestLanguage, harness: HarnessWords): ReportDraft {
  if (frameworkOf(tests) === "deno") return denoReport(harness, TEST_SOURCES[tests]);
  const draft = pytestReport(harness);
  if (draft.unavailable === null) return draft;
  throw new DomainError({
    code: "language_unavailable",
    language: "python",
    reason: "pytest is not among the packages of the sandbox",
    remedy: "Add it with 'deno task packages add pytest' and restart the service.",
  });
}

/** How the tests' own process ended, or what ended the run around it. */
function endingOf(
  run: ExecutionOutcome,
  harness: HarnessWords,
  limits: ExecutionLimits,
): TestEnding {
  const { outcome, returnCode, signal } = run;
  if (harness.isFull) return { outcome: "output", returnCode, signal };
  if (outcome !== "ok" || harness.end === null) return { outcome, returnCode, signal };
  const { status } = harness.end;
  const number = status & 0x7f;
  const own = judge({
    cause: "itself",
    exitCode: number === 0 ? status >> 8 : null,
    signalNumber: number === 0 ? null : number,
    accountedPeakBytes: run.memoryPeakBytes,
    lastWords: "",
  }, limits);
  const isLimit = own.outcome === "memory" || own.outcome === "cpu";
  return { ...own, outcome: isLimit ? own.outcome : "ok" };
}
