import { join } from "node:path";
import { type AuditEvent, auditText, parseAuditText } from "../../domain/audit/event.ts";
import type {
  AuditFilter,
  AuditLog,
  AuditPage,
  AuditPaging,
} from "../../domain/ports/audit_log.ts";
import type { Log } from "../../domain/ports/log.ts";
import { messageOf, unavailable } from "./unavailable.ts";

const FILE = "audit_spill.ndjson";
const MAX_BYTES = 16 * 1024 * 1024;
/** How often it is tried to bring events back into the chain. */
const RETRY_MS = 1000;

/** What a spill stands before, and where. */
export interface SpillOptions {
  readonly audit: AuditLog;
  readonly directory: string;
  readonly log: Log;
  /** The most that waits, in bytes. Default: 16 MiB. */
  readonly maxBytes?: number;
}

/**
 * An audit log that takes events also while its database does not: they are written to a file beside
 * it, where a `kill -9` does not reach them either, and brought into the chain once the database is
 * back, now or after the next start. Until then no search finds them and no hash covers them.
 *
 * `append` rejects as the database does when the file cannot take the event either.
 */
export class SpillingAuditLog implements AuditLog {
  readonly #options: Required<SpillOptions>;
  readonly #path: string;
  #bytes: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What reads or writes the file, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  private constructor(options: SpillOptions, bytes: number) {
    this.#options = { maxBytes: MAX_BYTES, ...options };
    this.#path = join(options.directory, FILE);
    this.#bytes = bytes;
  }

  /** Brings back what an earlier start has left. */
  static async open(options: SpillOptions): Promise<SpillingAuditLog> {
    const path = join(options.directory, FILE);
    const spill = new SpillingAuditLog(options, await wholeLines(path));
    if (spill.#bytes > 0) await spill.#inTurn(() => spill.#bringBack());
    return spill;
  }

  async append(event: AuditEvent): Promise<void> {
    // While others wait for the database this one does too: to ask it costs the event loop its lock's wait.
    if (this.#bytes > 0 && this.#closing === null) {
      return await this.#inTurn(() => this.#appendInTurn(event));
    }
    try {
      await this.#options.audit.append(event);
    } catch (error) {
      if (this.#closing !== null) throw error;
      await this.#inTurn(() => this.#spill(event, error));
    }
  }

  async #appendInTurn(event: AuditEvent): Promise<void> {
    if (this.#bytes === 0) return await this.#options.audit.append(event);
    await this.#spill(
      event,
      unavailable("audit", "neither the database nor the spill file takes it"),
    );
  }

  search(filter: AuditFilter, paging: AuditPaging): Promise<AuditPage> {
    return this.#options.audit.search(filter, paging);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#inTurn(() => this.#bringBack());
    clearTimeout(this.#timer);
  }

  #inTurn<Done>(work: () => Promise<Done>): Promise<Done> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #spill(event: AuditEvent, refusal: unknown): Promise<void> {
    const { log, maxBytes } = this.#options;
    const line = new TextEncoder().encode(`${auditText(event)}\n`);
    if (this.#bytes + line.length > maxBytes) throw refusal;
    try {
      await writeLine(this.#path, line, this.#bytes);
    } catch (error) {
      log.write("error", "audit_not_spilled", { reason: messageOf(error) });
      throw refusal;
    }
    if (this.#bytes === 0) log.write("error", "audit_spilling", { reason: messageOf(refusal) });
    this.#bytes += line.length;
    this.#retryLater();
  }

  #retryLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#inTurn(() => this.#bringBack()), RETRY_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** An event that is in the chain already, since a kill came in between, is not added again. */
  async #bringBack(): Promise<void> {
    if (this.#bytes === 0) return;
    const { audit, log } = this.#options;
    try {
      const events = await eventsIn(this.#path, this.#bytes);
      await Promise.all(events.map((event) => audit.append(event)));
      await Deno.remove(this.#path);
      this.#bytes = 0;
      log.write("info", "audit_spill_brought_back", { events: events.length });
    } catch (error) {
      log.write("debug", "audit_spill_stays", { reason: messageOf(error) });
      if (this.#closing === null) this.#retryLater();
    }
  }
}

/** How many events wait in a directory's spill file. */
export async function spilledIn(directory: string): Promise<number> {
  const path = join(directory, FILE);
  const bytes = await wholeLines(path);
  return bytes === 0 ? 0 : (await eventsIn(path, bytes)).length;
}

/** Bytes up to the end of the last whole line: what comes after it was never acknowledged. */
async function wholeLines(path: string): Promise<number> {
  try {
    return (await Deno.readFile(path)).lastIndexOf(10) + 1;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

async function writeLine(path: string, line: Uint8Array, at: number): Promise<void> {
  using file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
  await file.seek(at, Deno.SeekMode.Start);
  for (let rest = line; rest.length > 0;) rest = rest.subarray(await file.write(rest));
}

async function eventsIn(path: string, bytes: number): Promise<AuditEvent[]> {
  const text = new TextDecoder().decode((await Deno.readFile(path)).subarray(0, bytes));
  return text.split("\n").slice(0, -1).map(parseAuditText);
}
