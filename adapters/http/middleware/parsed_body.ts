import { setImmediate as nextTurn } from "node:timers/promises";
import { TransportError } from "../../wire/problem.ts";

/** Bytes that are decoded in one turn of the event loop. */
const PIECE_BYTES = 256 * 1024;

type Parse = (text: string) => unknown;

/**
 * The value of a JSON body. It is parsed in as many pieces as `cuts` makes of it, each in a turn of the
 * event loop; they are offsets of commas between items of lists that the outermost object holds.
 *
 * What is put where a piece is cut lets it be parsed only where the whole could be: a wrong cut, or a
 * body that is wrong at one, is refused and never read otherwise.
 *
 * @throws {TransportError} `malformed_json`.
 */
export async function parsedBody(
  bytes: Uint8Array,
  cuts: readonly number[],
  parse: Parse,
): Promise<unknown> {
  if (cuts.length > 0) return await new Pieces(bytes, cuts, parse).joined();
  const text = await decoded(bytes, false);
  if (text === "") throw malformed("it is empty");
  return parsed(text, parse, 0);
}

class Pieces {
  readonly #bytes: Uint8Array;
  readonly #cuts: readonly number[];
  readonly #parse: Parse;
  /** In no body by chance: it marks the list that a piece breaks off in, and the one that it goes on with. */
  readonly #mark: string = crypto.randomUUID();

  constructor(bytes: Uint8Array, cuts: readonly number[], parse: Parse) {
    this.#bytes = bytes;
    this.#cuts = cuts;
    this.#parse = parse;
  }

  async joined(): Promise<object> {
    const whole: Record<string, unknown> = {};
    let open: unknown[] = [];
    let characters = 0;
    for (let at = 0; at <= this.#cuts.length; at += 1) {
      if (at > 0) await nextTurn();
      const { text, value } = await this.#piece(at, characters);
      characters += text + 1;
      for (const [key, member] of Object.entries(value)) {
        if (key === this.#mark) append(open, member as unknown[]);
        else set(whole, key, member);
      }
      open = this.#brokenOff(whole);
    }
    return whole;
  }

  /** A piece's value, and how many characters it has. */
  async #piece(at: number, before: number): Promise<{ text: number; value: object }> {
    const start = at === 0 ? 0 : (this.#cuts[at - 1] ?? 0) + 1;
    const end = this.#cuts[at];
    const text = await decoded(this.#bytes.subarray(start, end), at > 0);
    const head = at === 0 ? "" : `{"${this.#mark}":[0,`;
    const tail = end === undefined ? "" : `,"${this.#mark}"]}`;
    const value = parsed(head + text + tail, this.#parse, before - head.length);
    return { text: text.length, value: value as object };
  }

  /** The list in which the last piece broke off. */
  #brokenOff(whole: Readonly<Record<string, unknown>>): unknown[] {
    for (const list of Object.values(whole)) {
      if (!Array.isArray(list) || list.at(-1) !== this.#mark) continue;
      list.pop();
      return list;
    }
    return [];
  }
}

function append(list: unknown[], [, ...items]: readonly unknown[]): void {
  for (const item of items) list.push(item);
}

/** As JSON has it: a key that is there is replaced, and `__proto__` is a key like any other. */
function set(object: object, key: string, value: unknown): void {
  const options = { enumerable: true, writable: true, configurable: true };
  Object.defineProperty(object, key, { ...options, value });
}

function parsed(text: string, parse: Parse, offset: number): unknown {
  try {
    return parse(text);
  } catch (cause) {
    // The parser's own message repeats a part of the body: only its position is passed on.
    const position = cause instanceof Error ? /position (\d+)/.exec(cause.message)?.[1] : undefined;
    throw malformed(
      position === undefined
        ? "it is not JSON"
        : `it is not JSON at position ${Number(position) + offset}`,
    );
  }
}

/** A long text takes a turn of the event loop for each piece. */
async function decoded(bytes: Uint8Array, ignoreBOM: boolean): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM });
  let text = "";
  try {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      if (at > 0) await nextTurn();
      text += decoder.decode(bytes.subarray(at, at + PIECE_BYTES), { stream: true });
    }
    return text + decoder.decode();
  } catch (cause) {
    throw new TransportError({ code: "malformed_json", reason: "it is not UTF-8" }, { cause });
  }
}

function malformed(reason: string): TransportError {
  return new TransportError({ code: "malformed_json", reason });
}
