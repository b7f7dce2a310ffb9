import type { Notes } from "../../../domain/ports/outbox.ts";
import type { RecordsArchive } from "../../../domain/ports/records_archive.ts";
import type { RevokedTokens } from "../../../domain/ports/revoked_tokens.ts";
import type { RoleStore } from "../../../domain/ports/role_store.ts";
import type { EntryKind, EntryOf, RecordsEntry } from "../../../domain/records/entry.ts";
import type { Neo4jOptions } from "../options.ts";
import { encodeRecord } from "./body.ts";
import { ChainTransfer } from "./chain_transfer.ts";
import { RecordsDatabase } from "./database.ts";
import { type Body, findRun, keepRuns } from "./execution_records.ts";
import { idOfGraph } from "./open.ts";
import { keepReports } from "./lint_records.ts";
import { KEEP_REVOKED } from "./revoked_tokens.ts";
import { Neo4jRoleStore } from "./role_store.ts";
import { encodeTests, findTests, keepTests } from "./test_records.ts";

const RUNS = `MATCH (r:ExecutionResult) WHERE r.id > $after
  RETURN r.id AS id ORDER BY r.id LIMIT 500`;
const TESTS = `MATCH (r:TestResult) WHERE r.id > $after
  RETURN r.id AS id ORDER BY r.id LIMIT 500`;
const LINTS = `MATCH (r:LintResult) WHERE r.id > $after
  RETURN r.id AS id, r.body AS body ORDER BY r.id LIMIT 100`;
const REVOKED = `MATCH (t:RevokedToken) WHERE t.id > $after
  RETURN t.id AS id, t.until AS until, t.endless AS endless ORDER BY t.id LIMIT 500`;
/** Bytes of runs that are sent in one transaction, about. */
const BATCH_BYTES = 1_048_576;

/** The statements of the archive, whose plans must use an index. */
export const ARCHIVE_STATEMENTS: readonly string[] = [RUNS, TESTS, LINTS, REVOKED];

/** What an instance has of its own, beside the shared records. */
export interface LocalParts {
  readonly notes: Notes;
  /** What waits in the instance's outboxes. */
  readonly waiting: number;
  /** Its copy of the roles. */
  readonly roles: RoleStore;
  /** Its copy of the revocations. */
  readonly revokedTokens: RevokedTokens;
}

/** Where the records are. */
export interface Neo4jArchiveOptions extends Neo4jOptions {
  /** Whose lease on the schema it is; another each time. */
  readonly owner: string;
  /** Where the graph is, if Neo4j keeps that too: records are never brought there. */
  readonly graph: Neo4jOptions | null;
  readonly local: LocalParts;
}

/** All that the records' database holds, of every instance. */
export class Neo4jRecordsArchive implements RecordsArchive {
  readonly #database: RecordsDatabase;
  readonly #local: LocalParts;
  readonly #roles: Neo4jRoleStore;
  readonly #chains: ChainTransfer;

  constructor({ local, graph, ...options }: Neo4jArchiveOptions) {
    this.#database = new RecordsDatabase({ ...options, graphDatabaseId: () => idOfGraph(graph) });
    this.#local = local;
    this.#roles = new Neo4jRoleStore(this.#database);
    this.#chains = new ChainTransfer(this.#database, local.notes);
  }

  async *entries(): AsyncGenerator<RecordsEntry> {
    const { waiting } = this.#local;
    if (waiting > 0) {
      throw new Error(
        `${waiting} records wait in the outbox: start the service until outbox_pending is 0`,
      );
    }
    await this.#database.ready();
    for await (const { id } of this.#rows(RUNS)) {
      const record = await findRun(this.#database, String(id));
      if (record !== null) yield { kind: "execution", record };
    }
    for await (const { id } of this.#rows(TESTS)) {
      const record = await findTests(this.#database, String(id));
      if (record !== null) yield { kind: "tests", record };
    }
    for await (const { body } of this.#rows(LINTS)) {
      yield { kind: "lint", record: JSON.parse(String(body)) };
    }
    for await (const { user, roles } of this.#roles.all()) yield { kind: "roles", user, roles };
    for await (const { id, until, endless } of this.#rows(REVOKED)) {
      const end = endless === true ? null : Number(until);
      yield { kind: "revoked_token", id: JSON.parse(String(id)), until: end };
    }
    yield* this.#chains.entries();
  }

  async prepare(instances: readonly string[]): Promise<void> {
    await this.#database.ready();
    this.#chains.prepare(instances);
  }

  async keep(entries: readonly RecordsEntry[]): Promise<void> {
    const runs = of("execution", entries).values();
    await this.#inBatches(runs.map(({ record }) => [record.id, encodeRecord(record)]), keepRuns);
    const tests = of("tests", entries).values();
    await this.#inBatches(tests.map(({ record }) => [record.id, encodeTests(record)]), keepTests);
    await keepReports(this.#database, of("lint", entries).map(({ record }) => record));
    for (const { user, roles } of of("roles", entries)) {
      await this.#roles.change(user, () => roles);
      await this.#local.roles.change(user, () => roles);
    }
    await this.#keepRevoked(of("revoked_token", entries));
    for (const chain of of("audit_chain", entries)) await this.#chains.begin(chain);
    await this.#chains.add(of("audit_event", entries));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database[Symbol.asyncDispose]();
  }

  async #inBatches(
    bodies: Iterable<readonly [id: string, body: Uint8Array]>,
    keep: typeof keepRuns,
  ): Promise<void> {
    let batch: Body[] = [];
    let bytes = 0;
    for (const [id, body] of bodies) {
      if (batch.length > 0 && bytes + body.length > BATCH_BYTES) {
        await keep(this.#database, batch);
        batch = [];
        bytes = 0;
      }
      batch.push({ id, body });
      bytes += body.length;
    }
    if (batch.length > 0) await keep(this.#database, batch);
  }

  async #keepRevoked(entries: readonly EntryOf<"revoked_token">[]): Promise<void> {
    if (entries.length === 0) return;
    const rows = entries.map(({ id, until }) => ({ id: JSON.stringify(id), until }));
    await this.#database.write((run) => run(KEEP_REVOKED, { rows }));
    for (const { id, until } of entries) await this.#local.revokedTokens.revoke(id, until);
  }

  async *#rows(statement: string): AsyncGenerator<Record<string, unknown>> {
    for (let after = "";;) {
      const rows = await this.#database.read(statement, { after });
      yield* rows;
      if (rows.length === 0) return;
      after = String(rows.at(-1)?.["id"]);
    }
  }
}

function of<Kind extends EntryKind>(kind: Kind, entries: readonly RecordsEntry[]): EntryOf<Kind>[] {
  return entries.filter((entry): entry is EntryOf<Kind> => entry.kind === kind);
}
