import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { parseAuditText, type StoredAuditEvent } from "../../domain/audit/event.ts";
import type {
  AuditFilter,
  AuditPage,
  AuditPaging,
  AuditPosition,
} from "../../domain/ports/audit_log.ts";

/** Rows looked at in one turn of the event loop. */
const SLICE_ROWS = 256;

/** The columns that have an index of their own, the one with the fewest rows a value first. */
const INDEXED = ["correlation_id", "user_id", "type"] as const;

type Column = (typeof INDEXED)[number];

const NEWEST: AuditPosition = { time: "\uffff", sequence: Number.MAX_SAFE_INTEGER };

/**
 * Searches events by one index and holds what comes against the other conditions, so that a search of
 * any length leaves the event loop free.
 */
export class AuditSearch {
  readonly #all: StatementSync;
  readonly #by: Readonly<Record<Column, StatementSync>>;

  constructor(db: DatabaseSync) {
    const select = (condition: string) =>
      db.prepare(
        `SELECT sequence, event FROM audit_events WHERE ${condition}
         (time, sequence) < (?, ?) AND time >= ? ORDER BY time DESC, sequence DESC LIMIT ${SLICE_ROWS}`,
      );
    const by = (column: Column) => select(`${column} = ? AND`);
    this.#all = select("");
    this.#by = {
      correlation_id: by("correlation_id"),
      user_id: by("user_id"),
      type: by("type"),
    };
  }

  /** See `AuditLog.search`. */
  async find(filter: AuditFilter, { limit, after }: AuditPaging): Promise<AuditPage> {
    const found: StoredAuditEvent[] = [];
    let position = startOf(filter, after);
    for (;;) {
      const rows = this.#slice(filter, position);
      for (const event of rows) {
        position = event;
        if (!fits(event, filter)) continue;
        // One more than asked for tells that there is a next page.
        if (found.length === limit) return pageOf(found, true);
        found.push(event);
      }
      if (rows.length < SLICE_ROWS) return pageOf(found, false);
      await nextTurn();
    }
  }

  #slice(filter: AuditFilter, { time, sequence }: AuditPosition): StoredAuditEvent[] {
    const range = [time, sequence, filter.from ?? ""] as const;
    const column = INDEXED.find((column) => valueFor(filter, column) !== null);
    const rows = column === undefined
      ? this.#all.all(...range)
      : this.#by[column].all(valueFor(filter, column), ...range);
    return rows.map((row) => ({
      ...parseAuditText(String(row["event"])),
      sequence: Number(row["sequence"]),
    }));
  }
}

/** Whether an event is among those looked for. */
function fits(event: StoredAuditEvent, filter: AuditFilter): boolean {
  const { type = null, userId = null, correlationId = null, to = null } = filter;
  return (type === null || event.type === type) &&
    (userId === null || event.userId === userId) &&
    (correlationId === null || event.correlationId === correlationId) &&
    (to === null || event.time < to);
}

function startOf({ to = null }: AuditFilter, after: AuditPosition | null): AuditPosition {
  const end = to === null ? NEWEST : { time: to, sequence: 0 };
  return after !== null && after.time < end.time ? after : end;
}

function pageOf(events: readonly StoredAuditEvent[], more: boolean): AuditPage {
  const last = events.at(-1);
  const next = more && last !== undefined ? { time: last.time, sequence: last.sequence } : null;
  return { events, next };
}

/** As the column has it; `null` where the filter leaves it out. */
function valueFor({ type, userId, correlationId }: AuditFilter, column: Column): string | null {
  const json = (text: string | null = null) => text === null ? null : JSON.stringify(text);
  switch (column) {
    case "correlation_id":
      return json(correlationId);
    case "user_id":
      return json(userId);
    case "type":
      return type ?? null;
  }
}
