import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import type { ChainFault, ChainReport } from "../../domain/audit/chain_report.ts";
import { type ChainHead, instanceOf, originOf } from "./audit_chain.ts";
import { findSpilled } from "./audit_spill_file.ts";
import { messageOf } from "./unavailable.ts";
import { isKnownBy, type LastCheckpoint, lastCheckpoint, textOf } from "./audit_checkpoints.ts";
import { findHead, type KeptHead, lostHeads } from "./audit_head_file.ts";

/** Faults that are told one by one; the others are counted. */
const MAX_FAULTS = 100;

const EVENTS = `SELECT sequence, CAST(event AS BLOB) AS event, CAST(hash AS BLOB) AS hash
  FROM audit_events ORDER BY sequence`;
const CHECKPOINTS = "SELECT sequence, count FROM audit_checkpoints ORDER BY sequence";
const LAST = "SELECT sequence FROM audit_events LIMIT 1";

export type { ChainFault, ChainReport };

/** What is verified. */
export interface VerifyOptions {
  /** The database file. */
  readonly path: string;
  /** Where the head is kept apart. */
  readonly directory: string;
  /** Heads that somebody has from elsewhere, such as the log. */
  readonly heads?: readonly ChainHead[];
}

/**
 * Verifies a whole chain in constant memory; changes nothing, and may go on while the service runs.
 *
 * @throws {Error} when the database cannot be read.
 */
export async function verifyAudit(
  { path, directory, heads = [] }: VerifyOptions,
): Promise<ChainReport> {
  // Read first: what is kept apart is never ahead of the database that is looked at after it.
  const { head: kept, unreadable } = await findHead(directory);
  using db = new DatabaseSync(path, { readOnly: true });
  db.exec("BEGIN");
  const walk = new ChainWalk(db, kept === null ? heads : [kept, ...heads]);
  if (unreadable !== null) walk.fault(null, `the head kept apart cannot be read: ${unreadable}`);
  else if (kept === null && heads.length === 0) walk.judgeUnheld();
  for (const { name, sequence } of await lostHeads(directory)) {
    walk.fault(sequence, `'${name}' did not go with the chain when the service was started`);
  }
  const { waiting, damaged, putAside } = await findSpilled(directory);
  if (damaged > 0) walk.fault(null, `${damaged} lines of the spill file are no events`);
  for (const name of putAside) {
    walk.fault(null, `'${name}' has lines of the spill file that were no events`);
  }
  // Read last: before an event goes a head is kept that knows of it.
  walk.judgeTrimming((await findHead(directory)).head);
  return { ...walk.report(), waiting };
}

/** One look along the chain, in one snapshot of the database. */
class ChainWalk {
  readonly #db: DatabaseSync;
  readonly #instance: string;
  readonly #heads: readonly ChainHead[];
  readonly #checkpoint: LastCheckpoint | null;
  readonly #met = new Set<ChainHead>();
  readonly #faults: ChainFault[] = [];
  #faultCount = 0;
  #count = 0;
  #first = 0;
  /** `null`: it is not known what the next event goes on from. */
  #before: ChainHead | null;

  constructor(db: DatabaseSync, heads: readonly (ChainHead | KeptHead)[]) {
    this.#db = db;
    this.#instance = instanceOf(db);
    this.#heads = heads;
    this.#checkpoint = lastCheckpoint(db);
    this.#judgeCheckpoints();
    this.#before = this.#checkpoint ?? { sequence: 0, hash: originOf(this.#instance) };
    for (const head of heads) {
      if ("instance" in head && head.instance !== this.#instance) {
        this.fault(null, `the head kept apart is of the instance ${head.instance}`);
      }
    }
  }

  report(): Omit<ChainReport, "waiting"> {
    let last = this.#before ?? { sequence: 0, hash: "" };
    for (const row of this.#db.prepare(EVENTS).iterate()) {
      last = { sequence: Number(row["sequence"]), hash: textOf(row["hash"]) };
      this.#step(last, row["event"] as Uint8Array);
    }
    this.#judgeEnd(last);
    this.#judgeIndexes();
    return {
      instance: this.#instance,
      count: this.#count,
      first: this.#first,
      head: last,
      checkpoint: this.#checkpoint && headOf(this.#checkpoint),
      kept: this.#heads.map(headOf),
      faults: this.#faults,
      faultCount: this.#faultCount,
    };
  }

  #step(found: ChainHead, event: Uint8Array): void {
    if (this.#count === 0) this.#begin(found);
    this.#count += 1;
    const before = this.#before;
    if (before !== null && found.sequence !== before.sequence + 1) {
      this.#missing(before.sequence + 1, found.sequence - 1);
    } else if (before !== null && hashOfBytes(before.hash, found.sequence, event) !== found.hash) {
      this.fault(found.sequence, "it is not what was written: its hash does not fit");
    }
    // From here on its own word counts, so that one fault is told once.
    this.#before = found;
    for (const head of this.#heads) this.#meet(head, found);
    if (found.sequence === this.#checkpoint?.sequence) this.#meetCheckpoint(found);
  }

  /** A trimming that was cut short leaves some of the events before its checkpoint. */
  #begin({ sequence }: ChainHead): void {
    this.#first = sequence;
    if (this.#checkpoint !== null && sequence <= this.#checkpoint.sequence) this.#before = null;
  }

  #meetCheckpoint(found: ChainHead): void {
    if (found.hash === this.#checkpoint?.hash) return;
    this.fault(found.sequence, "the checkpoint of it has another hash");
  }

  #meet(head: ChainHead, found: ChainHead): void {
    if (head.sequence !== found.sequence) return;
    this.#met.add(head);
    if (head.hash === found.hash) return;
    this.fault(found.sequence, `the head kept apart has another hash for it: ${head.hash}`);
  }

  #judgeEnd(last: ChainHead): void {
    for (const head of this.#heads) {
      const gone = head.sequence <= (this.#checkpoint?.sequence ?? 0);
      if (head.sequence > last.sequence) {
        this.fault(
          last.sequence + 1,
          `the end is missing: the head kept apart is event ${head.sequence}, ` +
            `the last one found ${last.sequence}`,
        );
      } else if (!gone && !this.#met.has(head)) {
        this.fault(head.sequence, "the head kept apart names it, and it is missing");
      }
    }
  }

  /** An event that its index leaves out is whole, and yet no search finds it. */
  #judgeIndexes(): void {
    try {
      for (const row of this.#db.prepare("PRAGMA integrity_check(audit_events)").iterate()) {
        const found = String(row["integrity_check"]);
        if (found !== "ok") this.fault(null, `the database is damaged: ${found}`);
      }
    } catch (error) {
      this.fault(null, `the database is damaged: ${messageOf(error)}`);
    }
  }

  #missing(from: number, to: number): void {
    this.fault(from, from === to ? "it is missing" : `it and all up to ${to} are missing`);
  }

  /** Without a head from elsewhere a chain says nothing of its own end. */
  judgeUnheld(): void {
    if (this.#db.prepare(LAST).get() === undefined) return;
    this.fault(null, "no head is kept apart: a cut tail would not show");
  }

  /** Whoever makes up a trimming would have to write the head anew, too. */
  judgeTrimming(latest: ChainHead | null): void {
    const checkpoint = this.#checkpoint;
    const known = Math.max(...this.#heads.map(({ sequence }) => sequence), latest?.sequence ?? 0);
    if (checkpoint === null || isKnownBy(known, checkpoint)) return;
    this.fault(
      checkpoint.sequence,
      `all up to it went by a trimming, event ${checkpoint.toldBy}, that no head kept apart knows of`,
    );
  }

  /** A checkpoint counts only where an event of the chain says the same. */
  #judgeCheckpoints(): void {
    let before = 0;
    for (const row of this.#db.prepare(CHECKPOINTS).iterate()) {
      const sequence = Number(row["sequence"]);
      if (Number(row["count"]) !== sequence - before) {
        this.fault(sequence, `its checkpoint counts ${row["count"]} events that went`);
      }
      before = sequence;
    }
    if (this.#checkpoint?.toldBy === null) {
      this.fault(before, "its checkpoint is one that no event of the chain tells of");
    }
  }

  /** Counts a fault, and tells the first of them. */
  fault(sequence: number | null, what: string): void {
    this.#faultCount += 1;
    if (this.#faults.length < MAX_FAULTS) this.#faults.push({ sequence, what });
  }
}

/** As `hashOf`, but of the very bytes that are stored: text would end at its first NUL. */
function hashOfBytes(previousHash: string, sequence: number, event: Uint8Array): string {
  return createHash("sha256")
    .update(`["${previousHash}",${sequence},`).update(event).update("]").digest("hex");
}

function headOf({ sequence, hash }: ChainHead): ChainHead {
  return { sequence, hash };
}
