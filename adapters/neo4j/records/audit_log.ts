import { createHash } from "node:crypto";
import {
  type AuditEvent,
  auditText,
  linkText,
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
import type { Log } from "../../../domain/ports/log.ts";
import type { Notes, Outbox, Waiting } from "../../../domain/ports/outbox.ts";
import type { Run } from "../transaction.ts";
import {
  ADD,
  CHAIN,
  CHAIN_END,
  END,
  HASH_AT,
  KNOWN,
  NUMBERS,
  searchFor,
} from "./audit_statements.ts";
import { closedStore, type RecordsDatabase } from "./database.ts";
import { Handover } from "./handover.ts";

/** Chains that can be told apart in a place; more share one number, and no page falls between their events. */
const NUMBERED = 1024;
const MOST_BYTES = Number.MAX_SAFE_INTEGER;
/** What the end of the chain is noted under. */
export const HEAD_NOTE = "audit_head";

/** The end of a chain: the last event's place and hash. */
export interface ChainEnd {
  /** 0 before the first event. */
  readonly sequence: number;
  /** 64 hexadecimal digits; before the first event the instance's own. */
  readonly hash: string;
  /** Which of the database's chains it is. */
  readonly number: number;
}

/** What an audit log is kept with. */
export interface Neo4jAuditParts {
  readonly database: RecordsDatabase;
  readonly outbox: Outbox;
  readonly notes: Notes;
  readonly log: Log;
  /** Whose chain it is, at every start the same. */
  readonly instance: string;
}

/** What stands in for the hash of the event before the first: no chain fits another instance. */
export function originOf(instance: string): string {
  return createHash("sha256").update(instance).digest("hex");
}

/** The hash of an event in its place. */
export function hashOf(previousHash: string, sequence: number, text: string): string {
  return createHash("sha256").update(linkText(previousHash, sequence, text)).digest("hex");
}

/**
 * The audit log in Neo4j: a chain of SHA-256, one an instance, all of them searched together. An event is
 * taken once it stands in the outbox; it gets its place in the chain when the database has it. Until then
 * a search shows the place that it will have.
 *
 * The chain's end is noted beside the outbox, apart from the database: where that has lost it, whoever
 * opens the log next is told.
 */
export class Neo4jAuditLog implements AuditLog {
  readonly #parts: Neo4jAuditParts;
  readonly #handover: Handover;
  readonly #saving = new Set<Promise<void>>();
  #end: ChainEnd;
  /** The last entry of the outbox that has its place in the chain. */
  #through = 0;
  #checked: Promise<string | null> | null = null;
  #closed = false;

  constructor(parts: Neo4jAuditParts) {
    this.#parts = parts;
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
   * nothing does, or the database is away; it is then looked at before anything is added, and logged.
   */
  async violation(): Promise<string | null> {
    this.#checked ??= this.#check();
    return await this.#checked.catch(() => {
      this.#checked = null;
      return null;
    });
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
    const { database, instance } = this.#parts;
    await this.violation();
    const end = await database.write((run) => addTo(run, instance, entries));
    // Seen together by a search: what has its place now, and what waits behind it.
    this.#end = end;
    this.#through = entries.at(-1)?.position ?? 0;
    this.#parts.notes.write(HEAD_NOTE, JSON.stringify(end));
  }

  async #check(): Promise<string | null> {
    const { database, instance, log } = this.#parts;
    const { sequence, hash } = this.#end;
    if (sequence === 0) return null;
    const [row] = await database.read(HASH_AT, { instance, sequence: BigInt(sequence) });
    if (row?.["hash"] === hash) return null;
    const [chain] = await database.read(CHAIN_END, { instance });
    // Retention may have taken it, and tells so.
    if (Number(chain?.["through"] ?? 0) >= sequence) return null;
    log.write("error", "audit_head_lost", { sequence, hash });
    return "audit_tail_lost";
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

/** Adds what is not there yet to an instance's chain; its end from then on. */
async function addTo(
  run: Run,
  instance: string,
  entries: readonly Waiting[],
): Promise<ChainEnd> {
  const chain = (await run(CHAIN, { instance, origin: originOf(instance) })).records[0];
  const number = await numberOf(run, chain?.get("number"));
  let end = { sequence: Number(chain?.get("sequence")), hash: String(chain?.get("hash")), number };
  const ids = entries.map(({ id }) => JSON.stringify(id));
  const known = new Set((await run(KNOWN, { ids })).records.map((row) => String(row.get("id"))));
  const rows: unknown[] = [];
  for (const { id, body } of entries) {
    if (known.has(JSON.stringify(id))) continue;
    const text = new TextDecoder().decode(body);
    const sequence = end.sequence + 1;
    end = { ...end, sequence, hash: hashOf(end.hash, sequence, text) };
    rows.push(rowOf(text, end, instance));
  }
  await run(ADD, { rows });
  const { sequence, hash } = end;
  await run(END, { instance, sequence: BigInt(sequence), hash, number: BigInt(number) });
  return end;
}

/** A chain's number, a new one where it has none. */
export async function numberOf(run: Run, given: unknown): Promise<number> {
  if (given !== null) return Number(given);
  const { records: [row] } = await run(NUMBERS, {});
  return Number(row?.get("number")) % NUMBERED;
}

/** An event in its place. */
export function rowOf(
  text: string,
  { sequence, hash, number }: ChainEnd,
  instance: string,
): unknown {
  const place = BigInt(placeOf(sequence, number));
  return { ...searchedIn(text), instance, sequence: BigInt(sequence), place, event: text, hash };
}

/** What is searched for of an event. Ids and users stand as JSON: half a character could not be kept otherwise. */
export function searchedIn(text: string): Readonly<Record<string, string>> {
  const { id, type, time, userId, correlationId } = parseAuditText(text);
  return {
    event_id: JSON.stringify(id),
    event_type: type,
    timestamp: time,
    user_id: JSON.stringify(userId),
    request_id: JSON.stringify(correlationId),
  };
}

/** Whether a place is one of an event's, whichever the number of its chain. */
export function isPlaceOf(sequence: number, place: unknown): boolean {
  return Math.floor(Number(place) / NUMBERED) === sequence;
}

function placed(text: string, sequence: number, number: number): Found {
  return { event: { ...parseAuditText(text), sequence }, place: placeOf(sequence, number) };
}

/** Two instances' events of one millisecond must not stand in the same place. */
function placeOf(sequence: number, number: number): number {
  return sequence * NUMBERED + number;
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
