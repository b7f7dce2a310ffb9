import { setImmediate as nextTurn } from "node:timers/promises";
import { type AuditEvent, auditText } from "../../domain/audit/event.ts";
import type {
  AuditFilter,
  AuditLog,
  AuditPage,
  AuditPaging,
} from "../../domain/ports/audit_log.ts";
import type { Log } from "../../domain/ports/log.ts";
import {
  eventOfLine,
  lengthOf,
  putAside,
  readLines,
  spillPath,
  writeLine,
} from "./audit_spill_file.ts";
import { messageOf, unavailable } from "./unavailable.ts";

const MAX_BYTES = 16 * 1024 * 1024;
/** How often it is tried to bring events back into the chain. */
const RETRY_MS = 1000;
/** That it still fails is an error in the log so often, in tries. */
const TRIES_A_COMPLAINT = 60;
/** Events brought back in one go. */
const SLICE_EVENTS = 500;

/** What a spill stands before, and where. */
export interface SpillOptions {
  readonly audit: AuditLog;
  readonly directory: string;
  readonly log: Log;
  /** Makes the event that tells of lines, so many, that are no events. */
  readonly damageOf: (lines: number) => AuditEvent;
  /** The most that waits, in bytes. Default: 16 MiB. */
  readonly maxBytes?: number;
}

/**
 * An audit log that takes events also while its database does not: they are written to a file beside
 * it, where a `kill -9` does not reach them either, and brought into the chain once the database is
 * back, now or after the next start. Until then no search finds them and no hash covers them. Lines
 * that are no events, since something else has written there, are put aside in a file of their own, and
 * told of as a violation.
 *
 * `append` rejects as the database does when the file cannot take the event either.
 */
export class SpillingAuditLog implements AuditLog {
  readonly #options: Required<SpillOptions>;
  readonly #path: string;
  #bytes = 0;
  #waiting = 0;
  #failures = 0;
  /** What was put aside last, and the event that tells of it. */
  #damage: { readonly name: string; readonly event: AuditEvent } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What reads or writes the file, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  private constructor(options: SpillOptions) {
    this.#options = { maxBytes: MAX_BYTES, ...options };
    this.#path = spillPath(options.directory);
  }

  /** Brings back what an earlier start has left. */
  static async open(options: SpillOptions): Promise<SpillingAuditLog> {
    const spill = new SpillingAuditLog(options);
    const lines = await readLines(spill.#path);
    spill.#bytes = lengthOf(lines);
    spill.#waiting = lines.length;
    if (spill.#bytes > 0) await spill.#inTurn(() => spill.#bringBack());
    return spill;
  }

  /** Events that wait for the database. */
  get waiting(): number {
    return this.#waiting;
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
    this.#waiting += 1;
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
    try {
      const lines = await readLines(this.#path);
      const events = await this.#appendAll(lines);
      const lost = this.#waiting - lines.length;
      if (lost > 0) this.#options.log.write("error", "audit_spill_lost", { events: lost });
      if (lines.length > 0) await Deno.remove(this.#path);
      this.#bytes = this.#waiting = this.#failures = 0;
      this.#options.log.write("info", "audit_spill_brought_back", { events });
    } catch (error) {
      this.#complain(error);
      if (this.#closing === null) this.#retryLater();
    }
  }

  /** In slices: a database that still refuses is asked for little, and the event loop is not held up. */
  async #appendAll(lines: readonly Uint8Array[]): Promise<number> {
    const damaged: Uint8Array[] = [];
    for (let at = 0; at < lines.length; at += SLICE_EVENTS) {
      const events: AuditEvent[] = [];
      for (const line of lines.slice(at, at + SLICE_EVENTS)) {
        const event = eventOfLine(line);
        if (event === null) damaged.push(line);
        else events.push(event);
      }
      await Promise.all(events.map((event) => this.#options.audit.append(event)));
      await nextTurn();
    }
    if (damaged.length > 0) await this.#tellDamage(damaged);
    return lines.length - damaged.length;
  }

  async #tellDamage(lines: readonly Uint8Array[]): Promise<void> {
    const { audit, directory, damageOf, log } = this.#options;
    const name = await putAside(directory, lines);
    if (this.#damage?.name !== name) {
      this.#damage = { name, event: damageOf(lines.length) };
      log.write("error", "audit_spill_damaged", { lines: lines.length, file: name });
    }
    await audit.append(this.#damage.event);
  }

  #complain(error: unknown): void {
    const fields = { reason: messageOf(error), waiting: this.#waiting, bytes: this.#bytes };
    const lasts = this.#failures > 0 && this.#failures % TRIES_A_COMPLAINT === 0;
    const first = this.#failures === 0 || this.#closing !== null;
    this.#options.log.write(
      lasts ? "error" : first ? "warn" : "debug",
      "audit_spill_stays",
      fields,
    );
    this.#failures += 1;
  }
}
