import { openDatabase } from "../adapters/sqlite/database.ts";
import { SqliteExecutionRecords } from "../adapters/sqlite/execution_records.ts";
import { openKeptAudit } from "../adapters/sqlite/kept_audit.ts";
import { SqliteLintRecords } from "../adapters/sqlite/lint_records.ts";
import { openOutboxes } from "../adapters/sqlite/outbox.ts";
import { keepResultsFor } from "../adapters/sqlite/result_retention.ts";
import { SqliteRevokedTokens } from "../adapters/sqlite/revoked_tokens.ts";
import { SqliteTestRecords } from "../adapters/sqlite/test_records.ts";
import { SqliteRoleStore } from "../adapters/sqlite/role_store.ts";
import { RememberedRoles } from "../application/decorators/stored_roles.ts";
import type { AuditLog } from "../domain/ports/audit_log.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { ExecutionRecords } from "../domain/ports/execution_records.ts";
import type { LintRecords } from "../domain/ports/lint_records.ts";
import type { Log } from "../domain/ports/log.ts";
import type { RevokedTokens } from "../domain/ports/revoked_tokens.ts";
import type { RoleStore } from "../domain/ports/role_store.ts";
import type { TestRecords } from "../domain/ports/test_records.ts";
import type { Config } from "./config.ts";

const DATABASE = "records.sqlite";

const OUTBOX = "outbox.sqlite";

/** What waits for Neo4j, each kind in an outbox of its own. */
export const OUTBOXES = ["executions", "audit", "revocations", "tests", "lints"] as const;

/** Where everything is kept, unless Neo4j keeps it. */
export function databasePath({ dataDir }: Config): string {
  return `${dataDir}/${DATABASE}`;
}

/** Where an instance has what waits for Neo4j, and its own copies. */
export function outboxPath({ dataDir }: Pick<Config, "dataDir">): string {
  return `${dataDir}/${OUTBOX}`;
}

/** What keeping takes beside the configuration. */
export interface StoresParts {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Log;
}

/** The audit log as it is kept. */
export interface KeptLog {
  readonly log: AuditLog;
  /** What speaks against the chain since it was last open, by the code of a violation. */
  readonly violation: string | null;
  /** What is taken and waits for its database. */
  waiting(): number;
}

/** All that is kept. */
export interface Stores {
  readonly records: ExecutionRecords;
  readonly testRecords: TestRecords;
  readonly lints: LintRecords;
  readonly roles: RoleStore;
  readonly revokedTokens: RevokedTokens;
  readonly kept: KeptLog;
  /** Whether the record of a run is not yet where other instances find it; rejects where it never will be. */
  readonly isWaiting: (executionId: string) => Promise<boolean>;
  /** Resolves when what they are kept in answers; they may be taken without it. */
  readonly ping: () => Promise<void>;
}

/** Opens them. @throws {Error} when their database cannot be used. */
export async function openStores(
  config: Config,
  parts: StoresParts,
  stack: AsyncDisposableStack,
): Promise<Stores> {
  if (config.records.backend === "neo4j") return await openRemote(config, parts, stack);
  const { dataDir: directory, retentionDays } = config;
  const database = stack.use(openDatabase({ path: databasePath(config) }));
  const records = stack.use(new SqliteExecutionRecords(database));
  stack.use(keepResultsFor({ ...parts, database, retentionDays }));
  return {
    records,
    testRecords: stack.use(new SqliteTestRecords(database)),
    lints: stack.use(new SqliteLintRecords(database)),
    ping: () => records.ping(),
    roles: stack.use(new RememberedRoles(new SqliteRoleStore(database), parts.clock)),
    revokedTokens: stack.use(new SqliteRevokedTokens(database, parts.clock)),
    kept: stack.use(await openKeptAudit({ ...parts, database, directory, retentionDays })),
    isWaiting: () => Promise.resolve(false),
  };
}

/** In Neo4j; what waits for it, and copies of what every request asks for, in a file of this instance. */
async function openRemote(
  config: Config,
  { clock, newId, log }: StoresParts,
  stack: AsyncDisposableStack,
): Promise<Stores> {
  const { openNeo4jStores } = await import("../adapters/neo4j/records/open.ts");
  const { graph, records: { neo4j }, retentionDays } = config;
  const database = stack.use(openDatabase({ path: outboxPath(config) }));
  const local = {
    ...openOutboxes(database),
    roles: new SqliteRoleStore(database),
    revokedTokens: new SqliteRevokedTokens(database, clock),
  };
  const around = { clock, log, newId, local, retentionDays };
  const reached = { ...graph.neo4j, ...neo4j };
  const graphs = graph.backend === "neo4j" ? { ...graph.neo4j, clock, log } : null;
  const stores = stack.use(await openNeo4jStores({ ...reached, ...around, graph: graphs }));
  const { records, testRecords, lints, roles, revokedTokens, audit, violation } = stores;
  const kept = { log: audit, violation, waiting: () => stores.waiting() };
  const isWaiting = (id: string) => stores.isWaiting(id);
  const found = { records, testRecords, lints, roles, revokedTokens };
  return { ...found, kept, isWaiting, ping: () => stores.ping() };
}
