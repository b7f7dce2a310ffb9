import { MAX_ANSWER_BYTES, MAX_ANSWER_VALUES } from "../../domain/graph/answer_bounds.ts";

/** In the answer each property is one value, on the wire its name stands beside it. */
const MOST_ITEMS = 2 * MAX_ANSWER_VALUES;

/** Bytes after a marker of PackStream that hold a number, in big endian; none for what is not here. */
const SIZE_BYTES: Readonly<Record<number, number>> = {
  ...{ 0xcc: 1, 0xcd: 2, 0xce: 4 },
  ...{ 0xd0: 1, 0xd1: 2, 0xd2: 4 },
  ...{ 0xd4: 1, 0xd5: 2, 0xd6: 4 },
  ...{ 0xd8: 1, 0xd9: 2, 0xda: 4 },
  ...{ 0xdc: 1, 0xdd: 2 },
};
/** Bytes of what has one size: a float, integers. */
const FIXED_BYTES: Readonly<Record<number, number>> = {
  ...{ 0xc1: 8, 0xc8: 1, 0xc9: 2, 0xca: 4, 0xcb: 8 },
};

/** Records with so many bytes of text or fewer do not add up: it is values that take long. */
const SMALL_BYTES = 65_536;

/** What a bound of an answer is over, in the words of the answer's own. */
export type Excess = "bytes" | "values";

/**
 * How much is in the records of a result: values, and the bytes of texts. It is told from their
 * markers as their bytes come: nothing is decoded, what texts hold is passed over, and a list or a map
 * counts in full where its size is given.
 */
export class RecordSize {
  #items = 0;
  #bytes = 0;
  /** Those of the records before. */
  #before = 0;
  #over: Excess | null = null;
  /** Bytes to pass over. */
  #skip = 0;
  /** The marker whose size is being read, the bytes of it to come, and what there is of it. */
  #marker = 0;
  #due = 0;
  #size = 0;

  /** What they are larger than, by what has come of them; `null` while they are within the bounds. */
  get over(): Excess | null {
    return this.#over;
  }

  /** What comes next is another record. */
  endRecord(): void {
    if (this.#bytes - this.#before <= SMALL_BYTES) this.#bytes = this.#before;
    this.#before = this.#bytes;
  }

  /** Goes through the next `length` bytes. */
  add(byteAt: (at: number) => number, length: number): void {
    let at = 0;
    while (at < length && this.#over === null) {
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, length - at);
        this.#skip -= passed;
        at += passed;
      } else {
        this.#take(byteAt(at));
        at += 1;
      }
    }
  }

  #take(byte: number): void {
    if (this.#due === 0) return this.#begin(byte);
    this.#size = this.#size * 256 + byte;
    this.#due -= 1;
    if (this.#due === 0) this.#sized(this.#marker, this.#size);
  }

  #begin(marker: number): void {
    this.#count("values", 1);
    const high = marker & 0xf0;
    if (high === 0x80) return this.#text(marker & 0x0f);
    // A structure's signature stands before what is in it.
    if (high === 0xb0) this.#skip = 1;
    this.#skip += FIXED_BYTES[marker] ?? 0;
    this.#due = SIZE_BYTES[marker] ?? 0;
    this.#marker = marker;
    this.#size = 0;
  }

  #sized(marker: number, size: number): void {
    if (marker < 0xd4) return this.#text(size);
    if (marker >= 0xdc) this.#skip = 1;
    const isMap = marker >= 0xd8 && marker < 0xdc;
    // They are counted one by one as they come.
    if (this.#items + (isMap ? 2 : 1) * size > MOST_ITEMS) this.#over = "values";
  }

  #text(length: number): void {
    this.#skip = length;
    this.#count("bytes", length);
  }

  #count(of: Excess, more: number): void {
    if (of === "values") this.#items += more;
    else this.#bytes += more;
    if (this.#items > MOST_ITEMS) this.#over = "values";
    if (this.#bytes > MAX_ANSWER_BYTES) this.#over = "bytes";
  }
}
