import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Log } from "../../domain/ports/log.ts";
import { firstIdAt } from "../../domain/records/first_id.ts";
import { Daily, daysBefore } from "./daily.ts";
import type { Database } from "./database.ts";

/** Records deleted in one turn of the event loop; each may have megabytes of output. */
const SLICE_ROWS = 20;

// Ids are of UUID version 7, so that the key's own index finds the old ones; one of another form goes once it sorts
// before them. `created_at` says when a job that had waited was run.
const KINDS = [
  { table: "execution_records", output: "output" },
  { table: "test_records", output: "NULL" },
  { table: "lint_results", output: "NULL" },
].map(({ table, output }) => ({
  old: `SELECT id, ${output} AS output FROM ${table} WHERE id < ? AND created_at < ?
    ORDER BY id LIMIT ${SLICE_ROWS}`,
  remove: `DELETE FROM ${table} WHERE id = ?`,
}));
const DELETE_OUTPUT = "DELETE FROM output_pieces WHERE output = ?";

/** How old results go. */
export interface ResultRetentionOptions {
  readonly database: Database;
  readonly retentionDays: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Has results of runs, tests and linting go that are older than so many days: now, in the background, and daily. */
export function keepResultsFor(options: ResultRetentionOptions): Daily {
  const { log } = options;
  const work = (signal: AbortSignal) => trimResults(options, signal);
  return new Daily({ failed: "results_not_trimmed", log, work });
}

async function trimResults(
  { database: { db }, retentionDays, clock, log }: ResultRetentionOptions,
  signal: AbortSignal,
): Promise<void> {
  const before = daysBefore(clock.now(), retentionDays);
  let count = 0;
  for (const kind of KINDS) count += await trimKind(db, kind, before, signal);
  if (count > 0) log.write("info", "results_trimmed", { count, before });
}

async function trimKind(
  db: DatabaseSync,
  kind: { readonly old: string; readonly remove: string },
  before: string,
  signal: AbortSignal,
): Promise<number> {
  const [old, remove, removeOutput] = [kind.old, kind.remove, DELETE_OUTPUT]
    .map((sql) => db.prepare(sql)) as [StatementSync, StatementSync, StatementSync];
  let count = 0;
  while (!signal.aborted) {
    const rows = old.all(firstIdAt(before), before);
    for (const { id, output } of rows) {
      // What is left of an output when a kill comes in between goes with the next start.
      remove.run(String(id));
      if (output !== null) removeOutput.run(Number(output));
    }
    count += rows.length;
    if (rows.length < SLICE_ROWS) break;
    await nextTurn();
  }
  return count;
}
