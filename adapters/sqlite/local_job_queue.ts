import { hasEnded, type Job, type NewJob } from "../../domain/execution/job.ts";
import type { Page } from "../../domain/execution/summary.ts";
import type {
  AddedJob,
  JobEnd,
  JobEvent,
  JobEvents,
  JobQueue,
  JobSource,
  JobWorker,
  OpenJobs,
  RunJob,
} from "../../domain/ports/job_queue.ts";
import type { JobStore } from "./job_store.ts";
import { LiveJobs } from "./live_jobs.ts";
import { unavailable } from "./unavailable.ts";

/** A store that refuses is asked again after this long. */
const STORE_AWAY_MS = 1000;
/** Timers cannot wait much longer. */
const LONGEST_WAIT_MS = 3_600_000;

/** A queue whose workers are in this process. Closing it closes what it is kept in. */
export class LocalJobQueue implements JobQueue, JobEvents, JobSource, OpenJobs {
  readonly #store: JobStore;
  readonly #kept: AsyncDisposable;
  readonly #live = new LiveJobs();
  readonly #workers = new Set<LocalWorker>();
  #due: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(store: JobStore, kept: AsyncDisposable) {
    this.#store = store;
    this.#kept = kept;
  }

  async add(job: NewJob, quota: number): Promise<AddedJob> {
    this.#requireOpen();
    const added = await this.#store.add(job, quota);
    if (added.added) this.#wake();
    return added;
  }

  async find(id: string): Promise<Job | null> {
    this.#requireOpen();
    return await this.#store.find(id);
  }

  async cancel(id: string): Promise<Job | null> {
    this.#requireOpen();
    const job = await this.#store.cancel(id);
    if (job?.state === "running") this.#live.interrupt(id, "cancelled");
    if (job?.state === "cancelled") this.#live.end(id);
    return job;
  }

  async dead(limit: number): Promise<readonly Job[]> {
    this.#requireOpen();
    return await this.#store.dead(limit);
  }

  async open(owner: string, page: Page): Promise<readonly Job[]> {
    this.#requireOpen();
    return await this.#store.open(owner, page);
  }

  async *watch(id: string, signal: AbortSignal): AsyncGenerator<JobEvent, void> {
    using listening = this.#live.listen(id);
    const job = await this.find(id);
    if (job === null || hasEnded(job)) return;
    yield* listening.events(signal);
  }

  work(run: RunJob, { concurrency }: { readonly concurrency: number }): JobWorker {
    const worker: LocalWorker = new LocalWorker({
      concurrency,
      take: () => this.#take(worker),
      run: (job) => this.#run(job, run),
      closed: () => this.#workers.delete(worker),
    });
    this.#workers.add(worker);
    worker.wake();
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#due);
    for (const worker of this.#workers) worker.stop();
    this.#live.close();
    await this.#kept[Symbol.asyncDispose]();
  }

  async #take(worker: LocalWorker): Promise<Job | null> {
    if (this.#closed) return null;
    try {
      const job = await this.#store.take();
      if (job === null) this.#wakeWhenDue();
      return job;
    } catch {
      this.#wakeIn(STORE_AWAY_MS);
      worker.stumbled();
      return null;
    }
  }

  async #run(job: Job, run: RunJob): Promise<void> {
    const { id, attempts } = job;
    const signal = this.#live.begin(id);
    let end: JobEnd;
    try {
      end = await run({
        job,
        signal,
        request: () => this.#store.requestOf(id),
        started: () => this.#live.started(id, attempts),
        wrote: (stream, text) => this.#live.wrote(id, { kind: "wrote", stream, text }),
      });
    } catch {
      end = { end: "again", delaySeconds: 0, counted: true };
    }
    await this.#settle(id, end);
  }

  /** Until it is told, a job that has ended would be run again. */
  async #settle(id: string, end: JobEnd): Promise<void> {
    while (!this.#closed) {
      try {
        return await this.#told(id, end);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, STORE_AWAY_MS));
      }
    }
  }

  async #told(id: string, end: JobEnd): Promise<void> {
    if (end.end !== "again") {
      await this.#store.end(
        id,
        end.end === "dead" ? { state: "dead", failure: end.failure } : { state: end.end },
      );
      return this.#live.end(id);
    }
    const job = await this.#store.release(id, end);
    if (hasEnded(job)) return this.#live.end(id);
    this.#live.release(id);
    this.#wake();
  }

  #wake(): void {
    for (const worker of this.#workers) worker.wake();
  }

  #wakeWhenDue(): void {
    const milliseconds = this.#store.nextIn();
    if (milliseconds !== null) this.#wakeIn(milliseconds);
  }

  #wakeIn(milliseconds: number): void {
    clearTimeout(this.#due);
    if (this.#closed || this.#workers.size === 0) return;
    const wait = Math.min(milliseconds, LONGEST_WAIT_MS);
    this.#due = setTimeout(() => this.#wake(), wait);
    Deno.unrefTimer(this.#due);
  }

  #requireOpen(): void {
    if (this.#closed) throw unavailable("jobs", "the queue is closed");
  }
}

interface WorkerParts {
  readonly concurrency: number;
  readonly take: () => Promise<Job | null>;
  readonly run: (job: Job) => Promise<void>;
  readonly closed: () => void;
}

/** Takes one job after another while it has room. */
class LocalWorker implements JobWorker {
  readonly #parts: WorkerParts;
  readonly #inHand = new Set<Promise<void>>();
  #taking: Promise<void> = Promise.resolve();
  #busy = false;
  #asked = false;
  #stopped = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  /** There may be something to take. */
  wake(): void {
    this.#asked = true;
    if (!this.#busy) this.#taking = this.#takeAll();
  }

  /** The store could not be asked: it is asked no more until the next time. */
  stumbled(): void {
    this.#asked = false;
  }

  stop(): void {
    this.#stopped = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.#taking;
    await Promise.all(this.#inHand);
    this.#parts.closed();
  }

  async #takeAll(): Promise<void> {
    this.#busy = true;
    while (this.#asked && !this.#stopped && this.#inHand.size < this.#parts.concurrency) {
      this.#asked = false;
      const job = await this.#parts.take();
      if (job === null) continue;
      this.#asked = true;
      const running = this.#parts.run(job).finally(() => {
        this.#inHand.delete(running);
        if (!this.#stopped) this.wake();
      });
      this.#inHand.add(running);
    }
    this.#busy = false;
  }
}
