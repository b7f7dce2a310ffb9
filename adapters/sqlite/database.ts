import { DatabaseSync } from "node:sqlite";
import { GroupWriter } from "./group_writer.ts";
import { migrate } from "./schema.ts";
import { messageOf } from "./unavailable.ts";

/** Waiting for another process' lock also holds the event loop up, so it is soon given up. */
const BUSY_TIMEOUT_MS = 250;

/** Where the data is kept. */
export interface DatabaseOptions {
  /** The database file; made, for its owner alone, when absent. Its directory must exist. */
  readonly path: string;
}

/** An open database, shared by what is kept in it. Closing it writes what is pending. */
export interface Database extends AsyncDisposable {
  readonly db: DatabaseSync;
  readonly writer: GroupWriter;
}

/**
 * Opens, and makes or migrates, the SQLite database of the service.
 *
 * What its writer has acknowledged survives a `kill -9` of this process. It is in the write-ahead log,
 * but not forced to the disk (`synchronous = NORMAL`): a loss of power, or of the whole machine, can
 * lose the last moments; it never damages the database.
 *
 * @throws {Error} "Cannot open the records ..." when the file is no database, cannot be written, or
 * was made by a newer program.
 */
export function openDatabase(options: DatabaseOptions): Database {
  return openFor("records", options, (database) => database);
}

/**
 * Opens a database for one of the things that are kept in it, which closes it. Several connections of
 * one process may stand beside each other: each write is over within one turn of the event loop.
 *
 * @throws {Error} "Cannot open the ..." as {@link openDatabase} does.
 */
export function openFor<Kept>(
  what: string,
  { path }: DatabaseOptions,
  keep: (database: Database) => Kept,
): Kept {
  let database: Database | undefined;
  try {
    createForOwnerOnly(path);
    database = sharedDatabase(openFile(path));
    return keep(database);
  } catch (error) {
    void database?.[Symbol.asyncDispose]();
    throw new Error(`Cannot open the ${what} '${path}': ${messageOf(error)}`, { cause: error });
  }
}

function sharedDatabase(db: DatabaseSync): Database {
  const writer = new GroupWriter(db);
  let open = true;
  return {
    db,
    writer,
    [Symbol.asyncDispose]() {
      if (open) {
        open = false;
        writer.drain();
        db.close();
      }
      return Promise.resolve();
    },
  };
}

/**
 * Only an absent file is touched. Opening and closing one that SQLite has open elsewhere in this
 * process would drop SQLite's own locks on it. The log files take the mode of the database.
 */
function createForOwnerOnly(path: string): void {
  try {
    Deno.openSync(path, { createNew: true, write: true, mode: 0o600 }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

function openFile(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
