import { DomainError } from "../../domain/errors.ts";
import type { LintRecord } from "../../domain/lint/record.ts";
import type { LintRecords } from "../../domain/ports/lint_records.ts";

/** Keeps reports in a map, without bound, until it is closed. For tests: nothing outlives it. */
export class MemoryLintRecords implements LintRecords {
  readonly #records = new Map<string, LintRecord>();
  #closed = false;

  save(record: LintRecord): Promise<void> {
    if (this.#closed) return Promise.reject(closed());
    if (!this.#records.has(record.id)) this.#records.set(record.id, structuredClone(record));
    return Promise.resolve();
  }

  find(id: string): Promise<LintRecord | null> {
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
