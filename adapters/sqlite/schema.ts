import type { DatabaseSync } from "node:sqlite";

/**
 * The audit's chain. An event is its text and nothing beside it: what is searched for is computed from
 * that. Ids and users stand as JSON there: plain text would end at its first NUL.
 */
const AUDIT = `CREATE TABLE audit_instance (instance TEXT NOT NULL) STRICT;
   INSERT INTO audit_instance VALUES (lower(hex(randomblob(16))));
   CREATE TABLE audit_events (
     sequence INTEGER PRIMARY KEY NOT NULL,
     event TEXT NOT NULL,
     hash TEXT NOT NULL,
     id TEXT GENERATED ALWAYS AS (event -> '$.id') VIRTUAL,
     type TEXT GENERATED ALWAYS AS (event ->> '$.type') VIRTUAL,
     time TEXT GENERATED ALWAYS AS (event ->> '$.time') VIRTUAL,
     user_id TEXT GENERATED ALWAYS AS (event -> '$.user_id') VIRTUAL,
     correlation_id TEXT GENERATED ALWAYS AS (event -> '$.correlation_id') VIRTUAL
   ) STRICT;
   CREATE UNIQUE INDEX audit_events_id ON audit_events (id);
   CREATE INDEX audit_events_time ON audit_events (time, sequence);
   CREATE INDEX audit_events_type ON audit_events (type, time, sequence);
   CREATE INDEX audit_events_user ON audit_events (user_id, time, sequence);
   CREATE INDEX audit_events_correlation ON audit_events (correlation_id, time, sequence);
   CREATE TABLE audit_checkpoints (
     sequence INTEGER PRIMARY KEY NOT NULL,
     hash TEXT NOT NULL,
     time TEXT NOT NULL,
     count INTEGER NOT NULL
   ) STRICT;`;

/**
 * What waits for another store, several outboxes beside each other. A body stands in pieces, written before
 * the entry that makes them count.
 */
const OUTBOX = `CREATE TABLE outbox_entries (
     position INTEGER PRIMARY KEY AUTOINCREMENT,
     outbox TEXT NOT NULL,
     id TEXT NOT NULL,
     body INTEGER NOT NULL,
     length INTEGER NOT NULL,
     UNIQUE (outbox, id)
   ) STRICT;
   CREATE INDEX outbox_entries_order ON outbox_entries (outbox, position);
   CREATE TABLE outbox_pieces (
     body INTEGER NOT NULL,
     position INTEGER NOT NULL,
     piece BLOB NOT NULL,
     PRIMARY KEY (body, position)
   ) STRICT;
   CREATE TABLE outbox_notes (
     name TEXT PRIMARY KEY NOT NULL,
     text TEXT NOT NULL
   ) STRICT;`;

/**
 * Jobs that wait, run, or have ended not long ago. What callers send stands as JSON: plain text would end
 * at its first NUL. The request stands in pieces, written before the job that makes them count, and goes
 * when the job has ended. `stop`: the job runs and was told to stop.
 */
const JOBS = `CREATE TABLE jobs (
     position INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL UNIQUE,
     owner TEXT NOT NULL,
     key TEXT,
     fingerprint TEXT,
     priority INTEGER NOT NULL,
     facts TEXT NOT NULL,
     body INTEGER NOT NULL,
     state TEXT NOT NULL,
     attempts INTEGER NOT NULL DEFAULT 0,
     ready_at INTEGER NOT NULL DEFAULT 0,
     stop INTEGER NOT NULL DEFAULT 0,
     failure TEXT,
     ended_at INTEGER
   ) STRICT;
   CREATE UNIQUE INDEX jobs_key ON jobs (owner, key) WHERE key IS NOT NULL;
   CREATE INDEX jobs_queued ON jobs (priority, position) WHERE state = 'queued';
   CREATE INDEX jobs_owner ON jobs (owner) WHERE ended_at IS NULL;
   CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;
   CREATE INDEX jobs_dead ON jobs (ended_at, position) WHERE state = 'dead';
   CREATE TABLE job_pieces (
     body INTEGER NOT NULL,
     position INTEGER NOT NULL,
     piece BLOB NOT NULL,
     PRIMARY KEY (body, position)
   ) STRICT;`;

/** Runs of tests. `record` is what is read back, as for executions; the columns are for queries. */
const TESTS = `CREATE TABLE test_records (
     id TEXT PRIMARY KEY NOT NULL,
     owner TEXT NOT NULL,
     correlation_id TEXT NOT NULL,
     framework TEXT NOT NULL,
     outcome TEXT NOT NULL,
     created_at TEXT NOT NULL,
     record TEXT NOT NULL
   ) STRICT;
   CREATE INDEX test_records_owner_id ON test_records (owner, id);
   CREATE INDEX test_records_created_at ON test_records (created_at);`;

/**
 * The steps that make the schema, oldest first. A step that has shipped is never changed: a change
 * is a new step. The number of steps done stands in the database's `user_version`.
 *
 * `record` holds the record as JSON and is what is read back; the columns are for queries. (A text
 * column comes back cut off at its first NUL, which must not happen to an owner.) A long output is
 * left out of it and stands in `output_pieces` instead, under the number in `output`.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE execution_records (
     id TEXT PRIMARY KEY NOT NULL,
     owner TEXT NOT NULL,
     correlation_id TEXT NOT NULL,
     language TEXT NOT NULL,
     outcome TEXT NOT NULL,
     created_at TEXT NOT NULL,
     record TEXT NOT NULL
   ) STRICT;
   CREATE INDEX execution_records_owner_id ON execution_records (owner, id);`,
  `ALTER TABLE execution_records ADD COLUMN output INTEGER;
   CREATE INDEX execution_records_output ON execution_records (output) WHERE output IS NOT NULL;
   CREATE TABLE output_pieces (
     output INTEGER NOT NULL,
     stream INTEGER NOT NULL,
     position INTEGER NOT NULL,
     piece ANY NOT NULL,
     PRIMARY KEY (output, stream, position)
   ) STRICT;`,
  `CREATE TABLE stored_roles (
     user_id TEXT PRIMARY KEY NOT NULL,
     roles TEXT NOT NULL,
     admin INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX stored_roles_admin ON stored_roles (user_id) WHERE admin = 1;`,
  `CREATE TABLE revoked_tokens (
     id TEXT PRIMARY KEY NOT NULL,
     until INTEGER
   ) STRICT, WITHOUT ROWID;`,
  AUDIT,
  OUTBOX,
  JOBS,
  "ALTER TABLE execution_records ADD COLUMN duration_seconds REAL;",
  // Bytes of the request; of older jobs they are not counted.
  `ALTER TABLE jobs ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
   DROP INDEX jobs_owner;
   CREATE INDEX jobs_owner ON jobs (owner, bytes) WHERE ended_at IS NULL;`,
  TESTS,
  `CREATE TABLE lint_results (
     id TEXT PRIMARY KEY NOT NULL,
     code_hash TEXT NOT NULL,
     created_at TEXT NOT NULL,
     record TEXT NOT NULL
   ) STRICT;
   CREATE INDEX lint_results_code_hash ON lint_results (code_hash);`,
];

/**
 * Brings a database to the schema of this program, one transaction a step, so that a `kill -9`
 * between two steps is made good by the next start.
 *
 * @throws {Error} when the database was made by a newer program.
 */
export function migrate(db: DatabaseSync): void {
  const found = schemaVersion(db);
  if (found > MIGRATIONS.length) {
    throw new Error(
      `its schema has version ${found}, this program knows versions up to ${MIGRATIONS.length}. ` +
        "Start the newer program again, or use another data directory",
    );
  }
  MIGRATIONS.slice(found).forEach((step, index) => apply(db, step, found + index + 1));
}

function apply(db: DatabaseSync, step: string, version: number): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    db.exec(`${step}\nPRAGMA user_version = ${version};`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
}
