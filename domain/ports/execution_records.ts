import type { ExecutionRecord } from "../execution/outcome.ts";
import type { ExecutionSummary, Page } from "../execution/summary.ts";

/**
 * Keeps finished runs.
 *
 * `save` resolves once the record survives a `kill -9` of the service; it may wait to share a
 * transaction with others. Saving an id twice keeps the first record. All methods reject with
 * `dependency_unavailable` when the store cannot be used. Closing writes what is still pending.
 */
export interface ExecutionRecords extends AsyncDisposable {
  save(record: ExecutionRecord): Promise<void>;
  find(id: string): Promise<ExecutionRecord | null>;
  /** What there is of one owner's, by id, the last first. What this store has saved is among them at once. */
  list(owner: string, page: Page): Promise<readonly ExecutionSummary[]>;
  /** Resolves when the store answers; rejects with `dependency_unavailable` otherwise. */
  ping(): Promise<void>;
}
