import { createHash } from "node:crypto";
import { linkText, parseAuditText } from "../../../domain/audit/event.ts";
import type { Waiting } from "../../../domain/ports/outbox.ts";
import type { Run } from "../transaction.ts";
import { ADD, CHAIN, END, HASH_AT, KNOWN, LAST, NUMBERS } from "./audit_statements.ts";
import { type FoundChain, isLost } from "./lost_heads.ts";

/** Chains that can be told apart in a place; more share one number, and no page falls between their events. */
const NUMBERED = 1024;

/** The end of a chain: the last event's place and hash. */
export interface ChainEnd {
  /** 0 before the first event. */
  readonly sequence: number;
  /** 64 hexadecimal digits; before the first event the instance's own. */
  readonly hash: string;
  /** Which of the database's chains it is. */
  readonly number: number;
}

/** What stands in for the hash of the event before the first: no chain fits another instance. */
export function originOf(instance: string): string {
  return createHash("sha256").update(instance).digest("hex");
}

/** The hash of an event in its place. */
export function hashOf(previousHash: string, sequence: number, text: string): string {
  return createHash("sha256").update(linkText(previousHash, sequence, text)).digest("hex");
}

/** A chain as it should be. */
export interface KnownChain {
  readonly instance: string;
  /** Its end as it was noted last: nothing may have come off it since. */
  readonly noted: ChainEnd;
}

/** Adds what is not there yet to an instance's chain; its end from then on, and whether the noted one is lost. */
export async function addTo(
  run: Run,
  { instance, noted }: KnownChain,
  entries: readonly Waiting[],
): Promise<{ readonly end: ChainEnd; readonly lost: boolean }> {
  const found = await lockedChain(run, { instance, noted });
  let { end } = found;
  const ids = entries.map(({ id }) => JSON.stringify(id));
  const known = new Set((await run(KNOWN, { ids })).records.map((row) => String(row.get("id"))));
  const rows: unknown[] = [];
  for (const { id, body } of entries) {
    if (known.has(JSON.stringify(id))) continue;
    const text = new TextDecoder().decode(body);
    const sequence = end.sequence + 1;
    end = { ...end, sequence, hash: hashOf(end.hash, sequence, text) };
    rows.push(rowOf(text, end, instance));
  }
  await run(ADD, { rows });
  const { sequence, hash, number } = end;
  await run(END, { instance, sequence: BigInt(sequence), hash, number: BigInt(number) });
  return { end, lost: found.lost };
}

/**
 * What a chain is gone on with from, under its lock. Where the noted end is lost that is the furthest of all
 * that is known of it: no event may get the place of one that was taken away.
 */
async function lockedChain(
  run: Run,
  { instance, noted }: KnownChain,
): Promise<{ readonly end: ChainEnd; readonly lost: boolean }> {
  const { records: [row] } = await run(CHAIN, { instance, origin: originOf(instance) });
  const chain = row?.toObject();
  const number = await numberOf(run, chain?.["number"] ?? null);
  const end = placeIn(chain, number);
  const { records: [event] } = await run(HASH_AT, { instance, sequence: BigInt(noted.sequence) });
  if (!isLost(noted, foundIn(chain, event?.get("hash")))) return { end, lost: false };
  const { records: [last] } = await run(LAST, { instance });
  const ends = [
    end,
    { ...noted, number },
    ...last === undefined ? [] : [
      placeIn(last.toObject(), number),
    ],
  ];
  return { end: ends.reduce((a, b) => b.sequence > a.sequence ? b : a), lost: true };
}

type Row = Readonly<Record<string, unknown>>;

function placeIn(row: Row | undefined, number: number): ChainEnd {
  return { sequence: Number(row?.["sequence"]), hash: String(row?.["hash"]), number };
}

/** What is known of a chain by its node's row, and by the hash in the noted head's place. */
export function foundIn(chain: Row | undefined, hash: unknown): FoundChain {
  const [sequence, through] = [chain?.["sequence"], chain?.["through"]].map((n) => Number(n ?? 0));
  return { sequence: sequence ?? 0, through: through ?? 0, hash };
}

/** A chain's number, a new one where it has none. */
export async function numberOf(run: Run, given: unknown): Promise<number> {
  if (given !== null) return Number(given);
  const { records: [row] } = await run(NUMBERS, {});
  return Number(row?.get("number")) % NUMBERED;
}

/** An event in its place. */
export function rowOf(
  text: string,
  { sequence, hash, number }: ChainEnd,
  instance: string,
): unknown {
  const place = BigInt(placeOf(sequence, number));
  return { ...searchedIn(text), instance, sequence: BigInt(sequence), place, event: text, hash };
}

/** What is searched for of an event. Ids and users stand as JSON: half a character could not be kept otherwise. */
export function searchedIn(text: string): Readonly<Record<string, string>> {
  const { id, type, time, userId, correlationId } = parseAuditText(text);
  return {
    event_id: JSON.stringify(id),
    event_type: type,
    timestamp: time,
    user_id: JSON.stringify(userId),
    request_id: JSON.stringify(correlationId),
  };
}

/** Whether a place is one of an event's, whichever the number of its chain. */
export function isPlaceOf(sequence: number, place: unknown): boolean {
  return Math.floor(Number(place) / NUMBERED) === sequence;
}

/** Two instances' events of one millisecond must not stand in the same place. */
export function placeOf(sequence: number, number: number): number {
  return sequence * NUMBERED + number;
}
