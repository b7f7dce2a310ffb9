import type { SQLOutputValue, StatementSync } from "node:sqlite";
import type { ExecutionRecord } from "../../domain/execution/outcome.ts";
import type { ExecutionSummary, Page } from "../../domain/execution/summary.ts";
import type { ExecutionRecords } from "../../domain/ports/execution_records.ts";
import { type Database, type DatabaseOptions, openFor } from "./database.ts";
import type { WriteStats } from "./group_writer.ts";
import { jsonOf, OutputPieces } from "./output_pieces.ts";
import { parseRecord } from "./record_text.ts";
import { messageOf, unavailable } from "./unavailable.ts";

const INSERT = `INSERT INTO execution_records
  (id, owner, correlation_id, language, outcome, created_at, duration_seconds, record, output)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`;
const FIND = "SELECT record, output FROM execution_records WHERE id = ?";
// Only records of older programs are looked into: a text of megabytes takes its time.
const LIST = `SELECT id, language, outcome, created_at,
  coalesce(duration_seconds, record ->> '$.durationSeconds') AS duration_seconds
  FROM execution_records WHERE owner = ? AND id < ? ORDER BY id DESC LIMIT ?`;
/** Sorts after every id. */
const AFTER_ALL = "\u{10ffff}";
const PING = "SELECT 1 FROM execution_records LIMIT 1";

/** What the records are called where they cannot be used. */
const DEPENDENCY = "records";

/** Opens a database for records alone; see {@link openFor}. Closing the records closes it. */
export function openExecutionRecords(options: DatabaseOptions): SqliteExecutionRecords {
  return openFor(DEPENDENCY, options, (db) => new SqliteExecutionRecords(db, { own: true }));
}

/** Execution records in SQLite; see `openDatabase` for what lasts. */
export class SqliteExecutionRecords implements ExecutionRecords {
  readonly #database: Database;
  readonly #own: boolean;
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  readonly #list: StatementSync;
  readonly #ping: StatementSync;
  readonly #pieces: OutputPieces;
  /** Saves whose long output is being written; they are not pending yet. */
  readonly #long = new Set<Promise<void>>();
  #closing: Promise<void> | null = null;

  /** `own`: closing the records closes the database too. */
  constructor(database: Database, { own }: { readonly own: boolean } = { own: false }) {
    const { db } = database;
    this.#database = database;
    this.#own = own;
    this.#insert = db.prepare(INSERT);
    this.#find = db.prepare(FIND);
    this.#list = db.prepare(LIST);
    this.#ping = db.prepare(PING);
    this.#pieces = new OutputPieces(db);
  }

  save(record: ExecutionRecord): Promise<void> {
    if (this.#closing !== null) return Promise.reject(closed());
    if (!this.#pieces.isLong(record)) return this.#saveWhole(record, null);
    const saved = this.#saveInPieces({ ...record });
    this.#long.add(saved);
    return saved.finally(() => this.#long.delete(saved));
  }

  async #saveInPieces(record: ExecutionRecord): Promise<void> {
    const output = await this.#attempt(() => this.#pieces.write(record));
    await this.#saveWhole(record, output);
  }

  #saveWhole(record: ExecutionRecord, output: number | null): Promise<void> {
    const json = jsonOf(record, output !== null);
    const { id, owner, correlationId, language, outcome, createdAt, durationSeconds } = record;
    const facts = [id, owner, correlationId, language, outcome, createdAt, durationSeconds];
    return this.#database.writer.write({
      dependency: DEPENDENCY,
      length: json.length,
      run: () => void this.#insert.run(...facts, json, output),
    });
  }

  find(id: string): Promise<ExecutionRecord | null> {
    return this.#read(async () => {
      const row = this.#find.get(id);
      if (row === undefined) return null;
      const record = parseRecord(String(row["record"]));
      const output = row["output"];
      return output === null ? record : await this.#pieces.read(Number(output), record);
    });
  }

  list(owner: string, { limit, before }: Page): Promise<readonly ExecutionSummary[]> {
    return this.#read(() => this.#list.all(owner, before ?? AFTER_ALL, limit).map(summaryIn));
  }

  ping(): Promise<void> {
    return this.#read(() => void this.#ping.get());
  }

  /** What is pending and done in the whole database; for metrics. */
  stats(): WriteStats {
    return this.#database.writer.stats();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#long);
    if (this.#own) await this.#database[Symbol.asyncDispose]();
    else this.#database.writer.drain();
  }

  #read<T>(query: () => T | Promise<T>): Promise<T> {
    if (this.#closing !== null) return Promise.reject(closed());
    return this.#attempt(query);
  }

  async #attempt<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw unavailable(DEPENDENCY, messageOf(error), error);
    }
  }
}

function summaryIn(row: Record<string, SQLOutputValue>): ExecutionSummary {
  return {
    id: String(row["id"]),
    language: String(row["language"]) as ExecutionSummary["language"],
    outcome: String(row["outcome"]) as ExecutionSummary["outcome"],
    createdAt: String(row["created_at"]),
    durationSeconds: Number(row["duration_seconds"]),
  };
}

function closed() {
  return unavailable(DEPENDENCY, "the store is closed");
}
