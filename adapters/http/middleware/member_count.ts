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
  /** Bytes before the chunk in hand. */
  #before = 0;
  /** Whether the outermost value is an object. */
  #inObject = false;
  /** Whether what stands at the second level is a list of that object's. */
  #inList = false;
  #sinceItem = 0;
  readonly #separator: (offset: number) => void;

  /** `separator` is told where the commas are between the items of lists that the outermost object holds. */
  constructor(separator: (offset: number) => void = () => {}) {
    this.#separator = separator;
  }

  /** Members since the last of those commas: those of one item, or of what surrounds the lists. */
  get sinceItem(): number {
    return this.#members - this.#sinceItem;
  }

  /** How deep the deepest place up to here is. */
  get deepest(): number {
    return this.#deepest;
  }

  /** Takes the next bytes; how many members there are up to here. */
  add(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length) at = this.#inString ? this.#string(chunk, at) : this.#text(chunk, at);
    this.#before += chunk.length;
    return this.#members;
  }

  /** Reads up to and over the quote that begins a string. */
  #text(chunk: Uint8Array, start: number): number {
    let members = 0;
    let at = start;
    for (; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte === QUOTE) break;
      if (byte === COMMA) {
        members += 1;
        if (this.#depth === 2 && this.#inList) this.#item(at, members);
      } else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
        members += 1;
        this.#open(byte);
      } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) this.#depth -= 1;
    }
    this.#members += members;
    this.#inString = at < chunk.length;
    return at + 1;
  }

  #open(byte: number): void {
    this.#depth += 1;
    this.#deepest = Math.max(this.#deepest, this.#depth);
    if (this.#depth === 1) this.#inObject = byte === OPENING_BRACE;
    else if (this.#depth === 2) this.#inList = this.#inObject && byte === OPENING_BRACKET;
  }

  #item(at: number, members: number): void {
    this.#sinceItem = this.#members + members;
    this.#separator(this.#before + at);
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
