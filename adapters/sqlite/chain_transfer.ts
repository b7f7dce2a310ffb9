import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../domain/ports/clock.ts";
import type { ChainPlace, EntryOf, RecordsEntry } from "../../domain/records/entry.ts";
import { AuditChain, type ChainHead, instanceOf } from "./audit_chain.ts";
import { lastCheckpoint, textOf } from "./audit_checkpoints.ts";
import { findHead, writeHead } from "./audit_head_file.ts";
import { findSpilled } from "./audit_spill_file.ts";

const EVENTS = `SELECT sequence, CAST(event AS BLOB) AS event, CAST(hash AS BLOB) AS hash
  FROM audit_events WHERE sequence > ? ORDER BY sequence LIMIT 500`;
const AT = `SELECT CAST(event AS BLOB) AS event, CAST(hash AS BLOB) AS hash
  FROM audit_events WHERE sequence = ?`;
const INSERT = "INSERT INTO audit_events (sequence, event, hash) VALUES (?, ?, ?)";
const ADOPT = "UPDATE audit_instance SET instance = ?";
const CHECKPOINT =
  "INSERT INTO audit_checkpoints (sequence, hash, time, count) VALUES (?, ?, ?, ?)";
const DELETE = "DELETE FROM audit_events WHERE sequence <= ?";

/** Where the chain is. */
export interface ChainTransferParts {
  readonly db: DatabaseSync;
  /** Where its head is kept apart. */
  readonly directory: string;
  readonly clock: Clock;
}

/** The one audit chain of a database, as it is moved out and in: every text and hash as it stands. */
export class ChainTransfer {
  readonly #parts: ChainTransferParts;

  constructor(parts: ChainTransferParts) {
    this.#parts = parts;
  }

  /** @throws {Error} when events wait for the database, in no chain yet. */
  async judgeSpill(): Promise<void> {
    const { waiting, damaged } = await findSpilled(this.#parts.directory);
    if (waiting + damaged === 0) return;
    throw new Error(
      `${waiting + damaged} lines of the audit's spill file wait for the database: ` +
        "start the service once, and stop it",
    );
  }

  /** The chain and its events; nothing where there never was an event. */
  *entries(): Generator<RecordsEntry> {
    const { db } = this.#parts;
    const instance = instanceOf(db);
    if (this.#head.sequence === 0) return;
    const checkpoint = this.#checkpoint;
    yield { kind: "audit_chain", instance, checkpoint };
    const page = db.prepare(EVENTS);
    for (let after = checkpoint?.sequence ?? 0;;) {
      const rows = page.all(after);
      for (const { sequence, event, hash } of rows) {
        after = Number(sequence);
        const texts = { event: textOf(event), hash: textOf(hash) };
        yield { kind: "audit_event", instance, sequence: after, ...texts };
      }
      if (rows.length === 0) return;
    }
  }

  /** @throws {Error} when chains of these instances find no place here. */
  async prepare(instances: readonly string[]): Promise<void> {
    const { db, directory } = this.#parts;
    const [instance, ...others] = instances;
    if (instance === undefined) return;
    if (others.length > 0) {
      throw refused(
        `the file has the audit chains of ${instances.length} instances, and SQLite keeps one. ` +
          `Export one with --instance: ${instances.join(", ")}`,
      );
    }
    const own = new AuditChain(db);
    if (own.head.sequence > 0 && own.instance !== instance) {
      throw refused(
        `the audit here is the instance ${own.instance}'s, the file's is ${instance}'s, and SQLite ` +
          "keeps one. Use another DATA_DIR",
      );
    }
    const { head, unreadable } = await findHead(directory);
    const fits = head === null || head.sequence === 0 ||
      (head.instance === instance && own.holds(head));
    if (unreadable !== null || !fits) {
      throw refused(
        "the audit's head that is kept here does not go with its chain: see audit:verify",
      );
    }
  }

  /** Takes a chain's name, and what retention has taken of it. */
  async begin({ instance, checkpoint }: EntryOf<"audit_chain">): Promise<void> {
    const { db, clock } = this.#parts;
    const last = this.#checkpoint?.sequence ?? 0;
    inTransaction(db, () => {
      if (this.#head.sequence === 0) db.prepare(ADOPT).run(instance);
      if (checkpoint === null || checkpoint.sequence <= last) return;
      this.#judge(checkpoint);
      const { sequence, hash } = checkpoint;
      const time = new Date(clock.now()).toISOString();
      db.prepare(CHECKPOINT).run(sequence, hash, time, sequence - last);
      db.prepare(DELETE).run(sequence);
    });
    await this.#keepHead();
  }

  /** Adds events that are not there; all or none. */
  async add(events: readonly EntryOf<"audit_event">[]): Promise<void> {
    if (events.length === 0) return;
    const { db } = this.#parts;
    const insert = db.prepare(INSERT);
    const gone = this.#checkpoint?.sequence ?? 0;
    inTransaction(db, () => {
      for (const { sequence, event, hash } of events) {
        if (sequence <= gone || this.#judge({ sequence, hash }, event)) continue;
        insert.run(sequence, event, hash);
      }
    });
    await this.#keepHead();
  }

  get #head(): ChainHead {
    return new AuditChain(this.#parts.db).head;
  }

  get #checkpoint(): ChainPlace | null {
    const last = lastCheckpoint(this.#parts.db);
    return last === null ? null : { sequence: last.sequence, hash: last.hash };
  }

  /** Whether an event stands there; throws when it is another one. */
  #judge({ sequence, hash }: ChainPlace, event: string | null = null): boolean {
    const found = this.#parts.db.prepare(AT).get(sequence);
    if (found === undefined) return false;
    const same = textOf(found["hash"]) === hash &&
      (event === null || textOf(found["event"]) === event);
    if (!same) throw refused(`another event stands here in the place ${sequence} of the chain`);
    return true;
  }

  async #keepHead(): Promise<void> {
    const { db, directory, clock } = this.#parts;
    const time = new Date(clock.now()).toISOString();
    await writeHead(directory, { instance: instanceOf(db), ...this.#head, time });
  }
}

function inTransaction(db: DatabaseSync, work: () => void): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    work();
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function refused(reason: string): Error {
  return new Error(`${reason}`);
}
