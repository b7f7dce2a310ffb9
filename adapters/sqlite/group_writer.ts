import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers";
import type { DomainError } from "../../domain/errors.ts";
import { messageOf, unavailable } from "./unavailable.ts";

/**
 * The least time between two batches, in milliseconds: each commit costs, also one of a single write.
 * A write that comes alone waits only for what is ready in the same turn of the event loop.
 */
const BATCH_INTERVAL_MS = 1;

/** SQLite runs on the event loop's own thread: a batch is small so that it holds that up briefly. */
const MAX_BATCH_WRITES = 128;
const MAX_BATCH_LENGTH = 1_048_576;

/** One row to be written. */
export interface Write {
  /** What is unavailable when it is refused. */
  readonly dependency: string;
  /** About how much text it writes. */
  readonly length: number;
  /** Writes it; throws when the database refuses it. */
  run(): void;
  /** Told, last written first, that the transaction of what `run` wrote is lost. */
  undo?(): void;
}

/** What has been done since the database was opened. */
export interface WriteStats {
  /** Writes accepted and not yet in the database. */
  readonly pending: number;
  /** Transactions committed. */
  readonly transactions: number;
}

interface PendingWrite {
  readonly write: Write;
  readonly resolve: () => void;
  readonly reject: (reason: DomainError) => void;
}

/** A write's own verdict: `null` when it is in the database. */
type Verdict = DomainError | null;

/**
 * Writes rows in the order in which they come; those that come within a few milliseconds share one
 * transaction, whichever table they are for. One that the database refuses is rejected alone; the
 * others of its transaction are kept.
 */
export class GroupWriter {
  readonly #db: DatabaseSync;
  readonly #pending: PendingWrite[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastBatchAt = -Infinity;
  #transactions = 0;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Resolves once it is committed; rejects with `dependency_unavailable`. */
  write(write: Write): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#pending.push({ write, resolve, reject });
    if (this.#pending.length === 1) this.#flushSoon();
    else if (this.#pending.length === MAX_BATCH_WRITES) this.#flushIn(0);
    return promise;
  }

  /** What is pending and done; for metrics. */
  stats(): WriteStats {
    return { pending: this.#pending.length, transactions: this.#transactions };
  }

  /** Writes what is pending, at once. */
  drain(): void {
    clearTimeout(this.#timer);
    while (this.#pending.length > 0) this.#commitNextBatch();
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
    const verdicts = this.#commit(batch.map(({ write }) => write));
    batch.forEach((pending, index) => settle(pending, verdicts[index] ?? null));
  }

  #commit(batch: readonly Write[]): Verdict[] {
    const written: Write[] = [];
    try {
      // One statement is a transaction by itself.
      if (batch.length > 1) this.#db.exec("BEGIN IMMEDIATE");
      const verdicts = batch.map((write) => this.#writeOne(write, written));
      if (batch.length > 1) this.#db.exec("COMMIT");
      this.#transactions++;
      return verdicts;
    } catch (error) {
      this.#rollBack();
      written.reverse().forEach((write) => write.undo?.());
      return batch.map(({ dependency }) => unavailable(dependency, messageOf(error), error));
    }
  }

  /** A refused row leaves the transaction open; a fault of the database (a full disk) may end it. */
  #writeOne(write: Write, written: Write[]): Verdict {
    try {
      write.run();
      written.push(write);
      return null;
    } catch (error) {
      if (!this.#db.isTransaction) throw error;
      return unavailable(write.dependency, messageOf(error), error);
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

/** How many of the first writes make one batch: at least one, however long it is. */
function batchSize(pending: readonly PendingWrite[]): number {
  let length = 0;
  const end = pending.findIndex(({ write }, index) => {
    length += write.length;
    return index >= MAX_BATCH_WRITES || (index > 0 && length > MAX_BATCH_LENGTH);
  });
  return end === -1 ? pending.length : end;
}

function settle({ resolve, reject }: PendingWrite, verdict: Verdict): void {
  if (verdict === null) resolve();
  else reject(verdict);
}
