import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate } from "node:timers";
import { DomainError } from "../../domain/errors.ts";
import type { ExecutionRecord } from "../../domain/execution/outcome.ts";
import type { ExecutionRecords } from "../../domain/ports/execution_records.ts";
import { openDatabase } from "./database.ts";
import { jsonOf, OutputPieces } from "./output_pieces.ts";
import { parseRecord } from "./record_text.ts";

/**
 * The least time between two batches, in milliseconds: each commit costs, also one of a single record.
 * A record that comes alone waits only for what is ready in the same turn of the event loop.
 */
const BATCH_INTERVAL_MS = 1;

/** SQLite runs on the event loop's own thread: a batch is small so that it holds that up briefly. */
const MAX_BATCH_ROWS = 64;
const MAX_BATCH_LENGTH = 1_048_576;

const INSERT = `INSERT INTO execution_records
  (id, owner, correlation_id, language, outcome, created_at, record, output)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`;
const FIND = "SELECT record, output FROM execution_records WHERE id = ?";
const PING = "SELECT 1 FROM execution_records LIMIT 1";

/** Where the records are kept. */
export interface ExecutionRecordsOptions {
  /** The database file; made, for its owner alone, when absent. Its directory must exist. */
  readonly path: string;
}

/** What the store has done since it was opened. */
export interface WriteStats {
  /** Records accepted and not yet in the database. */
  readonly pending: number;
  /** Transactions committed. */
  readonly transactions: number;
}

interface PendingSave {
  readonly record: ExecutionRecord;
  /** The record as it was when `save` was called, without a long output. */
  readonly json: string;
  /** Where a long output is. */
  readonly output: number | null;
  readonly resolve: () => void;
  readonly reject: (reason: DomainError) => void;
}

/** A save's own verdict: `null` when the record is in the database. */
type Verdict = DomainError | null;

/**
 * Opens, and makes or migrates, the SQLite database of records.
 *
 * A record whose `save` has resolved survives a `kill -9` of this process. It is in the write-ahead
 * log, but not forced to the disk (`synchronous = NORMAL`): a loss of power, or of the whole machine,
 * can lose the last moments; it never damages the database.
 *
 * @throws {Error} "Cannot open the records ..." when the file is no database, cannot be written, or
 * was made by a newer program.
 */
export function openExecutionRecords(options: ExecutionRecordsOptions): SqliteExecutionRecords {
  try {
    return new SqliteExecutionRecords(openDatabase(options.path));
  } catch (error) {
    const reason = messageOf(error);
    throw new Error(`Cannot open the records '${options.path}': ${reason}`, { cause: error });
  }
}

/**
 * Execution records in SQLite; see {@link openExecutionRecords}.
 *
 * Saves that come within a few milliseconds share one transaction. One that the database refuses is
 * rejected alone; the others of its transaction are kept.
 */
export class SqliteExecutionRecords implements ExecutionRecords {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  readonly #ping: StatementSync;
  readonly #pieces: OutputPieces;
  readonly #pending: PendingSave[] = [];
  /** Saves whose long output is being written; they are not pending yet. */
  readonly #long = new Set<Promise<void>>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastBatchAt = -Infinity;
  #transactions = 0;
  #closing: Promise<void> | null = null;

  /** Takes the database over: closing the records closes it. */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insert = db.prepare(INSERT);
    this.#find = db.prepare(FIND);
    this.#ping = db.prepare(PING);
    this.#pieces = new OutputPieces(db);
  }

  save(record: ExecutionRecord): Promise<void> {
    if (this.#closing !== null) return Promise.reject(unavailable("the store is closed"));
    if (!this.#pieces.isLong(record)) return this.#saveWhole(record, null);
    const saved = this.#saveInPieces({ ...record });
    this.#long.add(saved);
    return saved.finally(() => this.#long.delete(saved));
  }

  async #saveInPieces(record: ExecutionRecord): Promise<void> {
    const output = await this.#attempt(() => this.#pieces.write(record));
    await this.#saveWhole(record, output);
  }

  #saveWhole(record: ExecutionRecord, output: number | null): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const json = jsonOf(record, output !== null);
    this.#pending.push({ record, json, output, resolve, reject });
    if (this.#pending.length === 1) this.#flushSoon();
    else if (this.#pending.length === MAX_BATCH_ROWS) this.#flushIn(0);
    return promise;
  }

  find(id: string): Promise<ExecutionRecord | null> {
    return this.#read(async () => {
      const row = this.#find.get(id);
      if (row === undefined) return null;
      const record = parseRecord(String(row["record"]));
      const output = row["output"];
      return output === null ? record : await this.#pieces.read(Number(output), record);
    });
  }

  ping(): Promise<void> {
    return this.#read(() => void this.#ping.get());
  }

  /** What is pending and done; for metrics. */
  stats(): WriteStats {
    return { pending: this.#pending.length, transactions: this.#transactions };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#long);
    clearTimeout(this.#timer);
    while (this.#pending.length > 0) this.#commitNextBatch();
    this.#db.close();
  }

  #read<T>(query: () => T | Promise<T>): Promise<T> {
    if (this.#closing !== null) return Promise.reject(unavailable("the store is closed"));
    return this.#attempt(query);
  }

  async #attempt<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw unavailable(messageOf(error), error);
    }
  }

  #flushSoon(): void {
    const early = performance.now() < this.#lastBatchAt + BATCH_INTERVAL_MS;
    if (early) this.#flushIn(BATCH_INTERVAL_MS);
    else setImmediate(() => this.#flush());
  }

  #flushIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), milliseconds);
  }

  /** One batch, then the event loop has its turn before the next one. */
  #flush(): void {
    if (this.#pending.length === 0) return;
    this.#commitNextBatch();
    this.#lastBatchAt = performance.now();
    if (this.#pending.length > 0) this.#flushIn(0);
  }

  #commitNextBatch(): void {
    const batch = this.#pending.splice(0, batchSize(this.#pending));
    const verdicts = this.#commit(batch);
    batch.forEach((save, index) => settle(save, verdicts[index] ?? null));
  }

  #commit(batch: readonly PendingSave[]): Verdict[] {
    const [only] = batch;
    if (only !== undefined && batch.length === 1) return [this.#insertAlone(only)];
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      const verdicts = batch.map((save) => this.#insertOne(save));
      this.#db.exec("COMMIT");
      this.#transactions++;
      return verdicts;
    } catch (error) {
      this.#rollBack();
      return batch.map(() => unavailable(messageOf(error), error));
    }
  }

  /** One statement is a transaction by itself. */
  #insertAlone(save: PendingSave): Verdict {
    try {
      const verdict = this.#insertOne(save);
      this.#transactions++;
      return verdict;
    } catch (error) {
      return unavailable(messageOf(error), error);
    }
  }

  /** A refused row leaves the transaction open; a fault of the database (a full disk) may end it. */
  #insertOne({ record, json, output }: PendingSave): Verdict {
    try {
      const { id, owner, correlationId, language, outcome, createdAt } = record;
      this.#insert.run(id, owner, correlationId, language, outcome, createdAt, json, output);
      return null;
    } catch (error) {
      if (!this.#db.isTransaction) throw error;
      return unavailable(messageOf(error), error);
    }
  }

  #rollBack(): void {
    try {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
    } catch {
      // The callers are told of the first fault; if the transaction is still open, the next batch's
      // BEGIN fails and says so.
    }
  }
}

/** How many of the first saves make one batch: at least one, however long it is. */
function batchSize(pending: readonly PendingSave[]): number {
  let length = 0;
  const end = pending.findIndex(({ json }, index) => {
    length += json.length;
    return index >= MAX_BATCH_ROWS || (index > 0 && length > MAX_BATCH_LENGTH);
  });
  return end === -1 ? pending.length : end;
}

function settle(save: PendingSave, verdict: Verdict): void {
  if (verdict === null) save.resolve();
  else save.reject(verdict);
}

function unavailable(reason: string, cause?: unknown): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "records",
    reason,
    remedy: null,
    retryAfterSeconds: 1,
  }, { cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
