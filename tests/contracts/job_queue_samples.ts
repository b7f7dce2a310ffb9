import assert from "node:assert/strict";
import { DEFAULT_LIMITS } from "../../domain/execution/limits.ts";
import type { Job, JobBytes, NewJob } from "../../domain/execution/job.ts";
import type { ExecutionRequest } from "../../domain/execution/request.ts";
import { isFailure } from "../../domain/errors.ts";
import type {
  JobEnd,
  JobEvent,
  JobEvents,
  JobQueue,
  JobSource,
  JobWorker,
  OpenJobs,
  RunJob,
  TakenJob,
} from "../../domain/ports/job_queue.ts";
import { eventually } from "../fixtures/eventually.ts";

/** A queue, with all that is behind it. */
export type OpenJobQueue = JobQueue & JobEvents & JobSource & OpenJobs;

/** What is set for a queue. */
export interface JobQueueSettings {
  /** How long an ended job is known, in seconds. */
  readonly ttlSeconds: number;
  /** Jobs of all owners that have not ended. Default: the queue's own. */
  readonly most?: number;
  /** Bytes of their requests. Default: the queue's own. */
  readonly mostBytes?: JobBytes;
}

/** A place where jobs are kept, empty at first, and removed when it is closed. */
export interface JobQueuePlace extends AsyncDisposable {
  /** Opens the queue; again only after the ones before are closed, unless it is shared. */
  open(settings: JobQueueSettings): Promise<OpenJobQueue>;
}

/** One behaviour, shown on a queue of its own. */
export interface JobQueueCase {
  readonly behaviour: string;
  /** Default: an hour. */
  readonly ttlSeconds?: number;
  /** Default: the queue's own. */
  readonly most?: number;
  /** Default: the queue's own. */
  readonly mostBytes?: JobBytes;
  check(queue: OpenJobQueue): Promise<void>;
}

/** One behaviour over several openings of a place. */
export interface JobPlaceCase {
  readonly behaviour: string;
  check(place: JobQueuePlace): Promise<void>;
}

/** Keeps its promises for hours: nothing of a test's is forgotten. */
export const LASTING: JobQueueSettings = { ttlSeconds: 3600 };

/** More jobs than any test has. */
export const NO_QUOTA = 1000;

/** A request with every field filled in. */
export function sampleRequest(changes: Partial<ExecutionRequest> = {}): ExecutionRequest {
  return {
    language: "python",
    code: "print('é😀\\0')",
    stdin: "in\0'; --",
    args: ["-v", ""],
    environment: { NAME: "value", constructor: "x" },
    files: [
      { path: "every", content: Uint8Array.from({ length: 256 }, (_, byte) => byte) },
      { path: "empty", content: new Uint8Array() },
    ],
    outputs: { patterns: ["out/*"], maxFiles: 3, maxBytes: 1000 },
    limits: { ...DEFAULT_LIMITS, timeoutSeconds: 0.5 },
    ...changes,
  };
}

/** A job with every field filled in, and whatever a test wants to be different. */
export function sampleJob(changes: Partial<NewJob> = {}): NewJob {
  return {
    id: crypto.randomUUID(),
    owner: "alice",
    correlationId: "correlation-1",
    address: "192.0.2.1",
    priority: 2,
    createdAt: "2026-01-01T00:00:00.000Z",
    request: sampleRequest(),
    idempotency: null,
    ...changes,
  };
}

/** A job as it stands when it has been added. */
export function queuedJob({ request, idempotency: _, ...job }: NewJob): Job {
  const { language } = request;
  return { ...job, language, state: "queued", attempts: 0, failure: null, endedAt: null };
}

/** Adds a job. */
export async function add(queue: JobQueue, changes: Partial<NewJob> = {}): Promise<NewJob> {
  const job = sampleJob(changes);
  assert.equal((await queue.add(job, NO_QUOTA)).added, true);
  return job;
}

/** The job, once it is in that state. */
export function inState(queue: JobQueue, id: string, state: Job["state"]): Promise<Job> {
  return eventually(`job ${id} ${state}`, async () => {
    const job = await queue.find(id);
    return job?.state === state ? job : null;
  });
}

/** A job in the hands of a {@link HeldWorker}, which ends as the test says. */
export interface HeldJob extends Omit<TakenJob, "request"> {
  readonly request: ExecutionRequest;
  finish(end: JobEnd): void;
}

/** A worker whose jobs begin when it takes them, and end when they are told to. */
export class HeldWorker implements AsyncDisposable {
  /** All that it took, in that order. */
  readonly taken: HeldJob[] = [];
  readonly worker: JobWorker;

  constructor(source: JobSource, concurrency = 1) {
    this.worker = source.work((taken) => this.#hold(taken), { concurrency });
  }

  /** The next that it takes after the first `seen`. */
  next(seen = this.taken.length): Promise<HeldJob> {
    return eventually("a job taken", () => this.taken[seen] ?? null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const again = { end: "again", delaySeconds: 0, counted: false } as const;
    this.worker.stop();
    this.taken.forEach((job) => job.finish(again));
    await this.worker[Symbol.asyncDispose]();
  }

  async #hold(taken: TakenJob): Promise<JobEnd> {
    const { promise, resolve } = Promise.withResolvers<JobEnd>();
    const request = await taken.request();
    taken.started();
    this.taken.push({ ...taken, request, finish: resolve });
    return await promise;
  }
}

/** Ends each job at once as told. */
export function ends(end: JobEnd): RunJob {
  return () => Promise.resolve(end);
}

/** All that is heard of a job until it is over; what stands beside each other of one stream is one. */
export async function heard(queue: JobEvents, id: string): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of queue.watch(id, new AbortController().signal)) {
    const last = events.at(-1);
    if (event.kind === "wrote" && last?.kind === "wrote" && last.stream === event.stream) {
      events[events.length - 1] = { ...last, text: last.text + event.text };
    } else {
      events.push(event);
    }
  }
  return events;
}

/** Resolves once it is told that the job's program has begun. */
export async function toldBegun(queue: JobEvents, id: string): Promise<void> {
  for await (const { kind } of queue.watch(id, new AbortController().signal)) {
    if (kind === "started") return;
  }
}

/** Whether an error is what a queue that cannot be used rejects with. */
export function isUnavailable(error: unknown): boolean {
  return isFailure(error, "dependency_unavailable");
}
