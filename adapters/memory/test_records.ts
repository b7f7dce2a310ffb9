import { DomainError } from "../../domain/errors.ts";
import type { TestRecords } from "../../domain/ports/test_records.ts";
import type { TestRecord } from "../../domain/testing/record.ts";

/** Keeps records of tests in a map, without bound, until it is closed. For tests: nothing outlives it. */
export class MemoryTestRecords implements TestRecords {
  readonly #records = new Map<string, TestRecord>();
  #closed = false;

  save(record: TestRecord): Promise<void> {
    if (this.#closed) return Promise.reject(closed());
    if (!this.#records.has(record.id)) this.#records.set(record.id, structuredClone(record));
    return Promise.resolve();
  }

  find(id: string): Promise<TestRecord | null> {
    if (this.#closed) return Promise.reject(closed());
    return Promise.resolve(structuredClone(this.#records.get(id) ?? null));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#records.clear();
    return Promise.resolve();
  }
}

function closed(): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "records",
    reason: "the store is closed",
    remedy: null,
    retryAfterSeconds: 1,
  });
}
