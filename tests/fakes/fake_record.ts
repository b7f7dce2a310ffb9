import type { ExecuteCode } from "../../application/execute_code.ts";
import type { RequestContext } from "../../application/request_context.ts";
import type { ExecutionRecord } from "../../domain/execution/outcome.ts";

/** The record of a run that wrote nothing and ended well, the `number`th of its application. */
export function fakeRecord(
  { language }: ExecuteCode,
  { principal, correlationId }: RequestContext,
  number: number,
): ExecutionRecord {
  return {
    id: `01890000-0000-7000-8000-${String(number).padStart(12, "0")}`,
    owner: principal.subject,
    correlationId,
    language,
    queueSeconds: 0,
    policyFindings: [],
    createdAt: "2026-01-01T00:00:00.000Z",
    outcome: "ok",
    returnCode: 0,
    signal: null,
    limit: null,
    stdout: "",
    stderr: "",
    stdoutTruncated: false,
    stderrTruncated: false,
    durationSeconds: 0.011,
    cpuSeconds: 0.008,
    memoryPeakBytes: 9_437_184,
    files: [],
    omittedFiles: [],
    omittedFileCount: 0,
    isolation: { runner: "fake", layers: ["pid-ns"], missing: ["cgroup-memory"] },
  };
}
