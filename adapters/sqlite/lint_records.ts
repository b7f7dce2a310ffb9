import type { StatementSync } from "node:sqlite";
import type { LintRecord } from "../../domain/lint/record.ts";
import type { LintRecords } from "../../domain/ports/lint_records.ts";
import { type Database, type DatabaseOptions, openFor } from "./database.ts";
import { messageOf, unavailable } from "./unavailable.ts";

const INSERT = `INSERT INTO lint_results (id, code_hash, created_at, record) VALUES (?, ?, ?, ?)
  ON CONFLICT (id) DO NOTHING`;
const FIND = "SELECT record FROM lint_results WHERE id = ?";

/** What the reports are called where they cannot be used. */
const DEPENDENCY = "records";

/** Opens a database for reports alone; see {@link openFor}. Closing the reports closes it. */
export function openLintRecords(options: DatabaseOptions): SqliteLintRecords {
  return openFor(DEPENDENCY, options, (db) => new SqliteLintRecords(db, { own: true }));
}

/** Reports of linting in SQLite; see `openDatabase` for what lasts. What is linted bounds their size. */
export class SqliteLintRecords implements LintRecords {
  readonly #database: Database;
  readonly #own: boolean;
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  #closed = false;

  /** `own`: closing the reports closes the database too. */
  constructor(database: Database, { own }: { readonly own: boolean } = { own: false }) {
    this.#database = database;
    this.#own = own;
    this.#insert = database.db.prepare(INSERT);
    this.#find = database.db.prepare(FIND);
  }

  save(record: LintRecord): Promise<void> {
    if (this.#closed) return Promise.reject(closed());
    const json = JSON.stringify(record);
    const { id, codeHash, createdAt } = record;
    return this.#database.writer.write({
      dependency: DEPENDENCY,
      length: json.length,
      run: () => void this.#insert.run(id, codeHash, createdAt, json),
    });
  }

  find(id: string): Promise<LintRecord | null> {
    if (this.#closed) return Promise.reject(closed());
    try {
      const row = this.#find.get(id);
      return Promise.resolve(row === undefined ? null : JSON.parse(String(row["record"])));
    } catch (error) {
      return Promise.reject(unavailable(DEPENDENCY, messageOf(error), error));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#own) await this.#database[Symbol.asyncDispose]();
    else this.#database.writer.drain();
  }
}

function closed() {
  return unavailable(DEPENDENCY, "the store is closed");
}
