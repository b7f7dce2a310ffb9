import type { LintRecord } from "../../../domain/lint/record.ts";
import type { LintRecords } from "../../../domain/ports/lint_records.ts";
import type { Log } from "../../../domain/ports/log.ts";
import type { Outbox, Waiting } from "../../../domain/ports/outbox.ts";
import { closedStore, type RecordsDatabase } from "./database.ts";
import { Handover } from "./handover.ts";

const KEEP = `UNWIND $rows AS row MERGE (r:LintResult {id: row.id})
  ON CREATE SET r.code_hash = row.code_hash, r.owner = row.owner, r.request_id = row.request_id,
    r.language = row.language, r.timestamp = row.timestamp, r.body = row.body`;
const FIND = "MATCH (r:LintResult {id: $id}) RETURN r.body AS body";

/** The statements of this store, whose plans must use an index. */
export const LINT_STATEMENTS: readonly string[] = [KEEP, FIND];

/** What keeping takes. */
export interface Neo4jLintRecordsParts {
  readonly database: RecordsDatabase;
  readonly outbox: Outbox;
  readonly log: Log;
}

/** Reports of linting in Neo4j, by way of an outbox, as execution records are. */
export class Neo4jLintRecords implements LintRecords {
  readonly #parts: Neo4jLintRecordsParts;
  readonly #handover: Handover;
  readonly #saving = new Set<Promise<void>>();
  #closed = false;

  constructor(parts: Neo4jLintRecordsParts) {
    this.#parts = parts;
    const { outbox, log, database } = parts;
    const keep = (entries: readonly Waiting[]) =>
      keepReports(database, entries.map(({ body }) => decoded(body)));
    this.#handover = new Handover({ name: "lints", outbox, log, keep });
  }

  save(record: LintRecord): Promise<void> {
    if (this.#closed) return Promise.reject(closedStore());
    const body = new TextEncoder().encode(JSON.stringify(record));
    const saved = this.#parts.outbox.put(record.id, body).then(() => this.#handover.wake());
    this.#saving.add(saved);
    return saved.finally(() => this.#saving.delete(saved));
  }

  async find(id: string): Promise<LintRecord | null> {
    if (this.#closed) throw closedStore();
    const { outbox, database } = this.#parts;
    const waiting = await outbox.find(id);
    return waiting === null ? await findReport(database, id) : decoded(waiting);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#saving);
    await this.#handover[Symbol.asyncDispose]();
    await this.#parts.outbox[Symbol.asyncDispose]();
  }
}

/** The report that the database has under an id; `null`: none. @throws {DomainError} */
export async function findReport(
  database: RecordsDatabase,
  id: string,
): Promise<LintRecord | null> {
  if (!id.isWellFormed()) return null;
  const [row] = await database.read(FIND, { id });
  return row === undefined ? null : JSON.parse(String(row["body"]));
}

/** Keeps reports that the database has not yet. */
export async function keepReports(
  database: RecordsDatabase,
  records: readonly LintRecord[],
): Promise<void> {
  await database.ready();
  const rows = records.map((record) => ({
    id: record.id,
    code_hash: record.codeHash,
    // For people who look: what is read back is the body.
    owner: record.owner.toWellFormed(),
    request_id: record.correlationId.toWellFormed(),
    language: record.language,
    timestamp: record.createdAt,
    body: JSON.stringify(record),
  }));
  if (rows.length > 0) await database.write((run) => run(KEEP, { rows }));
}

function decoded(body: Uint8Array): LintRecord {
  return JSON.parse(new TextDecoder("utf-8", { ignoreBOM: true }).decode(body));
}
