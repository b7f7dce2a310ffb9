import type { LintRecord } from "../lint/record.ts";

/**
 * Keeps reports of linting.
 *
 * `save` resolves once the report survives a `kill -9` of the service; it may wait to share a transaction
 * with others. Saving an id twice keeps the first. Both methods reject with `dependency_unavailable` when
 * the store cannot be used. Closing writes what is still pending.
 */
export interface LintRecords extends AsyncDisposable {
  save(record: LintRecord): Promise<void>;
  find(id: string): Promise<LintRecord | null>;
}
