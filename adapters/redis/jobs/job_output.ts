import type { Piece } from "./live_output.ts";

/** What a program writes is sent on this often, or when it is this long. */
const FLUSH_MS = 20;
const FLUSH_LENGTH = 65_536;

/** How an {@link JobOutput} is sent. */
export interface Sending {
  readonly begin: () => Promise<void>;
  readonly send: (pieces: readonly Piece[]) => Promise<void>;
}

/** Tells that a program has begun, and what it writes, which it puts together before it is sent. */
export class JobOutput {
  readonly #sends: Sending;
  /** Whether it is yet to be told. */
  #begins = false;
  #pieces: Piece[] = [];
  #length = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> | null = null;

  constructor(sends: Sending) {
    this.#sends = sends;
  }

  begin(): void {
    this.#begins = true;
    this.#flush();
  }

  add(piece: Piece): void {
    const last = this.#pieces.at(-1);
    if (last?.[0] === piece[0]) {
      this.#pieces[this.#pieces.length - 1] = [last[0], last[1] + piece[1]];
    } else this.#pieces.push(piece);
    this.#length += piece[1].length;
    if (this.#length >= FLUSH_LENGTH) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  async flushed(): Promise<void> {
    this.#flush();
    await this.#sending;
  }

  /** One sending at a time: against a Redis that hangs they would become ever more. */
  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendAll().finally(() => this.#sending = null);
  }

  async #sendAll(): Promise<void> {
    while (this.#begins || this.#pieces.length > 0) {
      const pieces = this.#pieces;
      this.#pieces = [];
      this.#length = 0;
      try {
        if (this.#begins) await this.#sends.begin();
        this.#begins = false;
        if (pieces.length > 0) await this.#sends.send(pieces);
      } catch {
        // Whoever listens misses what Redis does not take; the record has all of it.
        this.#pieces = [];
        this.#length = 0;
        // That it has begun is told with what it writes next.
        return;
      }
    }
  }
}
