import { DomainError } from "../../../domain/errors.ts";
import type { ExecutionRecord } from "../../../domain/execution/outcome.ts";
import {
  type ExecutionSummary,
  newestOf,
  type Page,
  summaryOf,
} from "../../../domain/execution/summary.ts";
import type { ExecutionRecords } from "../../../domain/ports/execution_records.ts";
import type { Log } from "../../../domain/ports/log.ts";
import type { Outbox, Waiting } from "../../../domain/ports/outbox.ts";
import { decodeRecord, encodeRecord, joined } from "./body.ts";
import { closedStore, type RecordsDatabase, recordsFailure } from "./database.ts";
import { Handover } from "./handover.ts";
import { WaitingRuns } from "./waiting_runs.ts";

/** Bytes of a node's property. A transaction has its memory's limit, and so holds a few of them. */
const PIECE_BYTES = 1_048_576;
const PIECES_AT_ONCE = 8;

const KNOWN = "UNWIND $ids AS id MATCH (r:ExecutionResult {id: id}) RETURN r.id AS id";
const KEEP = `UNWIND $rows AS row MERGE (r:ExecutionResult {id: row.id})
  ON CREATE SET r.owner = row.owner, r.request_id = row.request_id, r.language = row.language,
    r.outcome = row.outcome, r.timestamp = row.timestamp,
    r.duration_seconds = row.duration_seconds, r.pieces = row.pieces, r.body = row.body`;
const KEEP_PIECES = `UNWIND $rows AS row
  MERGE (p:ResultPiece {result: row.result, position: row.position}) ON CREATE SET p.body = row.body`;
const FIND = "MATCH (r:ExecutionResult {id: $id}) RETURN r.pieces AS pieces, r.body AS body";
// The index of ids alone would be of no use: one owner's are few among all.
const LIST = `MATCH (r:ExecutionResult) USING INDEX r:ExecutionResult(owner, id)
  WHERE r.owner = $owner AND r.id < $before
  RETURN r.id AS id, r.language AS language, r.outcome AS outcome, r.timestamp AS created_at,
    r.duration_seconds AS duration_seconds
  ORDER BY r.owner DESC, r.id DESC LIMIT $limit`;
/** Sorts after every id. */
const AFTER_ALL = "\uffff";
const FIND_PIECE = "MATCH (p:ResultPiece {result: $id, position: $position}) RETURN p.body AS body";

/** The statements of this store, whose plans must use an index. */
export const EXECUTION_STATEMENTS: readonly string[] = [
  ...[KNOWN, KEEP, KEEP_PIECES, FIND, FIND_PIECE, LIST],
];

/** What keeping takes. */
export interface Neo4jRecordsParts {
  readonly database: RecordsDatabase;
  readonly outbox: Outbox;
  readonly log: Log;
}

/**
 * Execution records in Neo4j, by way of an outbox: a record is kept once it stands there, and handed over
 * as soon as the database takes it. What waits is found there, so that the one who saved it always does.
 */
export class Neo4jExecutionRecords implements ExecutionRecords {
  readonly #parts: Neo4jRecordsParts;
  readonly #handover: Handover;
  readonly #waiting: WaitingRuns;
  readonly #saving = new Set<Promise<void>>();
  #closed = false;

  constructor(parts: Neo4jRecordsParts) {
    this.#parts = parts;
    const { outbox, log } = parts;
    this.#waiting = new WaitingRuns(outbox);
    const keep = async (entries: readonly Body[]) => {
      await keepRuns(parts.database, entries);
      for (const { id } of entries) this.#waiting.delete(id);
    };
    this.#handover = new Handover({ name: "executions", outbox, log, keep });
  }

  save(record: ExecutionRecord): Promise<void> {
    if (this.#closed) return Promise.reject(closedStore());
    const { owner } = record;
    const summary = summaryOf(record);
    const saved = this.#parts.outbox.put(record.id, encodeRecord(record)).then(() => {
      this.#waiting.add(owner, summary);
      this.#handover.wake();
    });
    this.#saving.add(saved);
    return saved.finally(() => this.#saving.delete(saved));
  }

  async find(id: string): Promise<ExecutionRecord | null> {
    if (this.#closed) throw closedStore();
    const { outbox, database } = this.#parts;
    const waiting = await outbox.find(id);
    if (waiting !== null) return decodeRecord(waiting);
    return await findRun(database, id);
  }

  async list(owner: string, page: Page): Promise<readonly ExecutionSummary[]> {
    if (this.#closed) throw closedStore();
    // First: what is handed over in between is in the database by then.
    const waiting = await this.#waiting.of(owner);
    return newestOf([...await listRuns(this.#parts.database, owner, page), ...waiting], page);
  }

  /**
   * Whether a record still is on its way to the database.
   *
   * @throws {DomainError} `dependency_unavailable`, not `transient`, where that will not have it.
   */
  async isWaiting(id: string): Promise<boolean> {
    const isThere = await this.#parts.outbox.find(id) !== null;
    if (isThere && this.#handover.isRefused(id)) throw refusedRecord();
    return isThere;
  }

  /** The outbox takes records while the database is away: runs go on, and the store can be used. */
  async ping(): Promise<void> {
    if (this.#closed) throw closedStore();
    await this.#parts.outbox.find("");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#saving);
    await this.#handover[Symbol.asyncDispose]();
    await this.#parts.outbox[Symbol.asyncDispose]();
  }
}

function refusedRecord(): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "records",
    reason: "the run has ended, and its record was refused",
    remedy: "see 'record_refused' in the log",
    retryAfterSeconds: 1,
    transient: false,
  });
}

/** A record as it is handed over: its id, and the bytes that `encodeRecord` makes of it. */
export type Body = Pick<Waiting, "id" | "body">;

/** The record that the database has under an id; `null`: none. @throws {DomainError} */
export async function findRun(
  database: RecordsDatabase,
  id: string,
): Promise<ExecutionRecord | null> {
  const body = await findBody(database, FIND, id);
  return body === null ? null : decodeRecord(body);
}

/** The bytes that a statement finds under an id, or in pieces of it; `null`: none. @throws {DomainError} */
export async function findBody(
  database: RecordsDatabase,
  statement: string,
  id: string,
): Promise<Uint8Array | null> {
  if (!id.isWellFormed()) return null;
  const [row] = await database.read(statement, { id });
  if (row === undefined) return null;
  const pieces = Number(row["pieces"]);
  if (pieces === 0) return bytesOf(row["body"]);
  const parts: Uint8Array[] = [];
  for (let position = 0; position < pieces; position += 1) {
    const [piece] = await database.read(FIND_PIECE, { id, position: BigInt(position) });
    parts.push(bytesOf(piece?.["body"]));
  }
  return joined(parts);
}

async function listRuns(
  database: RecordsDatabase,
  owner: string,
  { limit, before }: Page,
): Promise<ExecutionSummary[]> {
  const values = { owner: owner.toWellFormed(), before: before ?? AFTER_ALL, limit: BigInt(limit) };
  const summaries: ExecutionSummary[] = [];
  for (const row of await database.read(LIST, values)) {
    // What an older program has kept says it only within.
    const found = row["duration_seconds"] === null
      ? await findRun(database, String(row["id"]))
      : null;
    summaries.push(found === null ? summaryIn(row) : summaryOf(found));
  }
  return summaries;
}

function summaryIn(row: Readonly<Record<string, unknown>>): ExecutionSummary {
  return {
    id: String(row["id"]),
    language: String(row["language"]) as ExecutionSummary["language"],
    outcome: String(row["outcome"]) as ExecutionSummary["outcome"],
    createdAt: String(row["created_at"]),
    durationSeconds: Number(row["duration_seconds"]),
  };
}

/**
 * Keeps records that the database has not yet. Long ones go first and in pieces; the node that makes them
 * count comes last.
 */
export async function keepRuns(
  database: RecordsDatabase,
  entries: readonly Body[],
): Promise<void> {
  await database.ready();
  const ids = entries.map(({ id }) => id);
  const known = new Set((await database.read(KNOWN, { ids })).map(({ id }) => String(id)));
  const rows: unknown[] = [];
  for (const entry of entries) {
    if (known.has(entry.id)) continue;
    if (isLong(entry)) await keepPieces(database, entry);
    rows.push(rowOf(entry));
  }
  if (rows.length > 0) await database.write((run) => run(KEEP, { rows }));
}

/** Whether a record stands in pieces. */
export function isLong({ body }: Body): boolean {
  return body.length > PIECE_BYTES;
}

/** Keeps the pieces of a long record. */
export async function keepPieces(database: RecordsDatabase, { id, body }: Body): Promise<void> {
  const step = PIECES_AT_ONCE * PIECE_BYTES;
  for (let from = 0; from < body.length; from += step) {
    const rows: unknown[] = [];
    for (let at = from; at < Math.min(body.length, from + step); at += PIECE_BYTES) {
      const piece = body.subarray(at, at + PIECE_BYTES);
      rows.push({ result: id, position: BigInt(at / PIECE_BYTES), body: sent(piece) });
    }
    await database.write((run) => run(KEEP_PIECES, { rows }));
  }
}

function rowOf(entry: Body): unknown {
  const { owner, correlationId, language, outcome, createdAt, durationSeconds } = decodeRecord(
    entry.body,
  );
  return {
    id: entry.id,
    // For people who look: what is read back is the body.
    owner: owner.toWellFormed(),
    request_id: correlationId.toWellFormed(),
    language,
    outcome,
    timestamp: createdAt,
    duration_seconds: durationSeconds,
    ...placeOf(entry),
  };
}

/** How many pieces a record stands in, or the record itself. */
export function placeOf(entry: Body): { readonly pieces: bigint; readonly body: Int8Array | null } {
  if (!isLong(entry)) return { pieces: 0n, body: sent(entry.body) };
  return { pieces: BigInt(Math.ceil(entry.body.length / PIECE_BYTES)), body: null };
}

/** As the driver has bytes. */
function sent({ buffer, byteOffset, byteLength }: Uint8Array): Int8Array {
  return new Int8Array(buffer, byteOffset, byteLength);
}

function bytesOf(value: unknown): Uint8Array {
  if (!ArrayBuffer.isView(value)) {
    throw recordsFailure(new Error("a part of the record is not there"));
  }
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}
