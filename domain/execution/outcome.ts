import type { PolicyFinding } from "../policy/finding.ts";
import type { OutputFiles } from "./files.ts";
import type { Language } from "./language.ts";
import type { LimitName } from "./limits.ts";
import type { TestReport } from "../testing/report.ts";

/** Every way in which a started run ends. A program that fails is an answer, not an error. */
export const OUTCOMES = [
  "ok",
  "nonzero",
  "signal",
  "timeout",
  "memory",
  "cpu",
  "output",
  "cancelled",
] as const;

/** How a started run ended; `cancelled` when its caller left first. */
export type Outcome = (typeof OUTCOMES)[number];

/** Which walls stood round one run, by name, and which a host could have had but this one has not. */
export interface IsolationReceipt {
  readonly runner: string;
  readonly layers: readonly string[];
  readonly missing: readonly string[];
}

/** What one run did, measured by the sandbox and never by the program itself. */
export interface ExecutionOutcome extends OutputFiles {
  readonly outcome: Outcome;
  /** The exit code; 128 + n when ended by signal n; 124 on timeout. */
  readonly returnCode: number;
  /** The signal's name (`SIGKILL`), when one ended the program. */
  readonly signal: string | null;
  /** The limit that ended the run, when one did. */
  readonly limit: LimitName | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
  /** Wall-clock time of the program alone, in seconds. */
  readonly durationSeconds: number;
  /** CPU time of the whole process tree, in seconds. */
  readonly cpuSeconds: number;
  /** The most memory held at once, in bytes. */
  readonly memoryPeakBytes: number;
  readonly isolation: IsolationReceipt;
  /** What came of the tests, where the request was for tests: `stdout` and `stderr` are then theirs. */
  readonly tests?: TestReport;
}

/** A finished run as it is kept and shown to its owner. */
export interface ExecutionRecord extends ExecutionOutcome {
  /** UUID version 7: ids made later sort later. */
  readonly id: string;
  /** The subject of the token that asked for the run. */
  readonly owner: string;
  readonly correlationId: string;
  /** The trace that it was asked for in, where there was one: 32 hexadecimal digits. */
  readonly traceId?: string;
  readonly language: Language;
  /** Time spent waiting for a place, in seconds; for a job all the time since it was asked for. */
  readonly queueSeconds: number;
  /** What the operator's policy found in the program; empty for what it does not look at. */
  readonly policyFindings: readonly PolicyFinding[];
  /** ISO 8601 UTC with milliseconds. */
  readonly createdAt: string;
  /** Of a run that was a job: how often it was begun. */
  readonly attempts?: number;
}
