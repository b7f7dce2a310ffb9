import type { TestRecord } from "../testing/record.ts";

/**
 * Keeps finished runs of tests.
 *
 * `save` resolves once the record survives a `kill -9` of the service; it may wait to share a
 * transaction with others. Saving an id twice keeps the first record. Both methods reject with
 * `dependency_unavailable` when the store cannot be used, also once it is closed.
 */
export interface TestRecords extends AsyncDisposable {
  save(record: TestRecord): Promise<void>;
  find(id: string): Promise<TestRecord | null>;
}
