import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Notes, Outbox, Waiting } from "../../domain/ports/outbox.ts";
import type { Database } from "./database.ts";
import { messageOf, unavailable } from "./unavailable.ts";

/** What outboxes are called where they cannot be used. */
const DEPENDENCY = "outbox";
/** Bytes in a piece; SQLite runs on the event loop's own thread, and writing one takes about a millisecond. */
const PIECE_BYTES = 262_144;

const INSERT = `INSERT INTO outbox_entries (outbox, id, body, length) VALUES (?, ?, ?, ?)
  ON CONFLICT (outbox, id) DO NOTHING`;
const INSERT_PIECE = "INSERT INTO outbox_pieces (body, position, piece) VALUES (?, ?, ?)";
const FIND = "SELECT body FROM outbox_entries WHERE outbox = ? AND id = ?";
const FIND_PIECE = "SELECT piece FROM outbox_pieces WHERE body = ? AND position = ?";
const AFTER = `SELECT position, id, body, length FROM outbox_entries
  WHERE outbox = ? AND position > ? ORDER BY position LIMIT 500`;
const OLDEST =
  `SELECT position, body FROM outbox_entries WHERE outbox = ? AND position > ? AND position <= ?
  ORDER BY position LIMIT 100`;
const REMOVE = "DELETE FROM outbox_entries WHERE position = ?";
const REMOVE_PIECES = "DELETE FROM outbox_pieces WHERE body = ?";
const COUNT = "SELECT count(*) AS count FROM outbox_entries WHERE outbox = ?";
const LAST_BODY = "SELECT coalesce(max(body), 0) AS last FROM outbox_pieces";
// What no entry was written for: it was there already, or a kill came in between.
const DELETE_ORPHANS = `DELETE FROM outbox_pieces
  WHERE body NOT IN (SELECT body FROM outbox_entries)`;

/** Numbers for bodies, one row of them for all outboxes of a database. */
interface Bodies {
  last: number;
}

/** The outboxes of a database, by name. They must all be opened here: they share their bodies' numbers. */
export function openOutboxes(
  database: Database,
): { readonly outbox: (name: string) => SqliteOutbox; readonly notes: Notes } {
  const { db } = database;
  db.exec(DELETE_ORPHANS);
  const bodies = { last: Number(db.prepare(LAST_BODY).get()?.["last"]) };
  return {
    outbox: (name) => new SqliteOutbox(database, name, bodies),
    notes: notesIn(db),
  };
}

/** An outbox in SQLite; see `openDatabase` for what lasts. Closing it leaves the database open. */
export class SqliteOutbox implements Outbox {
  readonly #database: Database;
  readonly #name: string;
  readonly #bodies: Bodies;
  readonly #statements: Readonly<Record<Statement, StatementSync>>;
  /** Puts whose bodies are being written. */
  readonly #putting = new Set<Promise<void>>();
  #waiting: number;
  #closed = false;

  constructor(database: Database, name: string, bodies: Bodies) {
    this.#database = database;
    this.#name = name;
    this.#bodies = bodies;
    this.#statements = preparedIn(database.db);
    this.#waiting = Number(this.#statements.count.get(name)?.["count"]);
  }

  get waiting(): number {
    return this.#waiting;
  }

  put(id: string, body: Uint8Array): Promise<void> {
    if (this.#closed) return Promise.reject(closed());
    this.#bodies.last += 1;
    const number = this.#bodies.last;
    const putting = body.length <= PIECE_BYTES
      ? this.#putWhole(id, number, body)
      : this.#putInPieces(id, number, body);
    this.#putting.add(putting);
    return putting.finally(() => this.#putting.delete(putting));
  }

  async find(id: string): Promise<Uint8Array | null> {
    return await this.#attempt(async () => {
      const row = this.#statements.find.get(this.#name, JSON.stringify(id));
      return row === undefined ? null : await this.#bodyOf(Number(row["body"]));
    });
  }

  async after(position: number, mostBytes: number): Promise<Waiting[]> {
    return await this.#attempt(async () => {
      const entries: Waiting[] = [];
      let bytes = 0;
      for (const row of this.#statements.after.all(this.#name, position)) {
        bytes += Number(row["length"]);
        if (entries.length > 0 && bytes > mostBytes) break;
        const body = await this.#bodyOf(Number(row["body"]));
        // It may have been dropped since: then it waits no more.
        if (body.length !== Number(row["length"])) continue;
        entries.push({
          position: Number(row["position"]),
          id: JSON.parse(String(row["id"])),
          body,
        });
      }
      return entries;
    });
  }

  async drop(through: number, from = 0): Promise<void> {
    await this.#attempt(async () => {
      for (;;) {
        const rows = this.#statements.oldest.all(this.#name, from, through);
        if (rows.length === 0) return;
        this.#remove(rows.map(({ position, body }) => [Number(position), Number(body)]));
        await nextTurn();
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#putting);
  }

  #putWhole(id: string, number: number, body: Uint8Array): Promise<void> {
    const piece = body.slice();
    return this.#write(id, number, body.length, () => {
      if (piece.length > 0) this.#statements.insertPiece.run(number, 0, piece);
    });
  }

  async #putInPieces(id: string, number: number, body: Uint8Array): Promise<void> {
    const taken = body.slice();
    for (let at = 0; at < taken.length; at += PIECE_BYTES) {
      await nextTurn();
      await this.#attemptOpen(() => {
        const piece = taken.subarray(at, at + PIECE_BYTES);
        this.#statements.insertPiece.run(number, at / PIECE_BYTES, piece);
      });
    }
    await this.#write(id, number, taken.length, () => {});
  }

  async #write(id: string, number: number, length: number, first: () => void): Promise<void> {
    let added = 0;
    await this.#database.writer.write({
      dependency: DEPENDENCY,
      length,
      run: () => {
        const { changes } = this.#statements.insert.run(
          this.#name,
          JSON.stringify(id),
          number,
          length,
        );
        added = Number(changes);
        if (added > 0) first();
      },
    });
    this.#waiting += added;
    if (added === 0) await this.#attemptOpen(() => void this.#statements.removePieces.run(number));
  }

  #remove(rows: readonly (readonly [position: number, body: number])[]): void {
    const { db } = this.#database;
    db.exec("BEGIN IMMEDIATE");
    try {
      for (const [position, body] of rows) {
        this.#statements.remove.run(position);
        this.#statements.removePieces.run(body);
      }
      db.exec("COMMIT");
      this.#waiting -= rows.length;
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }

  async #bodyOf(number: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (;;) {
      const row = this.#statements.findPiece.get(number, pieces.length);
      if (row === undefined) break;
      pieces.push(row["piece"] as Uint8Array);
      if (pieces.at(-1)?.length !== PIECE_BYTES) break;
      await nextTurn();
    }
    const [only = new Uint8Array()] = pieces;
    return pieces.length <= 1
      ? only
      : new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
  }

  #attempt<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#closed ? Promise.reject(closed()) : this.#attemptOpen(work);
  }

  async #attemptOpen<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw unavailable(DEPENDENCY, messageOf(error), error);
    }
  }
}

type Statement =
  | "insert"
  | "insertPiece"
  | "find"
  | "findPiece"
  | "after"
  | "oldest"
  | "remove"
  | "removePieces"
  | "count";

function preparedIn(db: DatabaseSync): Readonly<Record<Statement, StatementSync>> {
  return {
    insert: db.prepare(INSERT),
    insertPiece: db.prepare(INSERT_PIECE),
    find: db.prepare(FIND),
    findPiece: db.prepare(FIND_PIECE),
    after: db.prepare(AFTER),
    oldest: db.prepare(OLDEST),
    remove: db.prepare(REMOVE),
    removePieces: db.prepare(REMOVE_PIECES),
    count: db.prepare(COUNT),
  };
}

/** Each is a transaction of its own, and in the write-ahead log when it has run. */
function notesIn(db: DatabaseSync): Notes {
  const read = db.prepare("SELECT text FROM outbox_notes WHERE name = ?");
  const write = db.prepare(`INSERT INTO outbox_notes (name, text) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET text = excluded.text`);
  return {
    read: (name) => {
      const row = read.get(name);
      return row === undefined ? null : String(row["text"]);
    },
    write: (name, text) => void write.run(name, text),
  };
}

function closed() {
  return unavailable(DEPENDENCY, "the outbox is closed");
}
