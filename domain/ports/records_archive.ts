import type { RecordsEntry } from "../records/entry.ts";

/**
 * Everything that a store of records holds, and what brings such things into one. Nothing else may write
 * to the store meanwhile.
 */
export interface RecordsArchive extends AsyncDisposable {
  /**
   * All that is kept, each thing once, a few of them in memory at a time. An audit chain stands before its
   * events, and those in order.
   *
   * @throws {DomainError} `dependency_unavailable`.
   */
  entries(): AsyncIterable<RecordsEntry>;
  /**
   * Resolves when audit chains of these instances can be kept, beside what is there.
   *
   * @throws {Error} when they cannot; nothing is changed then.
   */
  prepare(instances: readonly string[]): Promise<void>;
  /**
   * Keeps entries of one kind, which survive a `kill -9` once this resolves. What is there already stays
   * as it is, but for a user's roles, which become those of the entry, and a revocation, which may come to
   * last longer. Events keep their instance, sequence and hash; those that retention has taken do not
   * come back.
   *
   * @throws {Error} when another event stands in an event's place.
   * @throws {DomainError} `dependency_unavailable`.
   */
  keep(entries: readonly RecordsEntry[]): Promise<void>;
}
