import type { IsolationReceipt } from "../execution/outcome.ts";
import type { PolicyFinding } from "../policy/finding.ts";
import type { TestFramework, TestLanguage } from "./framework.ts";
import type { TestReport } from "./report.ts";

/** A finished run of tests as it is kept and shown to its owner. */
export interface TestRecord extends TestReport {
  /** UUID version 7: ids made later sort later. */
  readonly id: string;
  /** The subject of the token that asked for it. */
  readonly owner: string;
  readonly correlationId: string;
  /** The trace that they were asked for in, where there was one: 32 hexadecimal digits. */
  readonly traceId?: string;
  readonly framework: TestFramework;
  readonly language: TestLanguage;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
  /** Wall-clock time of the whole run, in seconds. */
  readonly durationSeconds: number;
  /** What the operator's policy found in the tests and the modules beside them. */
  readonly policyFindings: readonly PolicyFinding[];
  readonly isolation: IsolationReceipt;
  /** ISO 8601 UTC with milliseconds. */
  readonly createdAt: string;
}
