import { DomainError } from "../../domain/errors.ts";
import type { ExecutionRecord } from "../../domain/execution/outcome.ts";
import {
  type ExecutionSummary,
  newestOf,
  type Page,
  summaryOf,
} from "../../domain/execution/summary.ts";
import type { ExecutionRecords } from "../../domain/ports/execution_records.ts";

/** Keeps records in a map, without bound, until it is closed. For tests: nothing outlives it. */
export class MemoryExecutionRecords implements ExecutionRecords {
  readonly #records = new Map<string, ExecutionRecord>();
  #closed = false;

  save(record: ExecutionRecord): Promise<void> {
    if (this.#closed) return Promise.reject(closed());
    if (!this.#records.has(record.id)) this.#records.set(record.id, structuredClone(record));
    return Promise.resolve();
  }

  find(id: string): Promise<ExecutionRecord | null> {
    if (this.#closed) return Promise.reject(closed());
    return Promise.resolve(structuredClone(this.#records.get(id) ?? null));
  }

  list(owner: string, page: Page): Promise<readonly ExecutionSummary[]> {
    if (this.#closed) return Promise.reject(closed());
    const mine = [...this.#records.values()].filter((record) => record.owner === owner);
    return Promise.resolve(newestOf(mine, page).map(summaryOf));
  }

  ping(): Promise<void> {
    return this.#closed ? Promise.reject(closed()) : Promise.resolve();
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
