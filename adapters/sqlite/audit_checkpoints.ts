import type { DatabaseSync } from "node:sqlite";
import { parseAuditText } from "../../domain/audit/event.ts";
import type { ChainHead } from "./audit_chain.ts";

const LAST_TWO = `SELECT sequence, CAST(hash AS BLOB) AS hash FROM audit_checkpoints
  ORDER BY sequence DESC LIMIT 2`;
const TRIMMED = `SELECT sequence, CAST(event AS BLOB) AS event FROM audit_events
  WHERE type = 'audit_trimmed'`;
const FIRST = "SELECT min(sequence) AS first FROM audit_events";

/** What the last trimming has left. */
export interface LastCheckpoint extends ChainHead {
  /** The place of the event that says the same; `null` when none does. */
  readonly toldBy: number | null;
  /** Whether events went by it: a trimming that was cut short may have left them all. */
  readonly gone: boolean;
}

/** The checkpoint that a chain goes on from, if retention has ever taken something. */
export function lastCheckpoint(db: DatabaseSync): LastCheckpoint | null {
  const [row, before] = db.prepare(LAST_TWO).all();
  if (row === undefined) return null;
  const last = { sequence: Number(row["sequence"]), hash: textOf(row["hash"]) };
  const first = Number(db.prepare(FIRST).get()?.["first"] ?? Infinity);
  const gone = first > Number(before?.["sequence"] ?? 0) + 1;
  return { ...last, toldBy: tellerOf(last, db), gone };
}

/**
 * Whether a checkpoint can be what a trimming has left, for all that is known of the chain from
 * elsewhere, up to an event's place: no event goes before a head is kept that knows of the trimming.
 */
export function isKnownBy(head: number, { toldBy, gone }: LastCheckpoint): boolean {
  return !gone || toldBy === null || toldBy <= head;
}

/** A stored text, whole: SQLite's own conversion would end at its first NUL. */
export function textOf(bytes: unknown): string {
  return new TextDecoder().decode(bytes as Uint8Array);
}

/** By any of them: after a trimming that was cut short, or with an earlier clock, it is not the newest. */
function tellerOf(checkpoint: ChainHead, db: DatabaseSync): number | null {
  for (const row of db.prepare(TRIMMED).iterate()) {
    if (says(textOf(row["event"]), checkpoint)) return Number(row["sequence"]);
  }
  return null;
}

function says(text: string, { sequence, hash }: ChainHead): boolean {
  try {
    const { type, details } = parseAuditText(text);
    return type === "audit_trimmed" && details.through_sequence === sequence &&
      details.hash === hash;
  } catch {
    // What is no event any more has a hash that does not fit.
    return false;
  }
}
