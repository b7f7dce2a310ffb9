import type { ExecutionRecord } from "../execution/outcome.ts";

/**
 * Keeps finished runs.
 *
 * `save` resolves once the record survives a `kill -9` of the service; it may wait to share a
 * transaction with others. Saving an id twice keeps the first record. Both methods reject with
 * `dependency_unavailable` when the store cannot be used. Closing writes what is still pending.
 */
export interface ExecutionRecords extends AsyncDisposable {
  save(record: ExecutionRecord): Promise<void>;
  find(id: string): Promise<ExecutionRecord | null>;
  /** Resolves when the store answers; rejects with `dependency_unavailable` otherwise. */
  ping(): Promise<void>;
}
