import type { Log } from "../../domain/ports/log.ts";
import { messageOf } from "./unavailable.ts";

const DAY_MS = 24 * 3600 * 1000;

/** What is done once a day. */
export interface DailyOptions {
  /** What a failure is called in the log; it is tried again the next day, or at the next start. */
  readonly failed: string;
  readonly log: Log;
  /** Leaves off soon once the signal is aborted, and goes on the next time. */
  readonly work: (signal: AbortSignal) => Promise<void>;
}

/** Does something at once, in the background, and daily, until it is closed. */
export class Daily implements AsyncDisposable {
  readonly #options: DailyOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #closing = new AbortController();
  #going: Promise<void>;

  constructor(options: DailyOptions) {
    this.#options = options;
    this.#going = this.#go();
    this.#timer = setInterval(() => {
      this.#going = this.#going.then(() => this.#go());
    }, DAY_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Resolves when what is being done is done; never rejects. */
  get going(): Promise<void> {
    return this.#going;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#closing.abort();
    await this.#going;
  }

  async #go(): Promise<void> {
    const { failed, log, work } = this.#options;
    try {
      await work(this.#closing.signal);
    } catch (error) {
      log.write("error", failed, { reason: messageOf(error) });
    }
  }
}

/** The time so many days before now, as ISO 8601 UTC. */
export function daysBefore(now: number, days: number): string {
  return new Date(now - days * DAY_MS).toISOString();
}
