import { DomainError } from "../../../domain/errors.ts";
import type { Log } from "../../../domain/ports/log.ts";
import type { Outbox, Waiting } from "../../../domain/ports/outbox.ts";
import { driverFault } from "../faults.ts";
import { endedWithin } from "./ended_within.ts";

/** What is handed over in one transaction, in bytes: one entry may be longer. */
const BATCH_BYTES = 1_048_576;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 3000;
/** When one is tried again that the database has no memory for. */
const NO_MEMORY_MS = 60_000;
/** What closing waits for a database that is there. */
const LAST_MS = 3000;

/** What hands over, and to whom. */
export interface HandoverOptions {
  /** What it is called in the log. */
  readonly name: string;
  readonly outbox: Outbox;
  readonly log: Log;
  /** Keeps entries, all or none, and those that are kept already not again. */
  readonly keep: (entries: readonly Waiting[]) => Promise<void>;
  /** When one is tried again that there was no memory for. Default: a minute later. */
  readonly noMemoryMs?: number;
}

/**
 * Hands over what waits in an outbox, in order and one transaction at a time, for as long as it takes.
 *
 * An entry is dropped after the database has it: whoever dies in between hands it over again, and it is
 * known there by its id. One that the database refuses for what it is stays in the outbox, is told of in
 * the log and passed over until the next start, so that it does not hold up those behind it; where it is
 * for want of memory, until a minute later.
 */
export class Handover implements AsyncDisposable {
  readonly #options: HandoverOptions;
  #going: Promise<void> | null = null;
  #woken = false;
  /** Nothing up to here is to be handed over any more. */
  #done = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wait = FIRST_WAIT_MS;
  /** Entries that the database will not have, by their ids. */
  readonly #refused = new Set<string>();
  #again: ReturnType<typeof setTimeout> | undefined;
  /** What was passed over is to be tried again. */
  #fromFirst = false;
  #closed = false;

  constructor(options: HandoverOptions) {
    this.#options = options;
    if (options.outbox.waiting > 0) this.wake();
  }

  /** The last entry that the database has, or has refused. */
  get done(): number {
    return this.#done;
  }

  /** Whether the database will not have an entry for what it is. */
  isRefused(id: string): boolean {
    return this.#refused.has(id);
  }

  /** Something waits. While the database is away this does not make it asked more often. */
  wake(): void {
    this.#woken = true;
    if (this.#closed || this.#going !== null || this.#timer !== undefined) return;
    this.#going = this.#go().finally(() => {
      this.#going = null;
      // What came in the moment of its end.
      if (this.#woken && this.#timer === undefined) this.wake();
    });
  }

  /** What the database is asked then may go on after that: it is the outbox's at the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    await endedWithin(this.#going, LAST_MS);
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
    this.#timer = undefined;
  }

  async #go(): Promise<void> {
    const { log, name, outbox } = this.#options;
    try {
      while (!this.#closed) {
        this.#woken = false;
        if (this.#fromFirst) this.#done = 0;
        this.#fromFirst = false;
        const entries = await outbox.after(this.#done, BATCH_BYTES);
        if (entries.length === 0) break;
        await this.#handOver(entries);
        if (this.#wait === FIRST_WAIT_MS) continue;
        this.#wait = FIRST_WAIT_MS;
        log.write("info", "records_handed_over_again", { what: name, waiting: outbox.waiting });
      }
    } catch (error) {
      if (this.#wait === FIRST_WAIT_MS) {
        log.write("error", "records_wait", { what: name, reason: wholeReason(error) });
      }
      this.#tryLater();
    }
  }

  #tryLater(): void {
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.wake();
    }, this.#wait);
    Deno.unrefTimer(this.#timer);
  }

  async #handOver(entries: readonly Waiting[]): Promise<void> {
    try {
      await this.#options.keep(entries);
      await this.#drop(entries);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      for (const entry of entries) await this.#handOverAlone(entry);
    }
  }

  async #handOverAlone(entry: Waiting): Promise<void> {
    const { id, position } = entry;
    try {
      await this.#options.keep([entry]);
      await this.#drop([entry]);
      this.#refused.delete(id);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (!this.#refused.has(id)) this.#tellRefused(id, error);
      if (isForMemory(error)) this.#tryAgain();
      else this.#refused.add(id);
      this.#done = position;
    }
  }

  #tellRefused(id: string, error: unknown): void {
    const { log, name } = this.#options;
    log.write("error", "record_refused", { what: name, id, reason: wholeReason(error) });
  }

  #tryAgain(): void {
    if (this.#closed || this.#again !== undefined) return;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      this.#fromFirst = true;
      this.wake();
    }, this.#options.noMemoryMs ?? NO_MEMORY_MS);
    Deno.unrefTimer(this.#again);
  }

  /** Those before that were refused stay. */
  async #drop(entries: readonly Waiting[]): Promise<void> {
    const through = entries.at(-1)?.position ?? 0;
    const from = this.#done;
    this.#done = through;
    await this.#options.outbox.drop(through, from);
  }
}

/** Whether it is the entries' own fault: the database can be reached and will not have them. */
function isRefusal(error: unknown): boolean {
  return /^Neo\.ClientError\.(Statement|Schema)\./.test(codeOf(error)) || isForMemory(error);
}

function isForMemory(error: unknown): boolean {
  return codeOf(error).endsWith("MemoryPoolOutOfMemoryError");
}

function codeOf(error: unknown): string {
  return driverFault(error instanceof DomainError ? error.cause : error)?.code ?? "";
}

/** With what the driver has said, which callers are not told. */
function wholeReason(error: unknown): string {
  const { cause } = error instanceof Error ? error : {};
  return cause instanceof Error ? `${error}: ${cause.message.split("\n", 1)[0]}` : String(error);
}
