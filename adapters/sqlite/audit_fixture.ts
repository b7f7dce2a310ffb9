import { join } from "node:path";
import type { AuditEvent } from "../../domain/audit/event.ts";
import type { Log } from "../../domain/ports/log.ts";
import type { ChainHead } from "./audit_chain.ts";
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

/** Stands in for a head kept apart, where it is not looked at what that would show. */
export const START: ChainHead = { sequence: 0, hash: "" };

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

/** How a trimming of a test goes; by default to its end, and at a time after all events. */
export interface Trimming {
  readonly signal?: AbortSignal;
  readonly time?: string;
}

/** Has events from before a time go; how many went. */
export async function trimmed(
  file: AuditFile,
  before: string,
  { signal = new AbortController().signal, time = "2026-02-01T00:00:00.000Z" }: Trimming = {},
): Promise<number> {
  await using audit = file.open();
  await using heads = await keptHeads(file, audit);
  const keepHead = () => heads.keep();
  const eventOf = (details: Trimmed): AuditEvent => ({
    type: "audit_trimmed",
    details,
    id: crypto.randomUUID(),
    time,
    userId: null,
    correlationId: null,
    address: null,
  });
  const { database } = audit;
  const gone = await trimAudit({ database, audit, before, keepHead, eventOf, signal });
  return gone?.count ?? 0;
}

const systemClock = { now: () => Date.now(), monotonic: () => performance.now() };
