import { openDatabase } from "../adapters/sqlite/database.ts";
import { SqliteExecutionRecords } from "../adapters/sqlite/execution_records.ts";
import { type KeptAudit, openKeptAudit } from "../adapters/sqlite/kept_audit.ts";
import { SqliteRevokedTokens } from "../adapters/sqlite/revoked_tokens.ts";
import { SqliteRoleStore } from "../adapters/sqlite/role_store.ts";
import { RememberedRoles } from "../application/decorators/stored_roles.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { ExecutionRecords } from "../domain/ports/execution_records.ts";
import type { Log } from "../domain/ports/log.ts";
import type { RevokedTokens } from "../domain/ports/revoked_tokens.ts";
import type { RoleStore } from "../domain/ports/role_store.ts";
import type { Config } from "./config.ts";

export { type ChainReport, verifyAudit } from "../adapters/sqlite/audit_verifier.ts";

const DATABASE = "records.sqlite";

/** Where everything is kept. */
export function databasePath({ dataDir }: Config): string {
  return `${dataDir}/${DATABASE}`;
}

/** What keeping takes beside the configuration. */
export interface StoresParts {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Log;
}

/** All that is kept, over one connection to one database. */
export interface Stores {
  readonly records: ExecutionRecords;
  readonly roles: RoleStore;
  readonly revokedTokens: RevokedTokens;
  readonly kept: KeptAudit;
}

/** Opens them. @throws {Error} when the database cannot be used. */
export async function openStores(
  config: Config,
  parts: StoresParts,
  stack: AsyncDisposableStack,
): Promise<Stores> {
  const { dataDir: directory, retentionDays } = config;
  const database = stack.use(openDatabase({ path: databasePath(config) }));
  return {
    records: stack.use(new SqliteExecutionRecords(database)),
    roles: stack.use(new RememberedRoles(new SqliteRoleStore(database), parts.clock)),
    revokedTokens: stack.use(new SqliteRevokedTokens(database, parts.clock)),
    kept: stack.use(await openKeptAudit({ ...parts, database, directory, retentionDays })),
  };
}
