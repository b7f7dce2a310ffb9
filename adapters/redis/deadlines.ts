import { redisFailure, redisUnavailable } from "./faults.ts";

/** After a deadline: what has arrived while this process was busy is read first. */
const GRACE_MS = 2;

interface Waiting {
  readonly until: number;
  readonly giveUp: () => void;
  settled: boolean;
}

/** Deadlines of one length. One timer serves all: a timer for each would cost more than its command. */
export class Deadlines implements Disposable {
  readonly #milliseconds: number;
  /** The oldest first. */
  #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isOver = false;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /**
   * What some work gives, in time; what it gives later is nobody's.
   *
   * @throws {DomainError} `dependency_unavailable`.
   */
  meet<Done>(work: Promise<Done>): Promise<Done> {
    if (this.#isOver) return this.#refuse(work);
    return new Promise<Done>((resolve, reject) => {
      const reason = () => redisUnavailable(`it did not answer within ${this.#milliseconds} ms`);
      const waiting: Waiting = {
        until: performance.now() + this.#milliseconds,
        giveUp: () => reject(reason()),
        settled: false,
      };
      this.#waiting.push(waiting);
      if (this.#timer === null) this.#wait(this.#milliseconds);
      work.then((done) => {
        waiting.settled = true;
        resolve(done);
      }, (error) => {
        waiting.settled = true;
        reject(redisFailure(error));
      });
    });
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const waiting of this.#waiting.splice(0)) if (!waiting.settled) waiting.giveUp();
  }

  #refuse(work: Promise<unknown>): Promise<never> {
    work.catch(() => {});
    return Promise.reject(redisUnavailable("the connection is closed"));
  }

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(() => this.#end(), GRACE_MS);
    }, milliseconds);
  }

  #end(): void {
    this.#timer = null;
    const now = performance.now();
    const overdue = this.#waiting.filter(({ settled, until }) => !settled && until <= now);
    this.#waiting = this.#waiting.filter(({ settled, until }) => !settled && until > now);
    for (const { giveUp } of overdue) giveUp();
    const [first] = this.#waiting;
    if (first !== undefined && this.#timer === null) this.#wait(Math.max(0, first.until - now));
  }
}
