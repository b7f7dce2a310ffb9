import type { AuditEvent, AuditFact } from "../../domain/audit/event.ts";
import type { AuditLog } from "../../domain/ports/audit_log.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { Log } from "../../domain/ports/log.ts";
import { HeadKeeper, type HeadViolation } from "./audit_head.ts";
import { SqliteAuditLog } from "./audit_log.ts";
import { trimAudit } from "./audit_retention.ts";
import { SpillingAuditLog } from "./audit_spill.ts";
import { Daily, daysBefore } from "./daily.ts";
import type { Database } from "./database.ts";

/** What keeping an audit log takes. */
export interface KeptAuditOptions {
  readonly database: Database;
  /** Where the head is kept apart from the database. */
  readonly directory: string;
  readonly retentionDays: number;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Log;
}

/** An audit log that is looked after. Closing it leaves the database open. */
export interface KeptAudit extends AsyncDisposable {
  readonly log: AuditLog;
  /** Events that are taken and wait for the database. */
  waiting(): number;
  /** What speaks against the chain since it was last open, if anything does. */
  readonly violation: HeadViolation | null;
}

/** Opens the audit log, keeps its head apart, and has old events go: now, in the background, and daily. */
export async function openKeptAudit(options: KeptAuditOptions): Promise<KeptAudit> {
  await using stack = new AsyncDisposableStack();
  const { database, directory, clock, log } = options;
  const audit = stack.use(new SqliteAuditLog(database));
  const head = stack.use(await HeadKeeper.open({ directory, audit, clock, log }));
  stack.use(trimmedDaily(options, audit, head));
  const damageOf = (count: number) =>
    eventOf(
      { type: "violation", details: { code: "audit_spill_damaged", rules: [], count } },
      options,
    );
  const spill = stack.use(await SpillingAuditLog.open({ audit, directory, log, damageOf }));
  const held = stack.move();
  return {
    log: spill,
    waiting: () => spill.waiting,
    violation: head.violation,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

function trimmedDaily(
  options: KeptAuditOptions,
  audit: SqliteAuditLog,
  head: HeadKeeper,
): Daily {
  const { database, clock, log, retentionDays } = options;
  const work = async (signal: AbortSignal) => {
    const before = daysBefore(clock.now(), retentionDays);
    const trimmed = await trimAudit({
      ...{ database, audit, before, signal },
      keepHead: () => head.keep(),
      eventOf: (details) => eventOf({ type: "audit_trimmed", details }, options),
    });
    if (trimmed !== null) log.write("info", "audit_trimmed", { ...trimmed, before });
  };
  return new Daily({ failed: "audit_not_trimmed", log, work });
}

/** What the log tells of itself, in the name of nobody. */
function eventOf(
  fact: AuditFact,
  { clock, newId }: Pick<KeptAuditOptions, "clock" | "newId">,
): AuditEvent {
  const time = new Date(clock.now()).toISOString();
  return { ...fact, id: newId(), time, userId: null, correlationId: null, address: null };
}
