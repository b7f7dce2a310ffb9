import type { AuditLog } from "../../../domain/ports/audit_log.ts";
import type { ExecutionRecords } from "../../../domain/ports/execution_records.ts";
import type { LintRecords } from "../../../domain/ports/lint_records.ts";
import type { Notes, Outbox } from "../../../domain/ports/outbox.ts";
import type { RevokedTokens } from "../../../domain/ports/revoked_tokens.ts";
import type { RoleStore } from "../../../domain/ports/role_store.ts";
import type { TestRecords } from "../../../domain/ports/test_records.ts";
import { DomainError } from "../../../domain/errors.ts";
import { poolFields } from "../driver.ts";
import { Link } from "../link.ts";
import type { Neo4jOptions } from "../options.ts";
import { Neo4jAuditLog } from "./audit_log.ts";
import { databaseId } from "../known_database.ts";
import { RecordsDatabase, recordsFailure } from "./database.ts";
import { Neo4jExecutionRecords } from "./execution_records.ts";
import { MirroredRoles, type RolesCopy } from "./mirrored_roles.ts";
import { Neo4jLintRecords } from "./lint_records.ts";
import { Neo4jRevokedTokens } from "./revoked_tokens.ts";
import { Neo4jResultRetention } from "./result_retention.ts";
import { Neo4jRetention } from "./retention.ts";
import { Neo4jRoleStore } from "./role_store.ts";
import { Neo4jTestRecords } from "./test_records.ts";

/** How often it is looked for roles that other instances have changed, in milliseconds. */
const LOOK_MS = 5000;
/** How often for tokens that they have revoked: none is to be good for a second more. */
const LOOK_FOR_REVOKED_MS = 400;
/** What a start waits for a database that does not answer, in milliseconds. */
const START_MS = 5000;
/** What the instance is noted under, at its first start. */
export const INSTANCE_NOTE = "instance";

type FiveOutboxes = [Outbox, Outbox, Outbox, Outbox, Outbox];

/** What keeping records in Neo4j takes. */
export interface Neo4jStoresOptions extends Neo4jOptions {
  /** Another each time. */
  readonly newId: () => string;
  /** Audit events and results older than this go. */
  readonly retentionDays: number;
  /** Where the graph is, if Neo4j keeps that too. */
  readonly graph: Neo4jOptions | null;
  /** Durable outboxes, and copies of this instance's own, all beside each other. */
  readonly local: {
    readonly outbox: (name: string) => Outbox;
    readonly notes: Notes;
    readonly roles: RolesCopy;
    readonly revokedTokens: RevokedTokens;
  };
}

/** All that is kept. */
export interface Neo4jStores extends AsyncDisposable {
  readonly records: ExecutionRecords;
  readonly testRecords: TestRecords;
  readonly lints: LintRecords;
  readonly roles: RoleStore;
  readonly revokedTokens: RevokedTokens;
  readonly audit: AuditLog;
  /** What speaks against the chain since it was last open, by the code of a violation. */
  readonly violation: string | null;
  /** Resolves when the database answers. @throws {DomainError} `dependency_unavailable`. */
  ping(): Promise<void>;
  /** Records and events that wait for the database. */
  waiting(): number;
  /** Whether the record of a run is one of them; rejects where the database will not have it. */
  isWaiting(executionId: string): Promise<boolean>;
}

/**
 * Opens the records in a Neo4j database of their own. One that is away is waited for by an outbox; one that
 * is the graph's own is refused, at once if both answer, else before anything is written there.
 *
 * @throws {DomainError} where it is the graph's own.
 */
export async function openNeo4jStores(options: Neo4jStoresOptions): Promise<Neo4jStores> {
  await using stack = new AsyncDisposableStack();
  const { log, local, newId } = options;
  const { notes, outbox } = local;
  const database = stack.use(
    new RecordsDatabase({
      ...options,
      owner: newId(),
      graphDatabaseId: () => idOfGraph(options.graph),
    }),
  );
  using start = new StartWait();
  await ready(database, options, start);
  const instance = notes.read(INSTANCE_NOTE) ?? newId();
  notes.write(INSTANCE_NOTE, instance);
  const parts = { database, log, notes };
  const outboxes = ["executions", "audit", "revocations", "tests", "lints"].map(outbox);
  const [executions, events, revocations, tests, reports] = outboxes as FiveOutboxes;
  const records = stack.use(new Neo4jExecutionRecords({ ...parts, outbox: executions }));
  const testRecords = stack.use(new Neo4jTestRecords({ ...parts, outbox: tests }));
  const lints = stack.use(new Neo4jLintRecords({ ...parts, outbox: reports }));
  const store = new Neo4jRoleStore(database);
  const roles = stack.use(
    new MirroredRoles({ ...parts, store, copy: local.roles, everyMs: LOOK_MS }),
  );
  const own = { outbox: revocations, local: local.revokedTokens, everyMs: LOOK_FOR_REVOKED_MS };
  const { clock, retentionDays } = options;
  const revokedTokens = stack.use(new Neo4jRevokedTokens({ ...parts, ...own, clock }));
  const audit = stack.use(new Neo4jAuditLog({ ...parts, clock, newId, outbox: events, instance }));
  stack.use(new Neo4jRetention({ ...parts, audit, instance, clock, newId, retentionDays }));
  stack.use(new Neo4jResultRetention({ ...parts, clock, retentionDays }));
  await start.for(Promise.all([revokedTokens.looked, roles.copied]));
  const violation = await start.for(audit.violation(start.signal)) ?? null;
  const held = stack.move();
  return {
    ...{ records, testRecords, lints, roles, revokedTokens, audit, violation },
    ping: () => database.ping(),
    waiting: () => outboxes.reduce((sum, { waiting }) => sum + waiting, 0),
    isWaiting: (id) => records.isWaiting(id),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** What a start waits for a database that does not answer, all in all. */
class StartWait implements Disposable {
  readonly #over = new AbortController();
  readonly #late = Promise.withResolvers<undefined>();
  readonly #timer = setTimeout(() => {
    this.#over.abort();
    this.#late.resolve(undefined);
  }, START_MS);

  /** Aborted when it is over. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** What something resolves to; `undefined` when the start does not wait any more. */
  async for<Done>(going: Promise<Done>): Promise<Done | undefined> {
    return await Promise.race([going, this.#late.promise]);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

async function ready(
  database: RecordsDatabase,
  options: Neo4jStoresOptions,
  start: StartWait,
): Promise<void> {
  const { log, uri, database: name } = options;
  log.write("info", "records_pool", poolFields(options));
  const done = database.ready().catch((error) => {
    if (isRefused(error)) throw error;
    log.write("error", "records_not_reached", { uri, database: name, reason: `${error}` });
  });
  done.catch(() => {});
  await start.for(done);
}

/** Whether it is the graph's own, which no waiting changes. */
function isRefused(error: unknown): boolean {
  return error instanceof DomainError && error.failure.code === "dependency_unavailable" &&
    error.failure.remedy !== null;
}

/** Which database the graph's is; `null`: none. @throws {DomainError} while it cannot be asked. */
export async function idOfGraph(graph: Neo4jOptions | null): Promise<string | null> {
  if (graph === null) return null;
  await using link = new Link(graph);
  try {
    return await databaseId(link);
  } catch (error) {
    throw recordsFailure(error);
  }
}
