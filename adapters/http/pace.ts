import { setImmediate } from "node:timers";

/** How many requests may begin in one turn of the event loop. */
const PER_TURN = 8;

/**
 * Lets a burst begin a few requests at a time, in the order of their arrival, with a turn of the event
 * loop in between. Whatever has arrived would otherwise begin in one turn, and 200 requests hold the
 * loop for longer than any of them takes.
 *
 * Nobody asks when a turn ends, which costs more than most of what a request passes: requests that come
 * one by one are taken for a burst too, and one in eight of them waits for a turn that is soon over.
 */
export class Pace {
  readonly #waiting: (() => void)[] = [];
  #begun = 0;

  /** `null` when the request may begin at once; else resolves when it may. */
  turn(): Promise<void> | null {
    if (this.#begun < PER_TURN) {
      this.#begun += 1;
      return null;
    }
    if (this.#waiting.length === 0) setImmediate(() => this.#letIn());
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #letIn(): void {
    const next = this.#waiting.splice(0, PER_TURN);
    this.#begun = next.length;
    if (this.#waiting.length > 0) setImmediate(() => this.#letIn());
    for (const begin of next) begin();
  }
}
