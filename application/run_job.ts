import { DomainError } from "../domain/errors.ts";
import { MAX_JOB_ATTEMPTS } from "../domain/execution/job.ts";
import { resolveLimits } from "../domain/execution/limits.ts";
import type { ExecutionRecord } from "../domain/execution/outcome.ts";
import type { Log } from "../domain/ports/log.ts";
import type { JobEnd, TakenJob } from "../domain/ports/job_queue.ts";
import type { Measurement, Telemetry } from "../domain/ports/telemetry.ts";
import { traceContextOf, traceIdOf } from "../domain/tracing/trace_context.ts";
import { neverRun, observed } from "./decorators/observed.ts";
import { isLost, runAndKeep, type RunParts } from "./execute_code.ts";
import type { Setbacks } from "./setbacks.ts";

/** Where a worker is stopping, another one tries again after this. */
const STOPPING_SECONDS = 1;
/** How long a job is put off at most while there is no place for it, and while what it needs is away. */
const LONGEST_FULL_SECONDS = 15;
const LONGEST_AWAY_SECONDS = 30;

/** What {@link runJob} works with. */
export interface RunJobParts extends RunParts {
  /** Measures nothing itself: a run that is tried again has not ended. */
  readonly runner: RunParts["runner"];
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly setbacks: Setbacks;
}

/**
 * Runs a job as any other run is run, in its owner's name, and keeps its record before it says so. One
 * whose record is there already was run by a worker that did not come to say so: it is not run again.
 * It is measured as one run, when it is done with.
 */
export async function runJob(parts: RunJobParts, taken: TakenJob): Promise<JobEnd> {
  const measured = new LastEnd();
  let end: JobEnd | null = null;
  try {
    end = await attempt({ ...parts, runner: observed(parts.runner, measured) }, taken);
    return end;
  } finally {
    // Nothing is said of what is tried again: it is one run, however often it is put off.
    if (isOver(end, taken)) measured.tell(parts.telemetry, end, taken);
  }
}

/** Whether nobody tries the job again; `null`: the attempt has broken off, and counts. */
function isOver(end: JobEnd | null, { job, signal }: TakenJob): boolean {
  if (isLost(signal)) return false;
  return end === null ? job.attempts >= MAX_JOB_ATTEMPTS : end.end !== "again";
}

/** What was measured of the last run of a job. */
class LastEnd implements Telemetry {
  #last: Measurement | null = null;

  record(measurement: Measurement): void {
    this.#last = measurement;
  }

  /** Of one that was never run here, its end says what there is to say; what had its record was measured before. */
  tell(telemetry: Telemetry, end: JobEnd | null, { job: { language } }: TakenJob): void {
    if (this.#last !== null) return telemetry.record(this.#last);
    if (end !== null && end.end !== "dead") return;
    const failure = end === null ? null : new DomainError(end.failure);
    telemetry.record(neverRun(language, failure));
  }
}

async function attempt(parts: RunJobParts, taken: TakenJob): Promise<JobEnd> {
  const { job, signal } = taken;
  let begun = false;
  try {
    // Before anything is loaded: who has many jobs asks for each again and again.
    using _place = parts.places.enterForNow(job.owner);
    const kept = await parts.records.find(job.id);
    if (kept !== null) {
      parts.setbacks.forget(job.id);
      return endOf(kept);
    }
    const request = await taken.request();
    // Another service, with other ceilings, may have let it in.
    const limits = resolveLimits(request.limits, parts.ceilings);
    const principal = { subject: job.owner, roles: [] };
    const { correlationId, address, trace } = job;
    const place = traceContextOf(trace?.traceparent, null);
    const traceId = place && traceIdOf(place);
    const context = { principal, correlationId, address, traceId, signal };
    const watcher = {
      started: () => {
        begun = true;
        taken.started();
        parts.setbacks.forget(job.id);
      },
      wrote: (stream: "stdout" | "stderr", text: string) => {
        taken.wrote(stream, text);
      },
    };
    return endOf(await runAndKeep(parts, { ...request, limits }, context, watcher, job));
  } catch (error) {
    return refusedEnd(parts, taken, { error, begun });
  }
}

function endOf({ outcome }: ExecutionRecord): JobEnd {
  return { end: outcome === "cancelled" ? "cancelled" : "done" };
}

/**
 * How a job goes on whose run has no record. What fails before its program has begun says nothing against the job,
 * and counts as no attempt, however long it lasts.
 */
function refusedEnd(
  { log, setbacks }: RunJobParts,
  { job }: TakenJob,
  { error, begun }: { readonly error: unknown; readonly begun: boolean },
): JobEnd {
  if (!(error instanceof DomainError)) {
    const reason = error instanceof Error ? error.message : String(error);
    log.write("error", "job_failed", { id: job.id, correlation_id: job.correlationId, reason });
    throw error;
  }
  const { failure } = error;
  const putOff = (mostSeconds: number): JobEnd => {
    const delaySeconds = setbacks.delaySeconds(job.id, mostSeconds);
    return { end: "again", delaySeconds, counted: false };
  };
  switch (failure.code) {
    case "cancelled":
      return { end: "cancelled" };
    case "shutting_down":
      return { end: "again", delaySeconds: STOPPING_SECONDS, counted: false };
    case "too_many_executions":
      return putOff(LONGEST_FULL_SECONDS);
    case "dependency_unavailable":
    case "circuit_open":
      if (!begun) return putOff(LONGEST_AWAY_SECONDS);
      if (job.attempts >= MAX_JOB_ATTEMPTS) return { end: "dead", failure };
      return { end: "again", delaySeconds: 2 ** job.attempts, counted: true };
    default:
      return { end: "dead", failure };
  }
}
