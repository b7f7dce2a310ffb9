import { DomainError } from "../errors.ts";

/** What an answer takes at most: its texts and its columns' names, and each other value as some bytes. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** Values in an answer at most: lists, maps, nodes and so on, and each thing in them. */
export const MAX_ANSWER_VALUES = 200_000;

/** What a value takes that is no text, about as much as it does as JSON. */
const SCALAR_BYTES = 8;

/**
 * How large an answer grows, row by row, before anything is made of its rows: whoever passes them on holds
 * up others meanwhile.
 */
export class AnswerSize {
  #bytes = 0;
  #values = 0;

  /**
   * Adds a row, which names its columns, as it does in the end.
   *
   * @throws {DomainError} `query_invalid` for an answer that has become too large.
   */
  addRow(columns: readonly string[], row: readonly unknown[]): void {
    columns.forEach((name, at) => {
      this.#addText(name);
      this.#add(row[at]);
    });
  }

  /** Goes through what is within by a list of what is left: it may be nested without end. */
  #add(value: unknown): void {
    const left = [value];
    while (left.length > 0) {
      const next = left.pop();
      this.#values += 1;
      if (typeof next === "string") this.#addText(next);
      else this.#addBytes(SCALAR_BYTES);
      if (typeof next === "object" && next !== null) this.#open(next, left);
    }
  }

  #addText(text: string): void {
    this.#addBytes(text.length > MAX_ANSWER_BYTES ? text.length : byteLength(text));
  }

  #open(value: object, left: unknown[]): void {
    if (ArrayBuffer.isView(value)) {
      this.#values += value.byteLength;
      this.#addBytes(SCALAR_BYTES * value.byteLength);
      return;
    }
    const isList = Array.isArray(value);
    const inner: readonly unknown[] = isList ? value : Object.values(value);
    if (inner.length > MAX_ANSWER_VALUES) this.#values += inner.length;
    this.#ensure();
    for (const item of inner) left.push(item);
    if (!isList) { for (const name of Object.keys(value)) this.#addText(name); }
  }

  #addBytes(count: number): void {
    this.#bytes += count;
    this.#ensure();
  }

  #ensure(): void {
    if (this.#bytes > MAX_ANSWER_BYTES) throw tooLarge("bytes");
    if (this.#values > MAX_ANSWER_VALUES) throw tooLarge("values");
  }
}

const encoder = new TextEncoder();
const room = new Uint8Array(4096);

/** The bytes of a text in UTF-8. */
function byteLength(text: string): number {
  if (3 * text.length <= room.length) return encoder.encodeInto(text, room).written;
  return encoder.encode(text).length;
}

/** What is said of an answer that is larger than one of its bounds. */
export function tooLargeAnswer(bound: "bytes" | "values"): string {
  const most = bound === "bytes" ? MAX_ANSWER_BYTES : MAX_ANSWER_VALUES;
  return `expected an answer of at most ${most} ${bound}, found a larger one. ` +
    "Return less: fewer rows by LIMIT, or single properties in the place of whole nodes";
}

function tooLarge(bound: "bytes" | "values"): DomainError {
  const message = tooLargeAnswer(bound);
  return new DomainError({ code: "query_invalid", message, line: null, column: null });
}
