import { DomainError, type FieldFault } from "../errors.ts";

/** How deep an object from a caller may go, itself counted, and how long its keys may be. */
export const MAX_LEVELS = 5;
export const MAX_KEY_LENGTH = 256;

/** Keys and items in all. */
const MAX_MEMBERS = 10_000;

interface Place {
  readonly value: unknown;
  readonly pointer: string;
  readonly level: number;
}

/**
 * Holds an object that will be stored against the rules of such: at most 5 levels of objects and lists,
 * keys of 1 to 256 characters without control characters, 10,000 keys and items in all.
 *
 * @throws {DomainError} `validation_failed` with the first place that is wrong, from `pointer` on.
 */
export function ensureDictStructure(value: unknown, pointer: string): void {
  if (!isObject(value) || Array.isArray(value)) {
    const found = value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
    throw failed({ pointer, expected: "an object", found });
  }
  const waiting: Place[] = [{ value, pointer, level: 1 }];
  let members = 0;
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (!isObject(place.value)) continue;
    if (place.level > MAX_LEVELS) {
      throw failed({ ...place, expected: `at most ${MAX_LEVELS} levels`, found: "more" });
    }
    const inner = Object.entries(place.value);
    members += inner.length;
    if (members > MAX_MEMBERS) {
      const expected = `at most ${MAX_MEMBERS} keys and items in all`;
      throw failed({ pointer, expected, found: "more" });
    }
    for (const [key, value] of inner) {
      if (!Array.isArray(place.value)) ensureKey(key, place.pointer);
      waiting.push({ value, pointer: `${place.pointer}/${escaped(key)}`, level: place.level + 1 });
    }
  }
}

function ensureKey(key: string, pointer: string): void {
  const fits = key.length >= 1 && key.length <= MAX_KEY_LENGTH && !/\p{Cc}/u.test(key) &&
    key.isWellFormed();
  if (fits) return;
  const expected = `keys of 1 to ${MAX_KEY_LENGTH} characters without control characters`;
  throw failed({ pointer, expected, found: `a key of ${key.length} characters` });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function failed({ pointer, expected, found }: FieldFault): DomainError {
  const errors = [{ pointer, expected, found }];
  return new DomainError({ code: "validation_failed", errors });
}
