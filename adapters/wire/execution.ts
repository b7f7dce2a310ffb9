import type { RequestedLimits } from "../../domain/execution/limits.ts";
import type { ExecutionRecord } from "../../domain/execution/outcome.ts";
import type { ExecutionRequest } from "../../domain/execution/request.ts";
import { wireFindings } from "./policy_findings.ts";
import type { ExecuteCodeRequest, WireExecution } from "./schemas.ts";

/** A request whose limits are still as they were asked for: what the use case takes. */
export interface AskedExecution extends Omit<ExecutionRequest, "limits"> {
  readonly limits: RequestedLimits;
}

/** A checked request as the use case takes it. */
export function executeCodeCommand(request: ExecuteCodeRequest): AskedExecution {
  const { code, language, stdin, args, environment } = request;
  return {
    code,
    language,
    stdin,
    args,
    environment,
    limits: {
      timeoutSeconds: request.timeout_seconds,
      memoryMb: request.limits?.memory_mb,
      cpuSeconds: request.limits?.cpu_seconds,
      processes: request.limits?.processes,
      openFiles: request.limits?.open_files,
      fileSizeMb: request.limits?.file_size_mb,
      outputKb: request.limits?.output_kb,
    },
  };
}

/** A kept run as its owner sees it: without its owner and correlation id. */
export function wireExecution(record: ExecutionRecord): WireExecution {
  const { runner, layers, missing } = record.isolation;
  return {
    id: record.id,
    language: record.language,
    outcome: record.outcome,
    return_code: record.returnCode,
    signal: record.signal,
    limit: record.limit,
    stdout: record.stdout,
    stderr: record.stderr,
    stdout_truncated: record.stdoutTruncated,
    stderr_truncated: record.stderrTruncated,
    duration_seconds: record.durationSeconds,
    cpu_seconds: record.cpuSeconds,
    memory_peak_bytes: record.memoryPeakBytes,
    queue_seconds: record.queueSeconds,
    files: [],
    policy_findings: wireFindings(record.policyFindings),
    isolation: { runner, layers: [...layers], missing: [...missing] },
    cached: false,
    created_at: record.createdAt,
  };
}
