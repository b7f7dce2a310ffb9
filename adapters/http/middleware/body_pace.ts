import { TransportError } from "../../wire/problem.ts";

/** How slowly a body may come. */
export interface BodyPace {
  /** How long any body may take, in seconds, beyond what its bytes earn it. */
  readonly graceSeconds: number;
  /** Bytes that earn a second more. */
  readonly bytesPerSecond: number;
}

/** Slow lines pass; who sends a byte now and then to hold a place does not. */
export const BODY_PACE: BodyPace = { graceSeconds: 30, bytesPerSecond: 4096 };

/** Ends the wait for a body that comes more slowly than its pace. */
export class BodyWatch implements Disposable {
  readonly #pace: BodyPace;
  readonly #started = performance.now();
  #timer: ReturnType<typeof setTimeout>;
  #late: TransportError | undefined;
  /** Ends the wait in hand. One promise of its end for all of them would keep everything that was read. */
  #refuse: (late: TransportError) => void = () => {};
  #bytes = 0;

  constructor(pace: BodyPace) {
    this.#pace = pace;
    this.#timer = this.#wait(pace.graceSeconds * 1000);
  }

  /** What is read, unless it is late: then it rejects with `body_too_slow`. */
  read<T>(reading: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#refuse = reject;
      reading.then(resolve, reject);
      if (this.#late !== undefined) reject(this.#late);
    });
  }

  /** Counts bytes that have come. */
  arrived(bytes: number): void {
    this.#bytes += bytes;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #wait(milliseconds: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.#look(), milliseconds);
  }

  #look(): void {
    const { graceSeconds, bytesPerSecond } = this.#pace;
    const earned = (graceSeconds + this.#bytes / bytesPerSecond) * 1000;
    const left = this.#started + earned - performance.now();
    if (left > 0) {
      this.#timer = this.#wait(left);
      return;
    }
    this.#late = new TransportError({ code: "body_too_slow", bytesPerSecond });
    this.#refuse(this.#late);
  }
}
