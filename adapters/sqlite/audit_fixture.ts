import { join } from "node:path";
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
