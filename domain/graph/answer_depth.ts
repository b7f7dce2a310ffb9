import { DomainError } from "../errors.ts";

/** Lists and maps within one another in an answer at most: what copies and writes it goes as deep. */
export const MAX_ANSWER_LEVELS = 64;

/** @throws {DomainError} `query_invalid` for rows with a value of more levels. */
export function ensureShallow(rows: readonly unknown[]): void {
  for (const row of rows) ensure(row, MAX_ANSWER_LEVELS + 1);
}

/** It looks no deeper than it lets pass. */
function ensure(value: unknown, levels: number): void {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  if (levels === 0) {
    const message = `expected an answer of at most ${MAX_ANSWER_LEVELS} levels, found a deeper one`;
    throw new DomainError({ code: "query_invalid", message, line: null, column: null });
  }
  for (const inner of Object.values(value)) ensure(inner, levels - 1);
}
