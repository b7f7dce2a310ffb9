import { DomainError } from "../../../domain/errors.ts";

/** @throws {DomainError} `validation_failed` for a text with half a character: the engine keeps UTF-8. */
export function ensureWellFormed(text: string, pointer: string): void {
  if (text.isWellFormed()) return;
  const expected = "Unicode text without lone surrogates";
  const found = `a string of ${text.length} characters with some`;
  throw new DomainError({ code: "validation_failed", errors: [{ pointer, expected, found }] });
}
