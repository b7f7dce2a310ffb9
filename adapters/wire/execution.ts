import type { RequestedFiles } from "../../domain/execution/file_paths.ts";
import type { RequestedLimits } from "../../domain/execution/limits.ts";
import type { ExecutionRecord } from "../../domain/execution/outcome.ts";
import type { ExecutionRequest } from "../../domain/execution/request.ts";
import { decodeContents, encodeFiles } from "./file_contents.ts";
import { wireFindings } from "./policy_findings.ts";
import type { ExecuteCodeRequest, WireExecution, WireStarted } from "./schemas.ts";

/** A request whose limits and files are still as they were asked for: what the use case takes. */
export interface AskedExecution
  extends Omit<ExecutionRequest, "limits" | "files" | "outputs">, RequestedFiles {
  readonly limits: RequestedLimits;
  readonly cache: boolean;
}

/**
 * A checked request as the use case takes it.
 *
 * @throws {DomainError} `validation_failed` naming every content that is not of its encoding.
 */
export async function executeCodeCommand(request: ExecuteCodeRequest): Promise<AskedExecution> {
  const { code, language, stdin, args, environment, outputs, cache } = request;
  return {
    code,
    language,
    stdin,
    args,
    environment,
    files: await decodeContents(request.files),
    outputs,
    cache,
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

/** What is told of a run when it begins. */
export function wireStarted(
  { id, language, createdAt }: Pick<ExecutionRecord, "id" | "language" | "createdAt">,
): WireStarted {
  return { id, language, created_at: createdAt };
}

/** A kept run as its owner sees it: without its owner and correlation id. */
export async function wireExecution(
  record: ExecutionRecord & { readonly cached?: boolean },
): Promise<WireExecution> {
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
    files: await encodeFiles(record.files),
    files_omitted: [...record.omittedFiles],
    files_omitted_count: record.omittedFileCount,
    policy_findings: wireFindings(record.policyFindings),
    isolation: { runner, layers: [...layers], missing: [...missing] },
    cached: record.cached ?? false,
    created_at: record.createdAt,
    ...(record.traceId !== undefined && { trace_id: record.traceId }),
  };
}
