import type { Log } from "../../../domain/ports/log.ts";
import type { Outbox } from "../../../domain/ports/outbox.ts";
import type { TestRecords } from "../../../domain/ports/test_records.ts";
import type { TestRecord } from "../../../domain/testing/record.ts";
import { closedStore, type RecordsDatabase } from "./database.ts";
import { type Body, findBody, isLong, keepPieces, placeOf } from "./execution_records.ts";
import { Handover } from "./handover.ts";

const KNOWN = "UNWIND $ids AS id MATCH (r:TestResult {id: id}) RETURN r.id AS id";
const KEEP = `UNWIND $rows AS row MERGE (r:TestResult {id: row.id})
  ON CREATE SET r.owner = row.owner, r.request_id = row.request_id, r.framework = row.framework,
    r.outcome = row.outcome, r.timestamp = row.timestamp, r.pieces = row.pieces, r.body = row.body`;
const FIND = "MATCH (r:TestResult {id: $id}) RETURN r.pieces AS pieces, r.body AS body";

/** The statements of this store, whose plans must use an index. */
export const TEST_STATEMENTS: readonly string[] = [KNOWN, KEEP, FIND];

/** What keeping takes. */
export interface Neo4jTestRecordsParts {
  readonly database: RecordsDatabase;
  readonly outbox: Outbox;
  readonly log: Log;
}

/** Records of tests in Neo4j, by way of an outbox; see {@link Neo4jExecutionRecords}. */
export class Neo4jTestRecords implements TestRecords {
  readonly #parts: Neo4jTestRecordsParts;
  readonly #handover: Handover;
  readonly #saving = new Set<Promise<void>>();
  #closed = false;

  constructor(parts: Neo4jTestRecordsParts) {
    this.#parts = parts;
    const { outbox, log, database } = parts;
    const keep = (entries: readonly Body[]) => keepTests(database, entries);
    this.#handover = new Handover({ name: "tests", outbox, log, keep });
  }

  save(record: TestRecord): Promise<void> {
    if (this.#closed) return Promise.reject(closedStore());
    const saved = this.#parts.outbox.put(record.id, encodeTests(record)).then(() =>
      this.#handover.wake()
    );
    this.#saving.add(saved);
    return saved.finally(() => this.#saving.delete(saved));
  }

  async find(id: string): Promise<TestRecord | null> {
    if (this.#closed) throw closedStore();
    const { outbox, database } = this.#parts;
    const waiting = await outbox.find(id);
    return waiting !== null ? decoded(waiting) : await findTests(database, id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#saving);
    await this.#handover[Symbol.asyncDispose]();
    await this.#parts.outbox[Symbol.asyncDispose]();
  }
}

/** A record as it is handed over. */
export function encodeTests(record: TestRecord): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(record));
}

/** The record that the database has under an id; `null`: none. @throws {DomainError} */
export async function findTests(database: RecordsDatabase, id: string): Promise<TestRecord | null> {
  const body = await findBody(database, FIND, id);
  return body === null ? null : decoded(body);
}

/** Keeps records that the database has not yet; the node that makes the pieces of a long one count comes last. */
export async function keepTests(
  database: RecordsDatabase,
  entries: readonly Body[],
): Promise<void> {
  await database.ready();
  const ids = entries.map(({ id }) => id);
  const known = new Set((await database.read(KNOWN, { ids })).map(({ id }) => String(id)));
  const fresh = entries.filter(({ id }) => !known.has(id));
  for (const entry of fresh) if (isLong(entry)) await keepPieces(database, entry);
  if (fresh.length > 0) await database.write((run) => run(KEEP, { rows: fresh.map(rowOf) }));
}

function rowOf(entry: Body): unknown {
  const { owner, correlationId, framework, outcome, createdAt } = decoded(entry.body);
  return {
    id: entry.id,
    // For people who look: what is read back is the body.
    owner: owner.toWellFormed(),
    request_id: correlationId.toWellFormed(),
    framework,
    outcome,
    timestamp: createdAt,
    ...placeOf(entry),
  };
}

function decoded(body: Uint8Array): TestRecord {
  return JSON.parse(new TextDecoder().decode(body));
}
