const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/**
 * Counts the members (items of lists, keys of objects) of a JSON text while it arrives, so that a
 * body of a million of them is refused before anything is made of it. Each opening bracket counts as
 * its first member, even where it has none. It also knows how deep the text has gone: lists and
 * objects that stand within each other, the outermost counted.
 */
export class MemberCount {
  #members = 0;
  #depth = 0;
  #deepest = 0;
  #inString = false;
  #escaped = false;

  /** How deep the deepest place up to here is. */
  get deepest(): number {
    return this.#deepest;
  }

  /** Takes the next bytes; how many members there are up to here. */
  add(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length) at = this.#inString ? this.#string(chunk, at) : this.#text(chunk, at);
    return this.#members;
  }

  /** Reads up to and over the quote that begins a string. */
  #text(chunk: Uint8Array, start: number): number {
    let members = 0;
    let at = start;
    for (; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte === QUOTE) break;
      if (byte === COMMA) members += 1;
      else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
        members += 1;
        this.#depth += 1;
        this.#deepest = Math.max(this.#deepest, this.#depth);
      } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) this.#depth -= 1;
    }
    this.#members += members;
    this.#inString = at < chunk.length;
    return at + 1;
  }

  /** Reads up to and over the quote that ends a string. */
  #string(chunk: Uint8Array, start: number): number {
    let escaped = this.#escaped;
    let at = start;
    for (; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) break;
    }
    this.#escaped = escaped;
    this.#inString = at === chunk.length;
    return at + 1;
  }
}
