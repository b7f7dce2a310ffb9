import { setImmediate } from "node:timers";

/** How many requests may begin in one turn of the event loop. */
const PER_TURN = 8;

/**
 * Lets a burst begin a few requests at a time, in the order of their arrival, with a turn of the event
 * loop in between. Whatever has arrived would otherwise begin in one turn, and 200 requests hold the
 * loop for longer than any of them takes.
 */
export class Pace {
  readonly #waiting: (() => void)[] = [];
  #begun = 0;
  #turning = false;

  /** `null` when the request may begin at once; else resolves when it may. */
  turn(): Promise<void> | null {
    this.#expectTurn();
    if (this.#begun < PER_TURN) {
      this.#begun += 1;
      return null;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #expectTurn(): void {
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(() => this.#letIn());
  }

  #letIn(): void {
    const next = this.#waiting.splice(0, PER_TURN);
    this.#begun = next.length;
    this.#turning = false;
    if (next.length > 0) this.#expectTurn();
    for (const begin of next) begin();
  }
}
