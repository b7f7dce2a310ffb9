/** Why a pool of workers gave no answer. */
export type WorkerFaultReason =
  /** The work took longer than it was given; its worker is gone. */
  | "timeout"
  /** As much waits as may wait, in all or of this caller; nothing was begun. */
  | "queue_full"
  /** The worker threw, used up its memory or ended; its work may be the reason. */
  | "crashed"
  /** No worker could be started. */
  | "unavailable"
  /** The pool is closed, or was while this waited or ran. */
  | "closed";

/** No answer came from a pool of workers. */
export class WorkerFault extends Error {
  readonly reason: WorkerFaultReason;
  /** What was at work and what waited when this was told. */
  readonly running: number;
  readonly waiting: number;

  constructor(reason: WorkerFaultReason, message: string, state: PoolState) {
    super(message);
    this.name = "WorkerFault";
    this.reason = reason;
    this.running = state.running;
    this.waiting = state.waiting;
  }
}

/** How full a pool is now. */
export interface PoolState {
  readonly running: number;
  readonly waiting: number;
  /** Workers that there are, idle ones and those that are starting among them. */
  readonly workers: number;
  /** Workers that were ended since the pool was opened because of what they did, or what was done to them. */
  readonly replaced: number;
}
