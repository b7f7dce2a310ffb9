import {
  type AuditEvent,
  auditText,
  parseAuditText,
  type StoredAuditEvent,
} from "../../../domain/audit/event.ts";
import type {
  AuditFilter,
  AuditLog,
  AuditPage,
  AuditPaging,
  AuditPosition,
} from "../../../domain/ports/audit_log.ts";
import type { Outbox, Waiting } from "../../../domain/ports/outbox.ts";
import { CHAIN_END, HASH_AT, searchFor } from "./audit_statements.ts";
import { addTo, type ChainEnd, foundIn, originOf, placeOf } from "./chain.ts";
import { closedStore, type RecordsDatabase } from "./database.ts";
import { Handover } from "./handover.ts";
import { isLost, LostHeads, type LostHeadsParts } from "./lost_heads.ts";

const MOST_BYTES = Number.MAX_SAFE_INTEGER;
/** What the end of the chain is noted under. */
export const HEAD_NOTE = "audit_head";

/** What an audit log is kept with. */
export interface Neo4jAuditParts extends LostHeadsParts {
  readonly database: RecordsDatabase;
  readonly outbox: Outbox;
  /** Whose chain it is, at every start the same. */
  readonly instance: string;
}

/**
 * The audit log in Neo4j: a chain of SHA-256, one an instance, all of them searched together. An event is
 * taken once it stands in the outbox; it gets its place in the chain when the database has it. Until then
 * a search shows the place that it will have.
 *
 * The chain's end is noted beside the outbox, apart from the database. Where that has lost it, whoever opens
 * the log next is told, and a log that is open tells of it in an event; the chain then goes on behind the
 * noted end, so that the gap stays.
 */
export class Neo4jAuditLog implements AuditLog {
  readonly #parts: Neo4jAuditParts;
  readonly #handover: Handover;
  readonly #saving = new Set<Promise<void>>();
  readonly #lost: LostHeads;
  #end: ChainEnd;
  /** The last entry of the outbox that has its place in the chain. */
  #through = 0;
  #closed = false;

  constructor(parts: Neo4jAuditParts) {
    this.#parts = parts;
    this.#lost = new LostHeads(parts);
    const { outbox, log, notes, instance } = parts;
    const origin = { sequence: 0, hash: originOf(instance), number: 0 };
    this.#end = JSON.parse(notes.read(HEAD_NOTE) ?? JSON.stringify(origin));
    const keep = (entries: readonly Waiting[]) => this.#keep(entries);
    this.#handover = new Handover({ name: "audit", outbox, log, keep });
  }

  /** Events that wait for the database. */
  get waiting(): number {
    return this.#parts.outbox.waiting;
  }

  /**
   * The code of what speaks against the chain: the database has not the end that was noted. `null` when
   * nothing does, or it was told of already, or the database is away, or nobody waits any more (`signal`):
   * before anything is added it is looked at again.
   */
  async violation(signal?: AbortSignal): Promise<string | null> {
    const noted = this.#end;
    if (!await this.#isLost(noted).catch(() => false)) return null;
    if (signal?.aborted || this.#lost.isTold(noted)) return null;
    this.#lost.tell(noted);
    return "audit_tail_lost";
  }

  append(event: AuditEvent): Promise<void> {
    if (this.#closed) return Promise.reject(closedStore());
    const saved = this.#parts.outbox.put(event.id, new TextEncoder().encode(auditText(event)))
      .then(() => this.#handover.wake());
    this.#saving.add(saved);
    return saved.finally(() => this.#saving.delete(saved));
  }

  /** While the database is away there is no answer: one with a part left out would look whole. */
  async search(filter: AuditFilter, paging: AuditPaging): Promise<AuditPage> {
    if (this.#closed) throw closedStore();
    const waiting = await this.#waitingFor(filter, paging.after);
    const stored = await this.#stored(filter, paging);
    const known = new Set(stored.map(({ event }) => event.id));
    const found = [...stored, ...waiting.filter(({ event }) => !known.has(event.id))]
      .sort(newestFirst);
    const shown = found.slice(0, paging.limit);
    const last = shown.at(-1);
    const more = found.length > paging.limit && last !== undefined;
    return {
      events: shown.map(({ event }) => event),
      next: more ? { time: last.event.time, sequence: last.place } : null,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#saving);
    await this.#handover[Symbol.asyncDispose]();
    await this.#parts.outbox[Symbol.asyncDispose]();
  }

  async #keep(entries: readonly Waiting[]): Promise<void> {
    const { database, instance, notes } = this.#parts;
    const noted = this.#end;
    const { end, lost } = await database.write((run) => addTo(run, { instance, noted }, entries));
    // Before the note is overwritten: after a kill in between it is found once more.
    if (lost) await this.#tellOf(noted);
    // Seen together by a search: what has its place now, and what waits behind it.
    this.#end = end;
    this.#through = entries.at(-1)?.position ?? 0;
    notes.write(HEAD_NOTE, JSON.stringify(end));
  }

  async #tellOf(head: ChainEnd): Promise<void> {
    if (this.#lost.isTold(head)) return;
    const event = this.#lost.event();
    await this.#parts.outbox.put(event.id, new TextEncoder().encode(auditText(event)));
    this.#lost.tell(head);
  }

  async #isLost(head: ChainEnd): Promise<boolean> {
    if (head.sequence === 0) return false;
    const { database, instance } = this.#parts;
    const sequence = BigInt(head.sequence);
    // The event first: retention notes what it takes before it does.
    const [event] = await database.read(HASH_AT, { instance, sequence });
    const [chain] = await database.read(CHAIN_END, { instance });
    return isLost(head, foundIn(chain, event?.["hash"]));
  }

  async #waitingFor(filter: AuditFilter, after: AuditPosition | null): Promise<Found[]> {
    const { sequence, number } = this.#end;
    const entries: Waiting[] = [];
    let done = Math.max(this.#through, this.#handover.done);
    for (;;) {
      const next = await this.#parts.outbox.after(done, MOST_BYTES);
      if (next.length === 0) break;
      entries.push(...next);
      done = next.at(-1)?.position ?? done;
    }
    return entries
      .map(({ body }, at) => placed(new TextDecoder().decode(body), sequence + at + 1, number))
      .filter((found) => fits(found.event, filter) && isBehind(found, after));
  }

  async #stored(filter: AuditFilter, { limit, after }: AuditPaging): Promise<Found[]> {
    const json = (text: string | null = null) => text === null ? null : JSON.stringify(text);
    const rows = await this.#parts.database.read(searchFor(filter), {
      type: filter.type ?? null,
      userId: json(filter.userId),
      correlationId: json(filter.correlationId),
      from: filter.from ?? "",
      to: filter.to ?? "\uffff",
      time: after?.time ?? "\uffff",
      place: BigInt(after?.sequence ?? 0),
      limit: BigInt(limit + 1),
    });
    return rows.map(({ event, sequence, place }) => ({
      event: { ...parseAuditText(String(event)), sequence: Number(sequence) },
      place: Number(place),
    }));
  }
}

interface Found {
  readonly event: StoredAuditEvent;
  readonly place: number;
}

function placed(text: string, sequence: number, number: number): Found {
  return { event: { ...parseAuditText(text), sequence }, place: placeOf(sequence, number) };
}

function fits(event: AuditEvent, filter: AuditFilter): boolean {
  const { type = null, userId = null, correlationId = null, from = null, to = null } = filter;
  return (type === null || event.type === type) &&
    (userId === null || event.userId === userId) &&
    (correlationId === null || event.correlationId === correlationId) &&
    (from === null || event.time >= from) && (to === null || event.time < to);
}

function isBehind({ event, place }: Found, after: AuditPosition | null): boolean {
  if (after === null) return true;
  return event.time < after.time || (event.time === after.time && place < after.sequence);
}

function newestFirst(left: Found, right: Found): number {
  if (left.event.time !== right.event.time) return left.event.time < right.event.time ? 1 : -1;
  return right.place - left.place;
}
