import { setImmediate as nextTurn } from "node:timers/promises";
import type { AuditEvent } from "../../domain/audit/event.ts";
import type { Database } from "./database.ts";
import type { SqliteAuditLog } from "./audit_log.ts";

/** Rows read or deleted in one turn of the event loop. */
const SLICE_ROWS = 500;

const OLDEST = `SELECT sequence, hash, time FROM audit_events WHERE sequence > ?
  ORDER BY sequence LIMIT ${SLICE_ROWS}`;
const LAST_CHECKPOINT = "SELECT coalesce(max(sequence), 0) AS last FROM audit_checkpoints";
const CHECKPOINT = `INSERT INTO audit_checkpoints (sequence, hash, time, count)
  VALUES (?, ?, ?, ?)`;
const DELETE = `DELETE FROM audit_events WHERE sequence IN
  (SELECT sequence FROM audit_events WHERE sequence <= ? ORDER BY sequence LIMIT ${SLICE_ROWS})`;

/** How old events go. */
export interface TrimOptions {
  readonly database: Database;
  readonly audit: SqliteAuditLog;
  /** ISO 8601 UTC: events from before go, up to the first that is not. */
  readonly before: string;
  /** Keeps the head apart as it is now; nothing is deleted that no head kept apart knows of. */
  readonly keepHead: () => Promise<void>;
  /** Makes the event that tells of it. */
  readonly eventOf: (details: Trimmed) => AuditEvent;
  /** Aborted, it stops at the next slice; the next trimming goes on. */
  readonly signal: AbortSignal;
}

/** What went: all events up to a sequence, the last of which had this hash. */
export interface Trimmed {
  readonly through_sequence: number;
  readonly hash: string;
  readonly count: number;
}

/**
 * Deletes the oldest events and leaves a checkpoint that the chain goes on from; an event in the chain
 * says the same, and the head kept apart knows of that event before anything goes, so that neither can
 * be made up alone. A kill in between leaves a chain that verifies, and the next trimming goes on. What
 * goes, `null` when nothing new is old.
 */
export async function trimAudit(options: TrimOptions): Promise<Trimmed | null> {
  const { database: { db }, audit, before, eventOf, keepHead } = options;
  const last = Number(db.prepare(LAST_CHECKPOINT).get()?.["last"]);
  const trimmed = await oldEvents(options, last, before);
  if (trimmed !== null) {
    const event = eventOf(trimmed);
    const { through_sequence: through, hash, count } = trimmed;
    const checkpoint = db.prepare(CHECKPOINT);
    await audit.appendWith(event, () => checkpoint.run(through, hash, event.time, count));
  }
  const through = trimmed?.through_sequence ?? last;
  if (through > 0) await keepHead();
  await deleteThrough(options, through);
  return trimmed;
}

/** The events from the oldest on that are from before; `null` when there is none. */
async function oldEvents(
  { database: { db }, signal }: TrimOptions,
  last: number,
  before: string,
): Promise<Trimmed | null> {
  const oldest = db.prepare(OLDEST);
  let found: Trimmed | null = null;
  for (;;) {
    const rows: Record<string, unknown>[] = oldest.all(found?.through_sequence ?? last);
    for (const row of rows) {
      if (String(row["time"]) >= before) return found;
      const through: number = Number(row["sequence"]);
      const count: number = (found?.count ?? 0) + 1;
      found = { through_sequence: through, hash: String(row["hash"]), count };
    }
    if (rows.length < SLICE_ROWS) return found;
    await nextTurn();
    if (signal.aborted) return null;
  }
}

async function deleteThrough(
  { database: { db }, signal }: TrimOptions,
  through: number,
): Promise<void> {
  const remove = db.prepare(DELETE);
  while (!signal.aborted && remove.run(through).changes > 0) await nextTurn();
}
