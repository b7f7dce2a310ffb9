import type { Place } from "../../../domain/lint/report.ts";

/** The first half of a pair of surrogates with its second half: one code point in two units. */
const PAIR = /[\ud800-\udbff][\udc00-\udfff]/g;
const LINE_END = /\r\n?|\n/g;

/** Lines and columns of a text. What it costs to ask does not grow with the length of a line. */
export class Places {
  readonly #length: number;
  /** Where each line begins. */
  readonly #lines: number[];
  /** Where each pair of surrogates begins. */
  readonly #pairs: number[];

  constructor(text: string) {
    this.#length = text.length;
    this.#lines = [text.startsWith("\ufeff") ? 1 : 0];
    for (const { 0: end, index } of text.matchAll(LINE_END)) this.#lines.push(index + end.length);
    this.#pairs = Array.from(text.matchAll(PAIR), ({ index }) => index);
  }

  /** The place of an offset in UTF-16 units; one outside of the text is its nearest end. */
  at(offset: number): Place {
    const within = Math.max(this.#lines[0] ?? 0, Math.min(offset, this.#length));
    const line = countUntil(this.#lines, within);
    const start = this.#lines[line - 1] ?? 0;
    const pairs = countUntil(this.#pairs, within - 1) - countUntil(this.#pairs, start - 1);
    return { line, column: within - start - pairs + 1 };
  }
}

/** How many of the numbers, which ascend, are at most that. */
function countUntil(numbers: readonly number[], most: number): number {
  let from = 0;
  let to = numbers.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((numbers[middle] ?? 0) <= most) from = middle + 1;
    else to = middle;
  }
  return from;
}
