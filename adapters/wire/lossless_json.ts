/** As long as the shortest integer that a number cannot hold. */
const LONG_NUMBER = /\d{16}/;

const INTEGER = /^-?\d+$/;

/** Longer ones mean nothing to anybody, and making millions of digits a `bigint` takes seconds. */
const LONGEST_INTEGER = 100;

/** What the parser tells of a value beside the value; TypeScript's own types know it only by name. */
interface Source {
  readonly source?: string;
}

/**
 * Parses JSON without loss of integers: those that a number cannot hold (beyond 2^53) become `bigint`
 * up to a hundred digits, everything else is as `JSON.parse` has it. The text must not be deeper than a recursion may go.
 *
 * @throws {SyntaxError} as `JSON.parse` does.
 */
export function parseLossless(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown);
}

function exact(_key: string, value: unknown, { source = "" }: Source): unknown {
  const lost = typeof value === "number" && !Number.isSafeInteger(value);
  return lost && source.length <= LONGEST_INTEGER && INTEGER.test(source) ? BigInt(source) : value;
}

/** The same value with numbers for its `bigint`s, as `JSON.parse` would have read it. */
export function withNumbers(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value !== "object" || value === null) return value;
  // Through entries, so that a key called `__proto__` stays a key.
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withNumbers(inner)]));
}

/**
 * Parses JSON with the kind of every number kept: one written without `.` and `e` becomes a `bigint`,
 * every other a `number`. Some thirty times slower than `JSON.parse`: long texts go in pieces.
 *
 * @throws {SyntaxError} as `JSON.parse` does.
 */
export function parseKinds(text: string): unknown {
  return JSON.parse(text, kept as (key: string, value: unknown) => unknown);
}

function kept(_key: string, value: unknown, { source = "" }: Source): unknown {
  return typeof value === "number" && INTEGER.test(source) ? integerOf(source) : value;
}

/** What {@link parseKinds} has read as {@link parseLossless} would have. */
export function withoutKinds(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (Array.isArray(value)) return value.map(withoutKinds);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withoutKinds(inner)]),
  );
}

/** Of one with more digits only the first are read: it is too large for anything either way. */
function integerOf(source: string): bigint {
  return BigInt(source.slice(0, LONGEST_INTEGER));
}
