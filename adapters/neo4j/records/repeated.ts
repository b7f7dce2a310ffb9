import type { Log } from "../../../domain/ports/log.ts";
import { endedWithin } from "./ended_within.ts";

/** What is tried again that has failed, in milliseconds: a day may be its usual pause. */
const AFTER_FAILURE_MS = 30_000;
/** What closing waits for a database that does not answer. */
const LAST_MS = 3000;

/** What is done again and again. */
export interface RepeatedOptions {
  /** What it is called in the log. */
  readonly name: string;
  readonly log: Log;
  readonly everyMs: number;
  /** The pause after a failure, where that is shorter. Default: 30 s. */
  readonly afterFailureMs?: number;
  readonly work: () => Promise<void>;
}

/**
 * Does something at once and from then on with pauses, until it is closed. What fails is tried again soon;
 * that it does is logged once.
 */
export class Repeated implements AsyncDisposable {
  readonly #options: RepeatedOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #going: Promise<void>;
  #failing = false;
  #closed = false;

  constructor(options: RepeatedOptions) {
    this.#options = options;
    this.#going = this.#go();
  }

  /** Resolves when what is being done is done; never rejects. */
  get going(): Promise<void> {
    return this.#going;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await endedWithin(this.#going, LAST_MS);
  }

  async #go(): Promise<void> {
    const { name, log, everyMs, afterFailureMs = AFTER_FAILURE_MS, work } = this.#options;
    try {
      await work();
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) log.write("warn", "records_not_read", { what: name, reason: `${error}` });
      this.#failing = true;
    }
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#going = this.#go();
    }, this.#failing ? Math.min(everyMs, afterFailureMs) : everyMs);
    Deno.unrefTimer(this.#timer);
  }
}
