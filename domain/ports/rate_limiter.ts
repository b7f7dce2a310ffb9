import type { BucketDecision } from "../limits/token_bucket.ts";

/** Where the count of a decision is kept. */
export type LimitBackend = "memory" | "redis";

/** What was decided, and who counted. */
export interface RateDecision extends BucketDecision {
  readonly backend: LimitBackend;
}

/**
 * Token buckets by key, all of one rule, each full before its first use.
 *
 * - `take` is atomic: of calls at once, those are allowed that the bucket holds, in the order of
 *   their arrival. One that is refused takes nothing.
 * - The keys that are kept are bounded. A bucket that is not full is never forgotten to make room:
 *   keys for which there is none share one bucket until there is.
 * - A key is any text; none is shown to anybody.
 * - Never rejects: an implementation whose store is away counts by itself meanwhile.
 */
export interface RateLimiter {
  /** `cost`: 0 or more units; above the burst it counts as the burst. */
  take(key: string, cost: number): Promise<RateDecision>;
}
