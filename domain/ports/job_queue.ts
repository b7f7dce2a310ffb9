import type { Failure } from "../errors.ts";
import type { Job, NewJob } from "../execution/job.ts";
import type { ExecutionRequest } from "../execution/request.ts";
import type { Page } from "../execution/summary.ts";
import type { OutputStream } from "./execution_runner.ts";

/** What {@link JobQueue.add} has done. */
export interface AddedJob {
  readonly job: Job;
  /** `false` where the same owner had added it before under the same key. */
  readonly added: boolean;
}

/**
 * Keeps jobs from when they are asked for until some time after their end.
 *
 * A job that was added survives a `kill -9` of the service and of every worker, and is begun until it
 * has an end: at least once, mostly once, never twice at the same time that anybody knows of. It has one
 * end; what comes later changes nothing. Whoever runs it makes the record idempotent by the job's id.
 * An ended job is known for a set time, then it and its key are forgotten; one that is `done` and has no
 * key perhaps minutes after its end, as its record tells more.
 *
 * Concurrency: any number of calls, in any number of processes where the queue is shared. Every method
 * rejects with `dependency_unavailable` when the queue cannot be used, and once it is closed. Closing
 * ends no job.
 */
export interface JobQueue extends AsyncDisposable {
  /**
   * Queues a job, unless its owner has one under the same key: then that is given as it now stands.
   *
   * @throws {DomainError} `idempotency_key_reused` where that one was of another fingerprint;
   * `too_many_executions` where the owner already has `quota` jobs that have not ended, or so many bytes in them that
   * this one is too much (then with `own`), or all owners together have as many as the queue takes of either.
   */
  add(job: NewJob, quota: number): Promise<AddedJob>;
  /** The job, whoever's it is; `null` where there is none. */
  find(id: string): Promise<Job | null>;
  /**
   * A job that waits has ended when this resolves; one that runs is told, and ends as its run says. One
   * that is told and then lost is not begun again. The job as it then stands; `null` where there is none.
   */
  cancel(id: string): Promise<Job | null>;
  /** Jobs that could not be run, the last first. */
  dead(limit: number): Promise<readonly Job[]>;
}

/** Shows owners what they still wait for. Rejects as {@link JobQueue} does. */
export interface OpenJobs {
  /** An owner's jobs that have not ended, by id, the last first. */
  open(owner: string, page: Page): Promise<readonly Job[]>;
}

/** Something that happens to a job while it runs. */
export type JobEvent =
  /** Its program begins; what an attempt before this one wrote is void. */
  | { readonly kind: "started"; readonly attempt: number }
  | { readonly kind: "wrote"; readonly stream: OutputStream; readonly text: string }
  /** Here so many bytes (UTF-8) of what the program wrote are told nobody any more. */
  | { readonly kind: "omitted"; readonly bytes: number };

/** Lets others hear of jobs. */
export interface JobEvents {
  /**
   * What happens to a job from the beginning of its present attempt, then as it happens; over when the
   * job has ended, at once where it has already or never was, and when `signal` is aborted. An attempt
   * whose worker was lost has no end of its own: the next `started` follows. A slow reader holds
   * nobody up. Where a queue keeps the newest output only, `omitted` stands for what was older.
   */
  watch(id: string, signal: AbortSignal): AsyncIterable<JobEvent>;
}

/** Why a job's run is told to stop; the `reason` of its signal. */
export type JobInterruption =
  /** Its owner wants it no more. */
  | "cancelled"
  /** Another worker may have it by now: this one's run must leave no trace. */
  | "lost";

/** A job in the hands of a worker. */
export interface TakenJob {
  /** As it stands, this attempt counted. */
  readonly job: Job;
  /** Aborted with a {@link JobInterruption}. */
  readonly signal: AbortSignal;
  /** What it is to run; rejects as {@link JobQueue} does. */
  request(): Promise<ExecutionRequest>;
  /**
   * Its program begins: tells those who watch. Never throws and never waits. A worker that is lost before is none
   * of the job's attempts, where the queue outlives it and it does not happen all the time.
   */
  started(): void;
  /** Tells those who watch. Never throws and never waits. */
  wrote(stream: OutputStream, text: string): void;
}

/** What a worker says of a job that it had. */
export type JobEnd =
  /** Its record is kept. */
  | { readonly end: "done" | "cancelled" }
  | { readonly end: "dead"; readonly failure: Failure }
  /**
   * It could not be run now, and has no end yet. `counted`: whether the attempt is one of those that a
   * job may have; `false` where nothing speaks against the job, as when a service stops.
   */
  | { readonly end: "again"; readonly delaySeconds: number; readonly counted: boolean };

/** Runs a job. A rejection is taken as a lost worker. */
export type RunJob = (taken: TakenJob) => Promise<JobEnd>;

/** Someone who takes jobs. Closing takes no more, and resolves when those in hand have been given back. */
export interface JobWorker extends AsyncDisposable {
  /** Takes no more from now on. */
  stop(): void;
}

/** Gives jobs to workers. */
export interface JobSource {
  /**
   * Takes jobs by priority, then by age, at most `concurrency` at once. A job whose worker is lost is
   * taken again, by whoever is there; after `MAX_JOB_ATTEMPTS` it is dead, with `worker_lost`.
   */
  work(run: RunJob, options: { readonly concurrency: number }): JobWorker;
}
