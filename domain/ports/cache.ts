/** The caches that there can be, as operators and metrics know them. */
export const CACHE_NAMES = [
  "executions",
  "graph_queries",
  "graph_metrics",
  "lint_results",
] as const;

/** The name of a cache. */
export type CacheName = (typeof CACHE_NAMES)[number];

/** Where values are kept: in the process itself, or in a store that instances share. */
export type CacheTier = "l1" | "l2";

/** What a value is stored with. */
export interface CacheTerms {
  /** How long it is good for, in seconds: more than 0. */
  readonly ttlSeconds: number;
  /**
   * The cache's `version` when the value's making began. A value whose key was deleted since, or with all
   * others cleared, is not stored. Left out: it is as of now.
   */
  readonly since?: number;
  /** The turn in which the value was made, where the cache has {@link LoadTurns}; `null`: in none. */
  readonly turn?: string | null;
}

/** Whose turn it is to make a value that was missed: another has made it, or the caller makes it now. */
export type Turn<Value> =
  | { readonly kind: "made"; readonly value: Value }
  /** `null` where nobody can tell: the caller makes it all the same. */
  | { readonly kind: "make"; readonly turn: string | null };

/**
 * Has the instances that share a cache make each value once.
 *
 * A turn ends when its value is stored, when it is given up, when its key is deleted or the cache cleared,
 * and by itself after some minutes; what was made in a turn that has ended so is not stored. Never rejects:
 * where instances cannot be asked, everyone makes what he needs.
 */
export interface LoadTurns<Value> {
  /** Waits, some hundred milliseconds at most, for who has the turn; then it is the caller's. */
  take(key: string): Promise<Turn<Value>>;
  giveUp(key: string, turn: string): Promise<void>;
}

/**
 * Keeps values by key for some seconds, and fewer of them when it is full: the least recently used go.
 *
 * Values: `undefined` is a miss and cannot be stored; `null` is a value. They are plain data: texts,
 * numbers, bigints, booleans, `null`, and arrays and objects of these; anything else is refused with a
 * `TypeError`. What is read is nobody's to change and shared with nobody who could: it is frozen, or its
 * reader's own. What the storer does to the original afterwards changes nothing.
 *
 * Time: an entry is gone once more than its seconds have passed; at the very millisecond it may be either.
 * Concurrency: any number of calls at once. A value that was stored is found by whoever asks after `set`
 * has resolved, and one that was deleted or cleared by nobody who asks after that has.
 *
 * Failure: an implementation that keeps its values elsewhere rejects with `dependency_unavailable`.
 * Methods answer at once where they can: `await` what they return in any case.
 */
export interface Cache<Value> {
  /** Another number after each `delete` and `clear`, also those of other instances. */
  readonly version: number;
  /** Where instances share the cache and make each value once. */
  readonly turns?: LoadTurns<Value>;
  get(key: string): Value | undefined | Promise<Value | undefined>;
  /** Whether it is stored: not so when it is too large, or as of a state that is no more. */
  set(key: string, value: Value, terms: CacheTerms): boolean | Promise<boolean>;
  delete(key: string): void | Promise<void>;
  clear(): void | Promise<void>;
}

/** What has come of the tier that instances share, as this one has seen it. */
export interface SharedStatistics {
  readonly hits: number;
  readonly misses: number;
  /** Calls that failed, or gave what could not be read. */
  readonly errors: number;
}

/** What has come of a cache since it was made. */
export interface CacheStatistics {
  /** Entries now, and at most. */
  readonly size: number;
  readonly maxSize: number;
  /** What they take, as near as can be told without asking the engine, and may take. */
  readonly bytes: number;
  readonly maxBytes: number;
  /** `size` over `maxSize`, 0 to 1. */
  readonly utilization: number;
  readonly hits: number;
  readonly misses: number;
  /** Hits over all gets, 0 to 1; 0 before the first. */
  readonly hitRate: number;
  /** Entries that went because the cache was full. */
  readonly evictions: number;
  /** Entries that went because their time was over. */
  readonly expiries: number;
  /** Entries that were deleted or cleared. */
  readonly invalidations: number;
  /** Mean time of those operations that were timed, which need not be all; 0 before the first. */
  readonly averageGetSeconds: number;
  readonly averageSetSeconds: number;
  /** `null` where instances share nothing. Its hits are among the `hits`, its misses among the `misses`. */
  readonly shared: SharedStatistics | null;
}

/** Tells how a cache fares. */
export interface MeasuredCache {
  statistics(): CacheStatistics;
}

/** How a cache and those who read through it fare. */
export interface CacheReport extends CacheStatistics {
  readonly name: CacheName;
  /** Values that had to be made. */
  readonly loads: number;
  /** Calls that shared the making with another. */
  readonly sharedLoads: number;
  /** Operations of the cache that failed, or refused their value. */
  readonly errors: number;
}
