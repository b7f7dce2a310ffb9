import { DatabaseSync } from "node:sqlite";
import { migrate } from "./schema.ts";

/** Waiting for another process' lock also holds the event loop up, so it is soon given up. */
const BUSY_TIMEOUT_MS = 250;

/**
 * Opens the service's one database, and makes or migrates it. Several connections of one process may
 * stand beside each other: each write is over within one turn of the event loop.
 */
export function openDatabase(path: string): DatabaseSync {
  createForOwnerOnly(path);
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
