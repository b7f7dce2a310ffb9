const LINE_FEED = 0x0a;

/** A line without its break, or why it cannot be read. */
export type Line =
  | { readonly text: string }
  | { readonly fault: "too_long" | "not_utf8" };

/**
 * The lines of a stream of bytes. One of more than `mostBytes` is dropped as it arrives, and said. What
 * stands after the last break is no line: whoever wrote it was cut off.
 */
export async function* readLines(
  input: ReadableStream<Uint8Array>,
  mostBytes: number,
): AsyncGenerator<Line, void> {
  const line = new PartialLine(mostBytes);
  for await (const chunk of input) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
      line.add(chunk.subarray(from, at));
      yield line.end();
      from = at + 1;
    }
    line.add(chunk.subarray(from));
  }
}

/** What has arrived of a line. */
class PartialLine {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #mostBytes: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  add(piece: Uint8Array): void {
    this.#bytes += piece.length;
    if (this.#bytes > this.#mostBytes) this.#pieces = [];
    else this.#pieces.push(piece);
  }

  /** The whole line; the next one begins. */
  end(): Line {
    const [pieces, bytes] = [this.#pieces, this.#bytes];
    [this.#pieces, this.#bytes] = [[], 0];
    if (bytes > this.#mostBytes) return { fault: "too_long" };
    const whole = new Uint8Array(bytes);
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    try {
      return { text: this.#decoder.decode(whole) };
    } catch {
      return { fault: "not_utf8" };
    }
  }
}
