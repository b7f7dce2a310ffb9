import { openJobQueue } from "../adapters/sqlite/job_queue.ts";
import { sleep } from "../adapters/system/sleep.ts";
import { DeadJobWatch } from "../application/dead_job_watch.ts";
import { handedOver } from "../application/decorators/handed_over.ts";
import type { RunParts } from "../application/execute_code.ts";
import { runJob } from "../application/run_job.ts";
import { Setbacks } from "../application/setbacks.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type {
  JobEvents,
  JobQueue,
  JobSource,
  JobWorker,
  OpenJobs,
  RunJob,
} from "../domain/ports/job_queue.ts";
import type { Log } from "../domain/ports/log.ts";
import type { Telemetry } from "../domain/ports/telemetry.ts";
import type { OpenedRunner } from "./compose_runner.ts";
import type { Stores } from "./compose_stores.ts";
import type { Tracing } from "./compose_tracing.ts";
import type { Config } from "./config.ts";
import { areJobsShared } from "./jobs_setting.ts";

const DATABASE = "jobs.sqlite";
/** What all names of the shared queue begin with. Another form of what is kept there takes another number. */
const PREFIX = "ultimate-mcp:jobs:2";
/** How long the jobs of a worker that says nothing stay its own. */
const LOCK_MS = 10_000;

/** How often it is looked for jobs that have died. */
const DEAD_MS = 1000;

/** The queue, and who works on it here. */
export interface OpenedJobs {
  readonly queue: JobQueue & JobEvents & OpenJobs & { ping(): Promise<void> };
  readonly worker: JobWorker;
}

/** What running jobs takes beside the configuration. */
export interface JobsParts {
  readonly execution: RunParts & Pick<OpenedRunner, "jobRunner">;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly log: Log;
  readonly tracing: Pick<Tracing, "queue" | "jobs">;
  /** Whether a record of this instance is not yet where others find it. */
  readonly isWaiting: Stores["isWaiting"];
  /** Jobs at once, unless the settings say. Default: half of all places. */
  readonly places?: number;
  /** Ends what runs, so that whoever works on it can give it back. */
  readonly endRuns: () => Promise<void>;
}

/** Half of all places: jobs alone cannot keep those waiting who want their answer now. */
function placesBesideRequests({ execution: { concurrency } }: Config): number {
  return Math.max(1, Math.floor(concurrency / 2));
}

/** Opens the queue, and begins to work on what waits in it. */
export async function openJobs(
  config: Config,
  { places = placesBesideRequests(config), tracing, ...parts }: JobsParts,
  stack: AsyncDisposableStack,
): Promise<OpenedJobs> {
  const { execution, clock, log, telemetry, isWaiting, endRuns } = parts;
  const { jobRunner: runner } = execution;
  const queue = stack.use(await openQueue(config, { clock, log }));
  const dead = new DeadJobWatch({ ...execution, jobs: queue, log });
  const looking = setInterval(() => void dead.look(), DEAD_MS);
  const closing = new AbortController();
  const handing = { isWaiting, clock, sleep, closing: closing.signal };
  const running = { ...execution, runner, telemetry, log, setbacks: new Setbacks() };
  const run = handedOver(tracing.jobs((taken) => runJob(running, taken)), handing);
  const worker = workerOn(queue, run, config.jobs.concurrency ?? places);
  stack.defer(async () => {
    worker.stop();
    await endRuns();
    closing.abort();
    await worker[Symbol.asyncDispose]();
  });
  // What it could not tell of any more is told by the next start, or another instance.
  stack.defer(() => clearInterval(looking));
  return { queue: tracing.queue(queue), worker };
}

type SharedQueue = OpenedJobs["queue"] & JobSource;

async function openQueue(
  config: Config,
  { clock, log }: Pick<JobsParts, "clock" | "log">,
): Promise<SharedQueue> {
  const { cache: { redisUrl: url }, dataDir, jobs: { ttlSeconds } } = config;
  if (areJobsShared(config)) {
    // Loaded where it is needed: it takes a fifth of a second.
    const { BullMqJobQueue } = await import("../adapters/redis/jobs/job_queue.ts");
    return new BullMqJobQueue({ url, prefix: PREFIX, ttlSeconds, lockMs: LOCK_MS, log });
  }
  if (url !== "") {
    const reason =
      "RECORDS_BACKEND is 'sqlite': this instance keeps its jobs and results to itself";
    log.write("warn", "jobs_not_shared", { reason });
  }
  const queue = await openJobQueue({ path: `${dataDir}/${DATABASE}`, clock, ttlSeconds });
  return Object.assign(queue, { ping: () => Promise.resolve() });
}

function workerOn(queue: JobSource, run: RunJob, concurrency: number): JobWorker {
  if (concurrency > 0) return queue.work(run, { concurrency });
  return { stop: () => {}, [Symbol.asyncDispose]: () => Promise.resolve() };
}
