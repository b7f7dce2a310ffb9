import type { PoolState } from "./frames.ts";

/** A fork server, as far as its pool goes. */
export interface PoolOwner {
  readonly pool: PoolState;
}

/** The pools of all servers of one runner, those that have ended included. */
export class PoolTally {
  #past = { warm: 0, cold: 0 };

  /** Keeps what a server that has ended had counted. */
  add({ pool }: PoolOwner): void {
    this.#past = { warm: this.#past.warm + pool.warm, cold: this.#past.cold + pool.cold };
  }

  /** Processes that wait now, and runs begun since the first server's start. */
  total(living: Iterable<PoolOwner>): PoolState {
    let total: PoolState = { waiting: 0, ...this.#past };
    for (const { pool } of living) {
      total = {
        waiting: total.waiting + pool.waiting,
        warm: total.warm + pool.warm,
        cold: total.cold + pool.cold,
      };
    }
    return total;
  }
}
