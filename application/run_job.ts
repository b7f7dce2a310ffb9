import { DomainError } from "../domain/errors.ts";
import { MAX_JOB_ATTEMPTS } from "../domain/execution/job.ts";
import { resolveLimits } from "../domain/execution/limits.ts";
import type { ExecutionRecord } from "../domain/execution/outcome.ts";
import type { Log } from "../domain/ports/log.ts";
import type { JobEnd, TakenJob } from "../domain/ports/job_queue.ts";
import { runAndKeep, type RunParts } from "./execute_code.ts";

/** Where a worker is full, or stopping, it or another one tries again after this. */
const FULL_SECONDS = 1;

/** What {@link runJob} works with. */
export interface RunJobParts extends RunParts {
  readonly log: Log;
}

/**
 * Runs a job as any other run is run, in its owner's name, and keeps its record before it says so. One
 * whose record is there already was run by a worker that did not come to say so: it is not run again.
 */
export async function runJob(parts: RunJobParts, taken: TakenJob): Promise<JobEnd> {
  const { job, request, signal } = taken;
  try {
    const kept = await parts.records.find(job.id);
    if (kept !== null) return endOf(kept);
    // Another service, with other ceilings, may have let it in.
    const limits = resolveLimits(request.limits, parts.ceilings);
    const principal = { subject: job.owner, roles: [] };
    const context = { principal, correlationId: job.correlationId, address: job.address, signal };
    const watcher = {
      started: () => {},
      wrote: (stream: "stdout" | "stderr", text: string) => {
        taken.wrote(stream, text);
      },
    };
    return endOf(await runAndKeep(parts, { ...request, limits }, context, watcher, job));
  } catch (error) {
    return refusedEnd(parts, taken, error);
  }
}

function endOf({ outcome }: ExecutionRecord): JobEnd {
  return { end: outcome === "cancelled" ? "cancelled" : "done" };
}

/** How a job goes on whose run has no record. */
function refusedEnd({ log }: RunJobParts, { job }: TakenJob, error: unknown): JobEnd {
  if (!(error instanceof DomainError)) {
    const reason = error instanceof Error ? error.message : String(error);
    log.write("error", "job_failed", { id: job.id, correlation_id: job.correlationId, reason });
    throw error;
  }
  const { failure } = error;
  switch (failure.code) {
    case "cancelled":
      return { end: "cancelled" };
    case "shutting_down":
    case "too_many_executions":
      return { end: "again", delaySeconds: FULL_SECONDS, counted: false };
    case "dependency_unavailable":
    case "circuit_open":
      if (job.attempts >= MAX_JOB_ATTEMPTS) return { end: "dead", failure };
      return { end: "again", delaySeconds: 2 ** job.attempts, counted: true };
    default:
      return { end: "dead", failure };
  }
}
