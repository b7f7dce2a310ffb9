/** A page of WebAssembly's memory, in bytes. */
const PAGE_BYTES = 65_536;

const [HEADER_BYTES, MEMORY_SECTION] = [8, 5];

/**
 * A module whose one memory grows to so many bytes and no further, whatever its maker has said. What it
 * then asks for in vain it takes for the end of all memory.
 *
 * @throws {Error} when it has no memory of its own, or not one.
 */
export function withMemoryLimit(module: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> {
  const reader = new Reader(module);
  reader.at = HEADER_BYTES;
  while (reader.at < module.length) {
    const start = reader.at;
    const section = reader.byte();
    const length = reader.number();
    const end = reader.at + length;
    if (section === MEMORY_SECTION) {
      const body = limited(reader, Math.floor(bytes / PAGE_BYTES));
      return joined([
        module.subarray(0, start),
        Uint8Array.of(MEMORY_SECTION, ...encoded(body.length), ...body),
        module.subarray(end),
      ]);
    }
    reader.at = end;
  }
  throw new Error("Cannot limit the module's memory: it has none");
}

/** The section's content: one memory, with a least and a most. */
function limited(reader: Reader, most: number): number[] {
  const count = reader.number();
  const flags = reader.byte();
  if (count !== 1 || flags > 1) {
    throw new Error(`Cannot limit the module's memory: found ${count} memories, flags ${flags}`);
  }
  const least = reader.number();
  return [1, 1, ...encoded(least), ...encoded(Math.max(least, most))];
}

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw new Error("Cannot limit the module's memory: it is cut off");
    this.at += 1;
    return byte;
  }

  /** A number in LEB128, unsigned. */
  number(): number {
    let value = 0;
    for (let factor = 1;; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }
}

function encoded(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value;; rest = Math.floor(rest / 128)) {
    const last = rest < 128;
    bytes.push(last ? rest : rest % 128 + 128);
    if (last) return bytes;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
