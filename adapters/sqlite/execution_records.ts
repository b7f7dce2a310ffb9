import type { StatementSync } from "node:sqlite";
import type { ExecutionRecord } from "../../domain/execution/outcome.ts";
import type { ExecutionRecords } from "../../domain/ports/execution_records.ts";
import { type Database, type DatabaseOptions, openFor } from "./database.ts";
import type { WriteStats } from "./group_writer.ts";
import { jsonOf, OutputPieces } from "./output_pieces.ts";
import { parseRecord } from "./record_text.ts";
import { messageOf, unavailable } from "./unavailable.ts";

const INSERT = `INSERT INTO execution_records
  (id, owner, correlation_id, language, outcome, created_at, record, output)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`;
const FIND = "SELECT record, output FROM execution_records WHERE id = ?";
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
    const { id, owner, correlationId, language, outcome, createdAt } = record;
    return this.#database.writer.write({
      dependency: DEPENDENCY,
      length: json.length,
      run: () =>
        void this.#insert.run(id, owner, correlationId, language, outcome, createdAt, json, output),
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

function closed() {
  return unavailable(DEPENDENCY, "the store is closed");
}
