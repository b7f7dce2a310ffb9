import type { Clock } from "../../domain/ports/clock.ts";
import type { RecordsArchive } from "../../domain/ports/records_archive.ts";
import type { EntryKind, EntryOf, RecordsEntry } from "../../domain/records/entry.ts";
import { isRole } from "../../domain/identity/role.ts";
import { textOf } from "./audit_checkpoints.ts";
import { ChainTransfer } from "./chain_transfer.ts";
import { type Database, type DatabaseOptions, openFor } from "./database.ts";
import { SqliteExecutionRecords } from "./execution_records.ts";
import { SqliteLintRecords } from "./lint_records.ts";
import { SqliteRevokedTokens } from "./revoked_tokens.ts";
import { SqliteRoleStore } from "./role_store.ts";
import { SqliteTestRecords } from "./test_records.ts";

const RUNS =
  "SELECT rowid AS row, id FROM execution_records WHERE rowid > ? ORDER BY rowid LIMIT 500";
const TESTS = "SELECT rowid AS row, id FROM test_records WHERE rowid > ? ORDER BY rowid LIMIT 500";
const LINTS =
  "SELECT rowid AS row, record FROM lint_results WHERE rowid > ? ORDER BY rowid LIMIT 100";
const ROLES = `SELECT rowid AS row, CAST(user_id AS BLOB) AS user, roles FROM stored_roles
  WHERE rowid > ? ORDER BY rowid LIMIT 500`;
const REVOKED = "SELECT id, until FROM revoked_tokens WHERE id > ? ORDER BY id LIMIT 500";

/** Where the records are, and the audit's head beside them. */
export interface SqliteArchiveOptions extends DatabaseOptions {
  readonly directory: string;
  readonly clock: Clock;
}

/** Opens the records to be moved. Closing the archive closes their database. @throws {Error} see {@link openFor}. */
export function openRecordsArchive(options: SqliteArchiveOptions): SqliteRecordsArchive {
  return openFor("records", options, (database) => new SqliteRecordsArchive(database, options));
}

/** All that `records.sqlite` holds, and the head of its audit that is kept apart. */
export class SqliteRecordsArchive implements RecordsArchive {
  readonly #database: Database;
  readonly #runs: SqliteExecutionRecords;
  readonly #tests: SqliteTestRecords;
  readonly #lints: SqliteLintRecords;
  readonly #roles: SqliteRoleStore;
  readonly #tokens: SqliteRevokedTokens;
  readonly #chain: ChainTransfer;

  constructor(database: Database, { directory, clock }: SqliteArchiveOptions) {
    this.#database = database;
    this.#runs = new SqliteExecutionRecords(database);
    this.#tests = new SqliteTestRecords(database);
    this.#lints = new SqliteLintRecords(database);
    this.#roles = new SqliteRoleStore(database);
    this.#tokens = new SqliteRevokedTokens(database, clock);
    this.#chain = new ChainTransfer({ db: database.db, directory, clock });
  }

  async *entries(): AsyncGenerator<RecordsEntry> {
    await this.#chain.judgeSpill();
    for (const { id } of this.#rows(RUNS)) {
      const record = await this.#runs.find(String(id));
      if (record !== null) yield { kind: "execution", record };
    }
    for (const { id } of this.#rows(TESTS)) {
      const record = await this.#tests.find(String(id));
      if (record !== null) yield { kind: "tests", record };
    }
    for (const { record } of this.#rows(LINTS)) {
      yield { kind: "lint", record: JSON.parse(String(record)) };
    }
    for (const { user, roles } of this.#rows(ROLES)) {
      const names: unknown = JSON.parse(String(roles));
      const known = Array.isArray(names) ? names.filter(isRole) : [];
      yield { kind: "roles", user: textOf(user), roles: known };
    }
    yield* this.#revoked();
    yield* this.#chain.entries();
  }

  async prepare(instances: readonly string[]): Promise<void> {
    await this.#chain.prepare(instances);
  }

  async keep(entries: readonly RecordsEntry[]): Promise<void> {
    await Promise.all([
      ...of("execution", entries).map(({ record }) => this.#runs.save(record)),
      ...of("tests", entries).map(({ record }) => this.#tests.save(record)),
      ...of("lint", entries).map(({ record }) => this.#lints.save(record)),
      ...of("roles", entries).map(({ user, roles }) => this.#roles.change(user, () => roles)),
      ...of("revoked_token", entries).map(({ id, until }) => this.#tokens.revoke(id, until)),
    ]);
    for (const chain of of("audit_chain", entries)) await this.#chain.begin(chain);
    await this.#chain.add(of("audit_event", entries));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#runs[Symbol.asyncDispose]();
    await this.#tests[Symbol.asyncDispose]();
    await this.#database[Symbol.asyncDispose]();
  }

  *#rows(statement: string): Generator<Record<string, unknown>> {
    const page = this.#database.db.prepare(statement);
    for (let after = 0;;) {
      const rows = page.all(after);
      yield* rows;
      if (rows.length === 0) return;
      after = Number(rows.at(-1)?.["row"]);
    }
  }

  *#revoked(): Generator<RecordsEntry> {
    const page = this.#database.db.prepare(REVOKED);
    for (let after = "";;) {
      const rows = page.all(after);
      for (const { id, until } of rows) {
        const end = until === null ? null : Number(until);
        yield { kind: "revoked_token", id: String(id), until: end };
      }
      if (rows.length === 0) return;
      after = String(rows.at(-1)?.["id"]);
    }
  }
}

function of<Kind extends EntryKind>(kind: Kind, entries: readonly RecordsEntry[]): EntryOf<Kind>[] {
  return entries.filter((entry): entry is EntryOf<Kind> => entry.kind === kind);
}
