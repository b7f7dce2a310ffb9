/** What the calls of late must be like for a breaker to open on their rates. */
export interface WindowPolicy {
  /** The last so many calls, or those of the last so many seconds (to a tenth of them). */
  readonly over: { readonly calls: number } | { readonly seconds: number };
  /** Calls that must be in the window before a rate counts. */
  readonly minimumCalls: number;
  /** Opens once this share of the calls has failed, above 0 and up to 1; `null`: never for that. */
  readonly failureRate: number | null;
  /** Opens once this share took longer than so many seconds, failed or not; `null`: never for that. */
  readonly slowCalls: { readonly seconds: number; readonly rate: number } | null;
}

/** A call that has ended, as a window counts it. */
export interface WindowCall {
  readonly failed: boolean;
  readonly slow: boolean;
}

/** How many calls are in a window, and how many of them failed or were slow. */
export interface WindowTotals {
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
}

/** The calls of late, summed up. `now` is in milliseconds and never goes back. */
export interface SlidingWindow {
  record(call: WindowCall, now: number): void;
  totals(now: number): WindowTotals;
}

/** An empty window. */
export function createWindow({ over }: WindowPolicy): SlidingWindow {
  return "calls" in over ? new CountWindow(over.calls) : new TimeWindow(over.seconds);
}

/** Which rate of a window is at its threshold; `null` when none is. */
export function rateAtThreshold(
  { calls, failed, slow }: WindowTotals,
  { minimumCalls, failureRate, slowCalls }: WindowPolicy,
): "failure_rate" | "slow_call_rate" | null {
  if (calls === 0 || calls < minimumCalls) return null;
  if (failureRate !== null && failed >= failureRate * calls) return "failure_rate";
  if (slowCalls !== null && slow >= slowCalls.rate * calls) return "slow_call_rate";
  return null;
}

const FAILED = 1;
const SLOW = 2;

/** The last so many calls, in a ring. */
class CountWindow implements SlidingWindow {
  readonly #ring: Uint8Array;
  #next = 0;
  #calls = 0;
  #failed = 0;
  #slow = 0;

  constructor(size: number) {
    this.#ring = new Uint8Array(size);
  }

  record({ failed, slow }: WindowCall): void {
    if (this.#calls === this.#ring.length) this.#count(this.#ring[this.#next] ?? 0, -1);
    const call = (failed ? FAILED : 0) | (slow ? SLOW : 0);
    this.#ring[this.#next] = call;
    this.#count(call, 1);
    this.#next = (this.#next + 1) % this.#ring.length;
  }

  totals(): WindowTotals {
    return { calls: this.#calls, failed: this.#failed, slow: this.#slow };
  }

  #count(call: number, by: 1 | -1): void {
    this.#calls += by;
    if ((call & FAILED) !== 0) this.#failed += by;
    if ((call & SLOW) !== 0) this.#slow += by;
  }
}

/** A window over time is made of this many slices, so that its memory does not grow with the calls. */
export const SLICES = 10;

interface Slice {
  /** Which slice of all time this is. */
  number: number;
  calls: number;
  failed: number;
  slow: number;
}

/** The calls of the present slice and of the nine before it. */
class TimeWindow implements SlidingWindow {
  readonly #sliceMs: number;
  readonly #slices: readonly Slice[] = Array.from({ length: SLICES }, () => emptySlice(-Infinity));

  constructor(seconds: number) {
    this.#sliceMs = seconds * 1000 / SLICES;
  }

  record({ failed, slow }: WindowCall, now: number): void {
    const slice = this.#sliceAt(now);
    slice.calls += 1;
    if (failed) slice.failed += 1;
    if (slow) slice.slow += 1;
  }

  totals(now: number): WindowTotals {
    const oldest = Math.floor(now / this.#sliceMs) - SLICES;
    const totals = emptySlice(0);
    for (const slice of this.#slices) {
      if (slice.number <= oldest) continue;
      totals.calls += slice.calls;
      totals.failed += slice.failed;
      totals.slow += slice.slow;
    }
    const { calls, failed, slow } = totals;
    return { calls, failed, slow };
  }

  #sliceAt(now: number): Slice {
    const number = Math.floor(now / this.#sliceMs);
    const slice = this.#slices[((number % SLICES) + SLICES) % SLICES] ?? emptySlice(number);
    if (slice.number !== number) Object.assign(slice, emptySlice(number));
    return slice;
  }
}

function emptySlice(number: number): Slice {
  return { number, calls: 0, failed: 0, slow: 0 };
}
