import { openJobQueue } from "../adapters/sqlite/job_queue.ts";
import type { ExecuteCodeParts } from "../application/execute_code.ts";
import { runJob } from "../application/run_job.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { JobEvents, JobQueue, JobWorker } from "../domain/ports/job_queue.ts";
import type { Log } from "../domain/ports/log.ts";
import type { Config } from "./config.ts";

const DATABASE = "jobs.sqlite";

/** The queue, and who works on it here. */
export interface OpenedJobs {
  readonly queue: JobQueue & JobEvents;
  readonly worker: JobWorker;
}

/** What running jobs takes beside the configuration. */
export interface JobsParts {
  readonly execution: ExecuteCodeParts;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends what runs, so that whoever works on it can give it back. */
  readonly endRuns: () => Promise<void>;
}

/** Opens the queue, and begins to work on what waits in it. */
export async function openJobs(
  { dataDir, jobs, execution: { concurrency } }: Config,
  { execution, clock, log, endRuns }: JobsParts,
  stack: AsyncDisposableStack,
): Promise<OpenedJobs> {
  const path = `${dataDir}/${DATABASE}`;
  const queue = stack.use(await openJobQueue({ path, clock, ttlSeconds: jobs.ttlSeconds }));
  // Half of all places: jobs alone cannot keep those waiting who want their answer now.
  const places = Math.max(1, Math.floor(concurrency / 2));
  const worker = queue.work((taken) => runJob({ ...execution, log }, taken), {
    concurrency: places,
  });
  stack.defer(async () => {
    worker.stop();
    await endRuns();
    await worker[Symbol.asyncDispose]();
  });
  return { queue, worker };
}
