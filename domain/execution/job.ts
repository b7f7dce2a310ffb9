import type { Failure } from "../errors.ts";
import type { Role } from "../identity/role.ts";
import type { TraceContext } from "../tracing/trace_context.ts";
import type { Language } from "./language.ts";
import type { ExecutionRecord } from "./outcome.ts";
import type { ExecutionRequest } from "./request.ts";

/** Every state of a job; the last three are ends, and a job has one of them. */
export const JOB_STATES = ["queued", "running", "done", "cancelled", "dead"] as const;

/**
 * Where a job stands. `done`: it was run and its record is kept, whatever the program did. `cancelled`:
 * its owner wanted it no more, and no program of it goes on. `dead`: it could not be run.
 */
export type JobState = (typeof JOB_STATES)[number];

/** How often a job is begun at most. One whose worker is lost each time would else go on for ever. */
export const MAX_JOB_ATTEMPTS = 5;

/**
 * Jobs that may be there at once that have not ended, of all users together. They wait in memory or on a disk that
 * all share, where each user has a quota of his own and many users could fill it. Half an hour's work for eight
 * places at a second and a half each: who waits longer is better told to come again.
 */
export const MOST_OPEN_JOBS = 10_000;

/** Bytes of the requests of jobs that have not ended: what one user's and all users' may take together. */
export interface JobBytes {
  readonly own: number;
  readonly all: number;
}

/**
 * Requests lie in memory or on a disk beside what all others need there: half of the 512 MiB of a small shared
 * memory, of which no user has more than a quarter. A job is always taken where none is in hand, however large it is.
 */
export const MOST_JOB_BYTES: JobBytes = { own: 67_108_864, all: 268_435_456 };

/** A run that outlives the request that asked for it. */
export interface Job {
  /** UUID version 7. The record of its run has the same, however often it is begun. */
  readonly id: string;
  /** The subject of the token that asked for it. */
  readonly owner: string;
  readonly correlationId: string;
  /** Where it was asked for, for the audit. */
  readonly address: string | null;
  /** Where its run goes on from in the trace of whoever asked, where that is followed. */
  readonly trace?: TraceContext;
  readonly language: Language;
  /** Those with a lower number are begun first; of the same, those that came first. */
  readonly priority: number;
  /** ISO 8601 UTC with milliseconds. */
  readonly createdAt: string;
  readonly state: JobState;
  /** How often it was begun; more than once where a worker was lost or could not run it. */
  readonly attempts: number;
  /** Why it is dead; `null` unless it is. */
  readonly failure: Failure | null;
  /** ISO 8601 UTC with milliseconds; `null` until it has ended. */
  readonly endedAt: string | null;
}

/** A caller's own name for what it asks, so that it may ask again without asking twice. */
export interface Idempotency {
  /** 1 to 255 visible characters. Each owner has names of its own. */
  readonly key: string;
  /** Of all that was asked: the same name for anything else is refused. */
  readonly fingerprint: string;
}

/** A job that is to be queued. */
export interface NewJob extends
  Pick<
    Job,
    "id" | "owner" | "correlationId" | "address" | "trace" | "priority" | "createdAt"
  > {
  readonly request: ExecutionRequest;
  readonly idempotency: Idempotency | null;
}

/** Which jobs are begun first, by the highest role of who asks. */
const PRIORITIES: { readonly [R in Role]: number } = { admin: 1, developer: 2, viewer: 3 };

/** The best priority that any of the roles has. */
export function priorityOf(roles: readonly Role[]): number {
  return Math.min(PRIORITIES.viewer, ...roles.map((role) => PRIORITIES[role]));
}

/** Whether nothing happens to the job any more. */
export function hasEnded({ state }: Pick<Job, "state">): boolean {
  return state !== "queued" && state !== "running";
}

/** What is known of a run: its record, or what there is of it before, or instead of one. */
export type FoundExecution = ExecutionRecord | Job;

/** Whether there is no record of it, or none yet. */
export function isJob(found: FoundExecution): found is Job {
  return "state" in found;
}
