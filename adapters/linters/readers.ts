import type { Question, Reading } from "./messages.ts";
import { type ReaderOptions, ReaderProcess } from "./reader_process.ts";

/** How long a process beyond the first waits for the next text. */
const REST_MS = 60_000;

/** Processes that read texts: as many as are asked at once, kept for the next; in the end one of them. */
export class Readers implements AsyncDisposable {
  readonly #options: ReaderOptions;
  /** The one that was used last stands last, and is used next: the others may rest. */
  readonly #idle: ReaderProcess[] = [];
  readonly #all = new Set<ReaderProcess>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** @throws {DomainError} `code_too_complex`, `dependency_unavailable`, `cancelled`. */
  async read(question: Question, signal: AbortSignal): Promise<Reading> {
    const reader = this.#rested() ?? this.#started();
    try {
      return await reader.read(question, signal);
    } finally {
      if (reader.alive) this.#rest(reader);
      else await this.#end(reader);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all([...this.#all].map((reader) => this.#end(reader)));
  }

  #rest(reader: ReaderProcess): void {
    this.#idle.push(reader);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      for (const other of this.#idle.splice(0, this.#idle.length - 1)) void this.#end(other);
    }, REST_MS);
    Deno.unrefTimer(this.#timer);
  }

  #rested(): ReaderProcess | null {
    for (let reader = this.#idle.pop(); reader !== undefined; reader = this.#idle.pop()) {
      if (reader.alive) return reader;
      this.#all.delete(reader);
    }
    return null;
  }

  #started(): ReaderProcess {
    const reader = new ReaderProcess(this.#options);
    this.#all.add(reader);
    return reader;
  }

  async #end(reader: ReaderProcess): Promise<void> {
    await reader[Symbol.asyncDispose]();
    this.#all.delete(reader);
  }
}
