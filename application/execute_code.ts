import type { AuditDetails } from "../domain/audit/event.ts";
import { DomainError } from "../domain/errors.ts";
import {
  type FileCaps,
  type RequestedFiles,
  resolveFiles,
} from "../domain/execution/file_paths.ts";
import {
  type ExecutionLimits,
  type RequestedLimits,
  resolveLimits,
} from "../domain/execution/limits.ts";
import type { ExecutionRecord } from "../domain/execution/outcome.ts";
import type { Language } from "../domain/execution/language.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { JobInterruption } from "../domain/ports/job_queue.ts";
import type { RunWatcher } from "../domain/ports/execution_runner.ts";
import type { ExecutionRecords } from "../domain/ports/execution_records.ts";
import type { AdmittedRunner } from "./decorators/admitted.ts";
import type { PolicedOutcome } from "./decorators/policed.ts";
import type { ExecutionRequest } from "../domain/execution/request.ts";
import type { EarlierRuns, ExecutionAnswer } from "./earlier_runs.ts";
import type { ExecutionWatcher, StartedExecution } from "./execution_watcher.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";
import type { UserPlaces } from "./user_places.ts";

type ExecutionFinished = AuditDetails["execution_finished"];

/** A request to run a program, already checked for its shape. */
export interface ExecuteCode extends RequestedFiles {
  readonly language: Language;
  readonly code: string;
  readonly stdin: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: RequestedLimits;
  /** Whether an earlier run's answer will do; `false` where it is left out. */
  readonly cache?: boolean;
}

/** What {@link executeCode} works with. */
export interface ExecuteCodeParts extends RunParts {
  readonly earlier: Pick<EarlierRuns, "answer">;
}

/** What {@link runAndKeep} works with. */
export interface RunParts {
  readonly runner: AdmittedRunner<PolicedOutcome>;
  readonly places: UserPlaces;
  readonly records: ExecutionRecords;
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
 * Runs a program in the sandbox and keeps its record, and the audit's event of it, before it answers; or
 * answers with the record of an earlier run, where the caller wants that. Of a run that the sandbox took
 * and lost there is no record, but an event all the same.
 *
 * @throws {DomainError} `forbidden`, `validation_failed` (a limit above its ceiling, an unsafe path),
 * `code_rejected`, `too_many_executions`, `language_unavailable`, `dependency_unavailable`, `cancelled`.
 */
export async function executeCode(
  parts: ExecuteCodeParts,
  command: ExecuteCode,
  context: RequestContext,
  watcher?: ExecutionWatcher,
): Promise<ExecutionAnswer> {
  requirePermission(context.principal, "tools:execute");
  const limits = resolveLimits(command.limits, parts.ceilings);
  const { cache = false, ...program } = command;
  const { language } = command;
  const files = resolveFiles(command, { language, limits, caps: parts.fileCaps });
  const request = { ...program, ...files, limits };
  const run = async (...heard: [RequestContext, ExecutionWatcher | undefined]) => {
    using _place = parts.places.enter(heard[0].principal.subject, language);
    return await runAndKeep(parts, request, ...heard);
  };
  if (cache) return await parts.earlier.answer({ request, context, watcher, run });
  return { ...await run(context, watcher), cached: false };
}

/** A run that was asked for earlier, and has its id from then. */
export interface AskedEarlier {
  readonly id: string;
  /** ISO 8601 UTC with milliseconds. */
  readonly createdAt: string;
  /** How often it was begun, this time among them. */
  readonly attempts: number;
}

/**
 * Runs a request whose limits and files have been judged and whose owner has a place, and keeps its record, and the
 * audit's event of it, before it resolves. One that was interrupted because it is another worker's by now leaves no record.
 */
export async function runAndKeep(
  parts: RunParts,
  request: ExecutionRequest,
  context: RequestContext,
  watcher: ExecutionWatcher | undefined,
  earlier?: AskedEarlier,
): Promise<ExecutionRecord> {
  const { language } = request;
  const { principal: { subject: owner }, correlationId, traceId } = context;
  const now = parts.clock.now();
  const createdAt = earlier?.createdAt ?? new Date(now).toISOString();
  const started = { id: earlier?.id ?? parts.newId(), language, createdAt };
  const tell = (end: Pick<ExecutionFinished, "outcome" | "limit">) => {
    const details = { execution_id: started.id, language, code_sha256: parts.sha256(request.code) };
    const fact = { type: "execution_finished", details: { ...details, ...end } } as const;
    return parts.audit.record(fact, actorOf(context));
  };
  const heard = new Taken(started, watcher);
  const run = parts.runner.run(request, context.signal, heard.watcher);
  const { outcome, ...asked } = await run.catch(async (error) => {
    if (heard.taken) await tell({ outcome: "lost", limit: null });
    throw error;
  });
  if (isLost(context.signal)) {
    await tell({ outcome: "lost", limit: null });
    throw new DomainError({ code: "cancelled" });
  }
  const record = {
    ...{ ...outcome, ...started, owner, correlationId, ...asked },
    ...(traceId && { traceId }),
    ...(earlier && {
      attempts: earlier.attempts,
      queueSeconds: asked.queueSeconds + Math.max(0, now - Date.parse(createdAt)) / 1000,
    }),
  };
  // Begun together, they share a transaction. A run whose record is refused is told of before its caller.
  const kept = await Promise.allSettled([
    tell({ outcome: record.outcome, limit: record.limit }),
    parts.records.save(record),
  ]);
  for (const one of kept) if (one.status === "rejected") throw one.reason;
  if (record.outcome === "cancelled") throw new DomainError({ code: "cancelled" });
  return record;
}

/** Whether a job is another worker's by now. */
export function isLost({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason === ("lost" satisfies JobInterruption);
}

/** Knows whether the sandbox has taken a run, and passes on what a watcher may hear. */
class Taken {
  taken = false;
  readonly watcher: RunWatcher;

  constructor(execution: StartedExecution, watcher?: ExecutionWatcher) {
    this.watcher = {
      started: () => {
        this.taken = true;
        watcher?.started(execution);
      },
      ...(watcher && { wrote: (stream, text) => watcher.wrote(stream, text) }),
    };
  }
}
