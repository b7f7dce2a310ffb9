import { DomainError, isFailure } from "../../domain/errors.ts";
import { NO_FILES } from "../../domain/execution/files.ts";
import type { ExecutionLimits } from "../../domain/execution/limits.ts";
import type { ExecutionOutcome } from "../../domain/execution/outcome.ts";
import type { LinterName, LintFinding } from "../../domain/lint/report.ts";
import type { ExecutionRunner } from "../../domain/ports/execution_runner.ts";
import { unavailable } from "./unavailable.ts";

/** What a linter has found, or none where it is not there. */
export interface Linted {
  readonly linter: LinterName;
  readonly remedy: string | null;
  readonly findings: readonly LintFinding[];
  readonly truncated: boolean;
}

/** A linter that is a program of its own. */
export interface SandboxedLinter {
  readonly name: LinterName;
  /** A bash program that has it look at the file `text`; ends with 127 where it is not there. */
  readonly program: string;
  /** What the operator can do where it is not there. */
  readonly remedy: string;
  /** What a program that has ended has written; `null`: nothing that it could have. */
  readonly read: (
    outcome: ExecutionOutcome,
  ) => Pick<Linted, "findings" | "truncated"> & Partial<Pick<Linted, "linter" | "remedy">> | null;
}

/** What a text may take of a linter that is a program of its own. */
export const SANDBOX_BOUNDS = { seconds: 30, memoryMegabytes: 768 } as const;

const LIMITS: ExecutionLimits = {
  timeoutSeconds: SANDBOX_BOUNDS.seconds,
  memoryMb: SANDBOX_BOUNDS.memoryMegabytes,
  cpuSeconds: SANDBOX_BOUNDS.seconds,
  processes: 64,
  openFiles: 256,
  fileSizeMb: 16,
  // What is past it is not read, and a linter that writes 64 times as much is ended.
  outputKb: 2048,
};

const MISSING = 127;

/**
 * Has a linter look at a text inside the sandbox: it is a program that reads what anybody may have written,
 * with no network, no files but the text, and no more time and memory than it is given.
 *
 * @throws {DomainError} `code_too_complex`, `dependency_unavailable`, `cancelled`, `shutting_down`.
 */
export async function lintInside(
  runner: Pick<ExecutionRunner, "run">,
  linter: SandboxedLinter,
  code: string,
  signal: AbortSignal,
): Promise<Linted> {
  const { name, program, remedy } = linter;
  const outcome = await outcomeOf(runner, program, code, signal);
  if (typeof outcome === "string") return none(outcome);
  if (outcome.returnCode === MISSING) return none(remedy);
  const read = linter.read(outcome);
  if (read === null) throw unavailable(reasonOf(outcome));
  const cut = outcome.stdoutTruncated || read.truncated;
  return { linter: name, remedy: null, ...read, truncated: cut };
}

function none(remedy: string): Linted {
  return { linter: "none", remedy, findings: [], truncated: false };
}

/** How it ended; a text says what the operator can do where there is no sandbox. */
async function outcomeOf(
  runner: Pick<ExecutionRunner, "run">,
  program: string,
  code: string,
  signal: AbortSignal,
): Promise<ExecutionOutcome | string> {
  const files = [{ path: "text", content: new TextEncoder().encode(code) }];
  const request = { language: "bash" as const, code: program, stdin: "", args: [] };
  try {
    const outcome = await runner.run(
      { ...request, environment: {}, files, outputs: NO_FILES.outputs, limits: LIMITS },
      signal,
    );
    return ended(outcome);
  } catch (error) {
    if (!isFailure(error, "language_unavailable") && !isFailure(error, "dependency_unavailable")) {
      throw error;
    }
    const { failure } = error;
    const remedy = "remedy" in failure ? failure.remedy : null;
    if (remedy === null) throw error;
    return remedy;
  }
}

function ended(outcome: ExecutionOutcome): ExecutionOutcome {
  const { seconds, memoryMegabytes } = SANDBOX_BOUNDS;
  switch (outcome.outcome) {
    case "timeout":
    case "cpu":
      throw new DomainError({ code: "code_too_complex", limit: "time", most: seconds });
    case "memory":
      throw new DomainError({ code: "code_too_complex", limit: "memory", most: memoryMegabytes });
    case "cancelled":
      throw new DomainError({ code: "cancelled" });
    default:
      return outcome;
  }
}

function reasonOf({ returnCode, stderr }: ExecutionOutcome): string {
  const said = stderr.trim().split("\n", 1)[0] ?? "";
  return `it ended with ${returnCode}${said === "" ? "" : `: ${said.slice(0, 200)}`}`;
}
