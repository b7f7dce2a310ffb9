import { type IRedisClient, Queue } from "bullmq";
import {
  hasEnded,
  type Job,
  type JobBytes,
  MOST_JOB_BYTES,
  MOST_OPEN_JOBS,
  type NewJob,
} from "../../../domain/execution/job.ts";
import type { Page } from "../../../domain/execution/summary.ts";
import type {
  AddedJob,
  JobEvent,
  JobEvents,
  JobQueue,
  JobSource,
  JobWorker,
  OpenJobs,
  RunJob,
} from "../../../domain/ports/job_queue.ts";
import type { Log } from "../../../domain/ports/log.ts";
import {
  answered,
  type Connection,
  connectionTo,
  endedWithin,
  lastingConnection,
  unavailable,
} from "./connection.ts";
import { JobNews } from "./job_news.ts";
import { refuse } from "./admission.ts";
import { JobRecords } from "./job_records.ts";
import { BullMqWorker } from "./job_worker.ts";

const NAME = "executions";
/** What BullMQ may take to close. */
const CLOSE_MS = 500;
/** An attempt that ends without a word is followed by another; the records count them. */
const DELIVERIES = { attempts: Number.MAX_SAFE_INTEGER, backoff: { type: "fixed", delay: 1000 } };

/** Where and how jobs are shared. */
export interface BullMqJobQueueOptions {
  /** `redis://…` */
  readonly url: string;
  /** What all names there begin with. */
  readonly prefix: string;
  readonly ttlSeconds: number;
  /** How long a worker that says nothing keeps its jobs, in milliseconds. */
  readonly lockMs: number;
  /** Jobs that have not ended, of all owners. Default: {@link MOST_OPEN_JOBS}. */
  readonly most?: number;
  /** What their requests may take. Default: {@link MOST_JOB_BYTES}. */
  readonly mostBytes?: JobBytes;
  /** Hears once that Redis may evict what is here. */
  readonly log?: Log;
}

function warnOf(policy: string, log: Log | undefined): void {
  if (policy === "noeviction") return;
  log?.write("warn", "redis_may_evict", {
    policy,
    reason: "maxmemory-policy is not noeviction: a full Redis may give up a job's lock, and the " +
      "job be run twice",
  });
}

/** Jobs in Redis, delivered by BullMQ. */
export class BullMqJobQueue implements JobQueue, JobEvents, JobSource, OpenJobs {
  readonly #options: BullMqJobQueueOptions;
  readonly #connections: readonly Connection[];
  readonly #records: JobRecords;
  readonly #news: JobNews;
  readonly #bull: IRedisClient;
  readonly #queue: Queue;
  readonly #workers = new Set<BullMqWorker>();
  readonly #sweeping: ReturnType<typeof setInterval>;
  #closed = false;

  /** A queue that any number of processes share. It need not be reachable yet, and heals by itself. */
  constructor(options: BullMqJobQueueOptions) {
    const [commands, subscriber] = [connectionTo(options.url), connectionTo(options.url)];
    const prefix = `${options.prefix}:`;
    this.#options = options;
    this.#connections = [commands, subscriber];
    this.#records = new JobRecords(commands, prefix, options.ttlSeconds);
    this.#news = new JobNews(commands, subscriber, prefix);
    this.#bull = lastingConnection(commands, { policy: (name) => warnOf(name, options.log) });
    this.#queue = new Queue(NAME, {
      connection: this.#bull,
      prefix: `${options.prefix}:bull`,
    });
    this.#queue.on("error", () => {});
    this.#news.onStop((id) => {
      for (const worker of this.#workers) worker.cancelled(id);
    }, () => {
      for (const worker of this.#workers) worker.lookForCancelled();
    });
    this.#sweeping = setInterval(() => void this.#sweep().catch(() => {}), options.lockMs);
    // BullMQ has opened the other one.
    subscriber.connect().catch(() => {});
  }

  /** Resolves when Redis answers. @throws {DomainError} `dependency_unavailable` */
  async ping(): Promise<void> {
    this.#requireOpen();
    await this.#records.ping();
  }

  async add(job: NewJob, quota: number): Promise<AddedJob> {
    this.#requireOpen();
    const { most = MOST_OPEN_JOBS, mostBytes: bytes = MOST_JOB_BYTES } = this.#options;
    const admission = await this.#records.admit(job, { quota, most, bytes });
    if (admission.kind === "added") {
      await this.#deliver(job.id, job.priority);
      return { job: await this.#found(job.id), added: true };
    }
    if (admission.kind === "known") {
      const known = await this.#found(admission.id);
      // Whoever added it may not have come so far.
      if (known.state === "queued") await this.#deliver(known.id, known.priority);
      return { job: known, added: false };
    }
    const { active = 0, prioritized = 0, delayed = 0 } = await answered(() =>
      this.#queue.getJobCounts("active", "prioritized", "delayed")
    );
    refuse(admission, job, { running: active, waiting: prioritized + delayed });
  }

  async find(id: string): Promise<Job | null> {
    this.#requireOpen();
    return (await this.#records.find(id))?.job ?? null;
  }

  async cancel(id: string): Promise<Job | null> {
    this.#requireOpen();
    await this.#records.cancel(id);
    const job = await this.find(id);
    // A delivery of a job that has ended is nothing to its worker.
    if (job?.state === "cancelled") void this.#queue.remove(id).catch(() => {});
    return job;
  }

  async dead(limit: number): Promise<readonly Job[]> {
    this.#requireOpen();
    return await this.#records.dead(limit);
  }

  async open(owner: string, page: Page): Promise<readonly Job[]> {
    this.#requireOpen();
    return await this.#records.open(owner, page);
  }

  async *watch(id: string, signal: AbortSignal): AsyncGenerator<JobEvent, void> {
    this.#requireOpen();
    await using listening = await this.#news.listen(id);
    const found = await this.#records.find(id);
    if (found === null || hasEnded(found.job)) return;
    let from = found.from;
    let [waited, isOver] = [false, false];
    while (!signal.aborted && !this.#closed) {
      const { news, last } = await this.#news.after(id, from);
      from = last;
      for (const event of news) {
        if (event === "end") return;
        yield event;
      }
      if (news.length > 0) {
        waited = false;
        continue;
      }
      if (isOver) return;
      // Its end may have gone with Redis' memory, or while the reader was slow: then nothing more is told.
      if (waited) isOver = await this.#isOver(id);
      if (!isOver) await listening.news(signal);
      waited = true;
    }
  }

  work(run: RunJob, { concurrency }: { readonly concurrency: number }): JobWorker {
    const { url, prefix, lockMs } = this.#options;
    const around = { url, prefix: `${prefix}:bull`, lockMs, name: NAME, records: this.#records };
    const worker = new BullMqWorker({ ...around, concurrency, run });
    this.#workers.add(worker);
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#sweeping);
    await Promise.all([...this.#workers].map((worker) => worker.abandon()));
    await endedWithin(CLOSE_MS, this.#queue.close());
    this.#bull.disconnect();
    for (const connection of this.#connections) if (connection.isOpen) connection.destroy();
  }

  /** Gives BullMQ again what it has lost. */
  async #sweep(): Promise<void> {
    const { prefix, lockMs } = this.#options;
    for (const { id, priority } of await this.#records.sweep(`${prefix}:bull:${NAME}:`, lockMs)) {
      await this.#deliver(id, priority);
    }
  }

  async #deliver(id: string, priority: number): Promise<void> {
    await answered(() =>
      this.#queue.add("run", {}, { ...DELIVERIES, jobId: id, priority, removeOnComplete: true })
    );
    await this.#records.confirm(id);
  }

  async #isOver(id: string): Promise<boolean> {
    const found = await this.#records.find(id);
    return found === null || hasEnded(found.job);
  }

  async #found(id: string): Promise<Job> {
    const found = await this.#records.find(id);
    if (found === null) throw unavailable(`the job '${id}' is gone`);
    return found.job;
  }

  #requireOpen(): void {
    if (this.#closed) throw unavailable("the queue is closed");
  }
}
