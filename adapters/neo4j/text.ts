import { DomainError } from "../../domain/errors.ts";
import { isGraphName } from "../../domain/input/names.ts";

/** The largest INTEGER. */
const LARGEST = 2n ** 63n - 1n;

/** A label, type or property's name within a statement. */
export function quoted(name: string): string {
  if (!isGraphName(name)) throw new TypeError(`Cannot quote the name '${name}'`);
  return `\`${name}\``;
}

/** @throws {DomainError} `validation_failed` for a text with half a character: the database keeps UTF-8. */
export function ensureWellFormed(text: string, pointer: string): void {
  if (text.isWellFormed()) return;
  const found = `a string of ${text.length} characters with some`;
  throw refused(pointer, "Unicode text without lone surrogates", found);
}

/** @throws {DomainError} `validation_failed` for an INTEGER of more than 64 bits. */
export function ensureInteger(value: bigint, pointer: string): void {
  if (value > LARGEST || value < -LARGEST - 1n) {
    throw refused(pointer, "an INTEGER of 64 bits", "a larger one");
  }
}

/** What is sent cannot be kept as it is. */
export function refused(pointer: string, expected: string, found: string): DomainError {
  return new DomainError({ code: "validation_failed", errors: [{ pointer, expected, found }] });
}
