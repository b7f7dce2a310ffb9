import { hasEnded, isJob, type Job } from "../domain/execution/job.ts";
import type { ExecutionRecord } from "../domain/execution/outcome.ts";
import type { JobEvent, JobEvents } from "../domain/ports/job_queue.ts";
import { getExecution, type GetExecutionParts } from "./get_execution.ts";
import type { RequestContext } from "./request_context.ts";
import type { Watchers, Watching } from "./watchers.ts";

/** What somebody who watches a run is told. */
export type ExecutionEvent =
  /** Where it stands: first, and last where it has ended without a record. */
  | { readonly kind: "standing"; readonly job: Job }
  | { readonly kind: "heard"; readonly job: Job; readonly event: JobEvent }
  /** The last. */
  | { readonly kind: "result"; readonly record: ExecutionRecord };

/** What {@link watchExecution} works with. */
export interface WatchExecutionParts extends GetExecutionParts {
  readonly events: JobEvents;
  readonly watchers: Watchers;
  /** Waits; resolves early when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** How long the record of a job that is done is waited for at a time: at first, and at most. */
const RECORD_MS = 50;
const LONGEST_RECORD_MS = 2000;

/**
 * What happens to a run, for its owner or an admin, until it has ended or the caller leaves; of one that
 * has ended its result. Rejects as `getExecution` does before anything is told, and with
 * `too_many_executions` where the caller watches too many; later with why his token is good no more.
 */
export async function watchExecution(
  parts: WatchExecutionParts,
  id: string,
  context: RequestContext,
): Promise<AsyncIterable<ExecutionEvent>> {
  const found = await getExecution(parts, id, context);
  if (!isJob(found)) return only({ kind: "result", record: found });
  return watched(parts, found, context, parts.watchers.enter(context.principal));
}

async function* only(event: ExecutionEvent): AsyncGenerator<ExecutionEvent> {
  yield await Promise.resolve(event);
}

async function* watched(
  parts: WatchExecutionParts,
  job: Job,
  context: RequestContext,
  watching: Watching,
): AsyncGenerator<ExecutionEvent> {
  using _watching = watching;
  const signal = AbortSignal.any([context.signal, watching.refused]);
  yield* eventsOf(parts, job, { ...context, signal });
  if (watching.refused.aborted && !context.signal.aborted) throw watching.refused.reason;
}

async function* eventsOf(
  parts: WatchExecutionParts,
  job: Job,
  context: RequestContext,
): AsyncGenerator<ExecutionEvent> {
  const { signal } = context;
  yield { kind: "standing", job };
  if (hasEnded(job)) return;
  for await (const event of parts.events.watch(job.id, signal)) yield { kind: "heard", job, event };
  for (let pause = RECORD_MS; !signal.aborted; pause = Math.min(2 * pause, LONGEST_RECORD_MS)) {
    const found = await getExecution(parts, job.id, context);
    if (!isJob(found)) return yield { kind: "result", record: found };
    if (hasEnded(found)) return yield { kind: "standing", job: found };
    // It is done, and its record is still on its way to where this instance finds it.
    await parts.sleep(pause, signal);
  }
}
