import type { Flight } from "./flight.ts";

/** Reads that the engine works on at once, those that nobody waits for any more among them. */
const READS_AT_ONCE = 4;
/** As many of them may be one caller's: who lets statements run away leaves room for others. */
export const READS_OF_A_CALLER = READS_AT_ONCE / 2;

/**
 * How long what is in hand keeps the engine from being ended for another's sake, in milliseconds. A read
 * that has been interrupted so already has all of its time; a write has the engine for itself then.
 */
const SHELTER_MS = { read: 2000, write: 10_000, beside: 0 } as const;

/** In which order those go that wait: a write holds nobody up for long, and reads could hold it up for ever. */
export function inOrder(waiting: readonly Flight[]): Flight[] {
  const [reads, others] = [waiting.filter(isRead), waiting.filter((flight) => !isRead(flight))];
  return [...others, ...reads];
}

/** Whether the engine may be asked now, beside all that it has in hand. */
export function mayGo(flight: Flight, inHand: readonly Flight[]): boolean {
  if (flight.asking.lane === "beside") return true;
  const writes = inHand.filter(isWrite);
  const reads = inHand.filter(isRead);
  if (writes.some(({ alone }) => alone)) return false;
  if (isWrite(flight)) return writes.length === 0 && !(flight.alone && reads.length > 0);
  if (reads.some(({ alone }) => alone)) return false;
  if (flight.alone) return reads.length === 0;
  // The engine is to be ended as soon as the write is done.
  if (writes.length > 0 && reads.some(({ settled }) => settled)) return false;
  return reads.length < READS_AT_ONCE && !hasItsShare(flight, reads);
}

function hasItsShare({ asking: { caller } }: Flight, reads: readonly Flight[]): boolean {
  if (caller === null) return false;
  return reads.filter(({ asking }) => asking.caller === caller).length >= READS_OF_A_CALLER;
}

/**
 * In how many milliseconds the engine is to be ended, since nobody waits for some of what it has in hand
 * and nothing else stops that; `null`: not at all.
 */
export function endsIn(inHand: readonly Flight[], now: number): number | null {
  const left = inHand.filter(({ leftAt }) => leftAt !== null);
  if (left.length === 0) return null;
  if (left.some(isWrite)) return 0;
  const since = Math.min(...left.map(({ leftAt }) => leftAt ?? now));
  const staying = inHand.filter(({ settled }) => !settled);
  return Math.max(0, ...staying.map((flight) => since + shelterOf(flight) - now));
}

function shelterOf({ asking: { lane }, interrupted }: Flight): number {
  return interrupted && lane !== "beside" ? Infinity : SHELTER_MS[lane];
}

/**
 * Which question has cost the engine's life; `null` when that is not clear. Beside one that is asked alone,
 * since it has been suspected before, there is a write at most.
 */
export function culpritAmong(inHand: readonly Flight[]): Flight | null {
  const suspects = inHand.filter(({ asking }) => asking.lane !== "beside");
  if (suspects.length === 1) return suspects[0] ?? null;
  return suspects.find(({ alone }) => alone) ?? null;
}

/** Whether a flight is in the lane of reads. */
export function isRead({ asking }: Flight): boolean {
  return asking.lane === "read";
}

function isWrite({ asking }: Flight): boolean {
  return asking.lane === "write";
}
