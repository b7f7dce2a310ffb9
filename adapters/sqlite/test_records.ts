import type { StatementSync } from "node:sqlite";
import type { TestRecords } from "../../domain/ports/test_records.ts";
import type { TestRecord } from "../../domain/testing/record.ts";
import { type Database, type DatabaseOptions, openFor } from "./database.ts";
import { messageOf, unavailable } from "./unavailable.ts";

const INSERT = `INSERT INTO test_records
  (id, owner, correlation_id, framework, outcome, created_at, record)
  VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`;
const FIND = "SELECT record FROM test_records WHERE id = ?";

/** What the records are called where they cannot be used. */
const DEPENDENCY = "records";

/** Opens a database for records of tests alone; see {@link openFor}. Closing the records closes it. */
export function openTestRecords(options: DatabaseOptions): SqliteTestRecords {
  return openFor(DEPENDENCY, options, (db) => new SqliteTestRecords(db, { own: true }));
}

/** Records of tests in SQLite; see `openDatabase` for what lasts. */
export class SqliteTestRecords implements TestRecords {
  readonly #database: Database;
  readonly #own: boolean;
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  #isClosed = false;

  /** `own`: closing the records closes the database too. */
  constructor(database: Database, { own }: { readonly own: boolean } = { own: false }) {
    this.#database = database;
    this.#own = own;
    this.#insert = database.db.prepare(INSERT);
    this.#find = database.db.prepare(FIND);
  }

  save(record: TestRecord): Promise<void> {
    if (this.#isClosed) return Promise.reject(closed());
    const json = JSON.stringify(record);
    const { id, owner, correlationId, framework, outcome, createdAt } = record;
    const values = [id, owner, correlationId, framework, outcome, createdAt, json] as const;
    return this.#database.writer.write({
      dependency: DEPENDENCY,
      length: json.length,
      run: () => void this.#insert.run(...values),
    });
  }

  find(id: string): Promise<TestRecord | null> {
    if (this.#isClosed) return Promise.reject(closed());
    try {
      const row = this.#find.get(id);
      return Promise.resolve(row === undefined ? null : JSON.parse(String(row["record"])));
    } catch (error) {
      return Promise.reject(unavailable(DEPENDENCY, messageOf(error), error));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    if (this.#own) await this.#database[Symbol.asyncDispose]();
    else this.#database.writer.drain();
  }
}

function closed() {
  return unavailable(DEPENDENCY, "the store is closed");
}
