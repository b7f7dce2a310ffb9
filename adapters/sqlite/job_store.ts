import type { Failure } from "../../domain/errors.ts";
import type { Job, NewJob } from "../../domain/execution/job.ts";
import type { ExecutionRequest } from "../../domain/execution/request.ts";
import type { Page } from "../../domain/execution/summary.ts";
import type { AddedJob } from "../../domain/ports/job_queue.ts";

/** How a job ends. */
export type StoredEnd =
  | { readonly state: "done" | "cancelled" }
  | { readonly state: "dead"; readonly failure: Failure };

/**
 * Where the jobs of one process are kept. Every method is one transaction, and rejects with
 * `dependency_unavailable`. What has ended longer ago than is kept is not seen by any of them.
 */
export interface JobStore {
  /** As `JobQueue.add`. */
  add(job: NewJob, quota: number): Promise<AddedJob>;
  find(id: string): Promise<Job | null>;
  /** Ends a job that waits; notes of one that runs that it is not to be begun again. */
  cancel(id: string): Promise<Job | null>;
  /** As `OpenJobs.open`. */
  open(owner: string, page: Page): Promise<readonly Job[]>;
  dead(limit: number): Promise<readonly Job[]>;
  /** Takes the job that is next at this time, its attempt counted. */
  take(): Promise<Job | null>;
  /** What a job that was taken is to run. */
  requestOf(id: string): Promise<ExecutionRequest>;
  /** Ends a job that was taken. */
  end(id: string, end: StoredEnd): Promise<void>;
  /**
   * Gives a job that was taken back, to be taken in so many seconds. One that was told to stop ends
   * instead, as does one that has been begun often enough: the job as it then stands.
   */
  release(
    id: string,
    again: { readonly delaySeconds: number; readonly counted: boolean },
  ): Promise<Job>;
  /** In how many milliseconds the next job can be taken; `null` where none waits. */
  nextIn(): number | null;
  /** Removes what has ended long enough ago. */
  forget(): Promise<void>;
}
