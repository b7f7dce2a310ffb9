import type { Clock } from "../../domain/ports/clock.ts";

/** A clock that stands until it is moved. */
export class ManualClock implements Clock {
  #milliseconds: number;

  constructor(milliseconds = Date.UTC(2026, 0, 1)) {
    this.#milliseconds = milliseconds;
  }

  now(): number {
    return this.#milliseconds;
  }

  monotonic(): number {
    return this.#milliseconds;
  }

  /** Moves time on. */
  advance(milliseconds: number): void {
    this.#milliseconds += milliseconds;
  }
}
