import { type BucketRule, refillMilliseconds, takeFrom } from "../../domain/limits/token_bucket.ts";
import type { RateDecision, RateLimiter } from "../../domain/ports/rate_limiter.ts";

/** What {@link MemoryRateLimiter} works with. */
export interface MemoryRateLimiterOptions {
  readonly rule: BucketRule;
  /** Milliseconds since an arbitrary start; never goes back. */
  readonly monotonic: () => number;
  /** Buckets that are kept: about 200 bytes each. */
  readonly maxKeys?: number;
}

/**
 * To keep this many buckets from being full by the default rule, somebody has to be let in 500,000
 * units a second: the table cannot be filled with what was not full before.
 */
const MAX_KEYS = 10_000;

/** Token buckets in this process. Only those that are not full are kept, the longest unused first. */
export class MemoryRateLimiter implements RateLimiter {
  readonly #options: Required<MemoryRateLimiterOptions>;
  readonly #fullAt = new Map<string, number>();
  /** The bucket that all keys share for which there is no room. */
  #crowdFullAt = 0;
  #nextSweep = 0;

  constructor(options: MemoryRateLimiterOptions) {
    this.#options = { maxKeys: MAX_KEYS, ...options };
  }

  /** Buckets that are kept now. */
  get size(): number {
    return this.#fullAt.size;
  }

  take(key: string, cost: number): Promise<RateDecision> {
    const now = this.#options.monotonic();
    const known = this.#fullAt.get(key);
    const alone = known !== undefined || this.#hasRoom(now);
    const before = known ?? (alone ? 0 : this.#crowdFullAt);
    const { fullAt, decision } = takeFrom(before, this.#options.rule, { cost, now });
    if (alone) this.#keep(key, fullAt, now);
    else this.#crowdFullAt = fullAt;
    return Promise.resolve({ ...decision, backend: "memory" });
  }

  #keep(key: string, fullAt: number, now: number): void {
    // Put in anew, it is the last of the map again.
    this.#fullAt.delete(key);
    if (fullAt > now) this.#fullAt.set(key, fullAt);
  }

  #hasRoom(now: number): boolean {
    for (const [key, fullAt] of this.#fullAt) {
      if (fullAt > now) break;
      this.#fullAt.delete(key);
    }
    if (this.#fullAt.size >= this.#options.maxKeys) this.#sweep(now);
    return this.#fullAt.size < this.#options.maxKeys;
  }

  /** Looks at every bucket, and not again before a tenth of a refill has passed. */
  #sweep(now: number): void {
    if (now < this.#nextSweep) return;
    this.#nextSweep = now + refillMilliseconds(this.#options.rule) / 10;
    for (const [key, fullAt] of this.#fullAt) if (fullAt <= now) this.#fullAt.delete(key);
  }
}
