import { join } from "node:path";
import type { AuditEvent } from "../../domain/audit/event.ts";
import type { Log } from "../../domain/ports/log.ts";
import { HeadKeeper } from "./audit_head.ts";
import { trimAudit, type Trimmed } from "./audit_retention.ts";
import { SqliteAuditLog } from "./audit_log.ts";
import { type Database, openDatabase } from "./database.ts";

/** A log that closes its database too. */
export class OwningAuditLog extends SqliteAuditLog {
  readonly database: Database;

  constructor(path: string) {
    const database = openDatabase({ path });
    super(database);
    this.database = database;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.database[Symbol.asyncDispose]();
  }
}

/** A data directory of a test with a database for an audit log. */
export interface AuditFile extends AsyncDisposable {
  readonly directory: string;
  readonly path: string;
  open(): OwningAuditLog;
}

/** Makes a directory, which goes when it is disposed of. */
export async function auditFile(): Promise<AuditFile> {
  const directory = await Deno.makeTempDir({ prefix: "audit-" });
  const path = join(directory, "records.sqlite");
  return {
    directory,
    path,
    open: () => new OwningAuditLog(path),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

/** Keeps a log's head apart; what is logged goes into `lines`. */
export function keptHeads(
  { directory }: AuditFile,
  audit: SqliteAuditLog,
  lines: string[] = [],
): Promise<HeadKeeper> {
  const log: Log = {
    write: (_level, event, { sequence = "", hash = "" } = {}) =>
      void lines.push(`${event} ${sequence} ${hash}`),
  };
  return HeadKeeper.open({ directory, audit, clock: systemClock, log });
}

/** Has events from before a time go; how many went. */
export async function trimmed(
  file: AuditFile,
  before: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  await using audit = file.open();
  const eventOf = (details: Trimmed): AuditEvent => ({
    type: "audit_trimmed",
    details,
    id: crypto.randomUUID(),
    time: "2026-02-01T00:00:00.000Z",
    userId: null,
    correlationId: null,
    address: null,
  });
  return await trimAudit({ database: audit.database, audit, before, eventOf, signal });
}

const systemClock = { now: () => Date.now(), monotonic: () => performance.now() };
