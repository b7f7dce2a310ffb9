import { createHash } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { linkText } from "../../domain/audit/event.ts";

/** The end of a chain: the last event's place and hash. */
export interface ChainHead {
  /** 0 before the first event. */
  readonly sequence: number;
  /** 64 hexadecimal digits; before the first event the instance's own. */
  readonly hash: string;
}

/** What stands in for the hash of the event before the first: no chain fits another instance. */
export function originOf(instance: string): string {
  return createHash("sha256").update(instance).digest("hex");
}

/** The hash of an event in its place. */
export function hashOf(previousHash: string, sequence: number, text: string): string {
  return createHash("sha256").update(linkText(previousHash, sequence, text)).digest("hex");
}

const INSTANCE = "SELECT instance FROM audit_instance LIMIT 1";
const LAST = "SELECT sequence, hash FROM audit_events ORDER BY sequence DESC LIMIT 1";
const CHECKPOINT = "SELECT sequence, hash FROM audit_checkpoints ORDER BY sequence DESC LIMIT 1";
const INSERT = `INSERT INTO audit_events (sequence, event, hash) VALUES (?, ?, ?)
  ON CONFLICT (id) DO NOTHING`;
const HASH_AT = "SELECT hash FROM audit_events WHERE sequence = ?";

/** The instance whose chain a database holds. */
export function instanceOf(db: DatabaseSync): string {
  return String(db.prepare(INSTANCE).get()?.["instance"]);
}

/** The chain as it is written: knows its head, and adds to it. */
export class AuditChain {
  readonly instance: string;
  readonly #insert: StatementSync;
  readonly #hashAt: StatementSync;
  readonly #covered: StatementSync;
  #head: ChainHead;

  constructor(db: DatabaseSync) {
    this.instance = instanceOf(db);
    this.#insert = db.prepare(INSERT);
    this.#hashAt = db.prepare(HASH_AT);
    this.#covered = db.prepare(CHECKPOINT);
    this.#head = headIn(db, this.instance);
  }

  /** What the next event goes on from. */
  get head(): ChainHead {
    return this.#head;
  }

  /** Adds an event, unless its id is there already; throws when the database refuses it. */
  add(text: string): void {
    const sequence = this.#head.sequence + 1;
    const hash = hashOf(this.#head.hash, sequence, text);
    const { changes } = this.#insert.run(sequence, text, hash);
    if (changes > 0) this.#head = { sequence, hash };
  }

  /** Whether an event has, or a checkpoint covers, this head. */
  holds({ sequence, hash }: ChainHead): boolean {
    const known = this.#hashAt.get(sequence)?.["hash"];
    if (known !== undefined) return known === hash;
    return sequence === 0 || sequence <= Number(this.#covered.get()?.["sequence"] ?? 0);
  }

  /** Goes back to a head from before, when what came after it is lost. */
  goBackTo(head: ChainHead): void {
    this.#head = head;
  }
}

/** All events may be gone by retention; the chain then goes on from what that left. */
function headIn(db: DatabaseSync, instance: string): ChainHead {
  const row = db.prepare(LAST).get() ?? db.prepare(CHECKPOINT).get();
  if (row === undefined) return { sequence: 0, hash: originOf(instance) };
  return { sequence: Number(row["sequence"]), hash: String(row["hash"]) };
}
