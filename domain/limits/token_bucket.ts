/** A bucket of cost units that refills evenly. */
export interface BucketRule {
  /** Units that can be taken at once from a full bucket: 1 or more. */
  readonly burst: number;
  /** Units that come back in a minute: more than 0. */
  readonly perMinute: number;
}

/** Whether a bucket gave what was asked of it, and how it stands after that. */
export interface BucketDecision {
  readonly allowed: boolean;
  /** Whole units left. */
  readonly remaining: number;
  /** Until the same would be given, in seconds; 0 when it was. */
  readonly retryAfterSeconds: number;
  /** Until the bucket is full, in seconds. */
  readonly resetSeconds: number;
}

/** Sums of milliseconds are off by less than this; a unit takes far longer to come back. */
const ROUNDING_MS = 1e-6;
/** What is left is told as if a store that counts by whole microseconds had not rounded. */
const MICROSECOND = 1e-3;

/** How long an empty bucket takes to be full, in milliseconds. */
export function refillMilliseconds({ burst, perMinute }: BucketRule): number {
  return burst * 60_000 / perMinute;
}

/**
 * Takes `cost` units at `now`. All that is known of a bucket is when it will be full: before its first
 * use, and at any time after, that is `fullAt <= now`, so a full bucket need not be kept. One that
 * refuses is left as it was. A cost above the burst counts as the whole burst: else it could never be
 * paid. `now` is in milliseconds of a clock that never goes back; should it, nothing comes back until
 * it has caught up.
 */
export function takeFrom(
  fullAt: number,
  rule: BucketRule,
  { cost, now }: { readonly cost: number; readonly now: number },
): { readonly fullAt: number; readonly decision: BucketDecision } {
  const perUnit = 60_000 / rule.perMinute;
  const whole = refillMilliseconds(rule);
  const missing = Math.max(0, fullAt - now);
  const after = missing + Math.min(cost, rule.burst) * perUnit;
  const allowed = after <= whole + ROUNDING_MS;
  const owed = allowed ? after : missing;
  return { fullAt: now + owed, decision: decisionOf(rule, { allowed, missing, after }) };
}

/** What a bucket was asked, in milliseconds of its refill. */
export interface Asked {
  readonly allowed: boolean;
  /** What it lacked before. */
  readonly missing: number;
  /** What it would lack, had it given what was asked. */
  readonly after: number;
}

/** A decision as it is told. */
export function decisionOf(rule: BucketRule, { allowed, missing, after }: Asked): BucketDecision {
  const whole = refillMilliseconds(rule);
  const owed = allowed ? after : missing;
  return {
    allowed,
    remaining: Math.max(0, Math.floor((whole - owed + MICROSECOND) * rule.perMinute / 60_000)),
    retryAfterSeconds: allowed ? 0 : (after - whole) / 1000,
    resetSeconds: owed / 1000,
  };
}
