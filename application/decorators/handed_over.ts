import { type DomainError, isFailure } from "../../domain/errors.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { JobEnd, RunJob } from "../../domain/ports/job_queue.ts";

/** How long a job waits in its worker's hands for its record to be where all find it. */
const HANDOVER_MS = 30_000;
/** When a job that was given back for want of that is taken again. */
const AGAIN_SECONDS = 10;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/** What {@link handedOver} works with. */
export interface HandedOverParts {
  /**
   * Whether the record of a run is not yet where other instances find it; rejects with a failure that is not
   * `transient` where it never will be.
   */
  readonly isWaiting: (executionId: string) => Promise<boolean>;
  readonly clock: Pick<Clock, "monotonic">;
  /** Waits; resolves early when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Aborted when the worker has to give back what it has in hand. */
  readonly closing: AbortSignal;
}

/**
 * Ends a job only once all find its record. A worker that is lost for good sooner would take the record
 * with it; so the job is given back instead, uncounted: whoever takes it ends it if its record is there,
 * and runs it again if not. One whose record is refused for what it is would be given back for ever: it is dead.
 */
export function handedOver(run: RunJob, parts: HandedOverParts): RunJob {
  return async (taken) => {
    const end = await run(taken);
    // A run that was cancelled has a record too.
    if (end.end === "again" || end.end === "dead") return end;
    try {
      if (await isShared(taken.job.id, parts)) return end;
    } catch (error) {
      if (isForGood(error)) return { end: "dead", failure: error.failure };
      throw error;
    }
    const delaySeconds = parts.closing.aborted ? 0 : AGAIN_SECONDS;
    return { end: "again", delaySeconds, counted: false } satisfies JobEnd;
  };
}

function isForGood(error: unknown): error is DomainError {
  return isFailure(error, "dependency_unavailable") && "transient" in error.failure &&
    error.failure.transient === false;
}

async function isShared(
  id: string,
  { isWaiting, clock, sleep, closing }: HandedOverParts,
): Promise<boolean> {
  const until = clock.monotonic() + HANDOVER_MS;
  for (let pause = FIRST_PAUSE_MS; await isWaiting(id);) {
    if (closing.aborted || clock.monotonic() >= until) return false;
    await sleep(pause, closing);
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  }
  return true;
}
