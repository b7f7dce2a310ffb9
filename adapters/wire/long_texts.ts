import { setImmediate as nextTurn } from "node:timers/promises";
import { escapeJsonText } from "./json.ts";
import { charactersIn, NobodyReads, Patience } from "./patience.ts";

/** A longer text is written in pieces of this many UTF-16 units, each of which grows sixfold at most. */
const PIECE_LENGTH = 65_536;

/** Texts up to this length are never held back, others only while they take no more room than a piece. */
const SHORT_LENGTH = 256;

/** So much is sent before others have a turn of the event loop. */
const TURN_LENGTH = PIECE_LENGTH / 4;

const INDEX_DIGITS = 5;
const MOST_TEXTS = 10 ** INDEX_DIGITS;

/** What becomes of an answer's reader. */
export interface ReaderFate {
  /** It has taken everything. */
  readonly done: () => void;
  /** It has left before, or takes nothing any more: then the reason is {@link NobodyReads}. */
  readonly left: (reason: unknown) => void;
}

interface Held {
  readonly text: string;
  /** Set for a text that is sent only once. */
  readonly taken?: () => void;
}

/**
 * Keeps long texts out of a JSON text while that is made, and puts them in where it is sent, piece by
 * piece: making megabytes of JSON at once would stop the event loop for seconds.
 *
 * What is sent is the same as if nothing had been held back.
 */
export class LongTexts {
  // The texts in between are anyone's: none of them can have a mark in it that is made by chance.
  readonly #mark: string = crypto.randomUUID();
  readonly #texts: Held[] = [];
  #room = PIECE_LENGTH;
  #size = 0;
  #isRead = true;

  /** How many characters are held in all. */
  get size(): number {
    return this.#size;
  }

  /** The text itself when it is short and not one of too many; else what stands for it in the JSON text. */
  hold(text: string): string {
    const fits = text.length <= Math.max(SHORT_LENGTH, this.#room);
    if (fits || this.#texts.length === MOST_TEXTS) {
      this.#room -= text.length;
      return text;
    }
    return this.#hold({ text });
  }

  /** What stands for a text that is sent once, and when its reader has taken it, or has gone. */
  follow(text: string): { readonly mark: string; readonly taken: Promise<void> } {
    const isFull = this.#texts.length === MOST_TEXTS;
    if (isFull || !this.#isRead) return { mark: text, taken: Promise.resolve() };
    const { promise, resolve } = Promise.withResolvers<void>();
    return { mark: this.#hold({ text, taken: resolve }), taken: promise };
  }

  #hold(held: Held): string {
    this.#texts.push(held);
    this.#size += held.text.length;
    return this.#mark + String(this.#texts.length - 1).padStart(INDEX_DIGITS, "0");
  }

  /** The JSON text of a value, inert, as the body of an answer. */
  body(value: object): string | ReadableStream<Uint8Array<ArrayBuffer>> {
    const json = JSON.stringify(
      value,
      (_key, member: unknown) => typeof member === "string" ? this.hold(member) : member,
    );
    if (this.#texts.length === 0) return escapeJsonText(json);
    return this.fill(ReadableStream.from([json]));
  }

  /**
   * JSON text, in chunks of any length, with the texts put in and without live markup. Another stream
   * may go on where its reader was lost. `gone` is aborted where somebody else notices that the reader
   * has left; once all is sent, it means nothing.
   */
  fill(
    chunks: ReadableStream<string | Uint8Array>,
    fate?: ReaderFate,
    gone?: AbortSignal,
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    const reader = chunks.getReader();
    const pieces = this.#filled(reader);
    const encoder = new TextEncoder();
    let patience: Patience;
    let hasLeft = false;
    let sent = 0;
    this.#isRead = true;
    const leave = (reason: unknown) => {
      hasLeft = true;
      patience.stop();
      gone?.removeEventListener("abort", hear);
      this.#lose();
      fate?.left(reason);
      return reader.cancel(reason);
    };
    let hear: () => void = () => {};
    return new ReadableStream({
      start: (controller) => {
        patience = new Patience(() => charactersIn(this.#texts), () => {
          const nobody = new NobodyReads();
          controller.error(nobody);
          this.#lose();
          this.#texts.length = 0;
          leave(nobody).catch(() => {});
        });
        patience.wait();
        hear = () => {
          controller.error(gone?.reason);
          leave(gone?.reason).catch(() => {});
        };
        gone?.addEventListener("abort", hear, { once: true });
        if (gone?.aborted) hear();
      },
      async pull(controller) {
        patience.stop();
        if (sent >= TURN_LENGTH) await nextTurn();
        if (sent >= TURN_LENGTH) sent = 0;
        const { done, value } = await pieces.next();
        if (hasLeft) return;
        if (done) {
          gone?.removeEventListener("abort", hear);
          fate?.done();
          return controller.close();
        }
        sent += value.length;
        controller.enqueue(encoder.encode(value));
        // That a reader has gone may show only when there is something for it.
        if (!hasLeft) patience.wait();
      },
      cancel: leave,
    }, { highWaterMark: 0 });
  }

  /** Nobody takes what was to be sent once: whoever waits for that goes on. */
  #lose(): void {
    this.#isRead = false;
    for (const index of this.#texts.keys()) this.#sent(index);
  }

  async *#filled(
    reader: ReadableStreamDefaultReader<string | Uint8Array>,
  ): AsyncGenerator<string, void> {
    const decoder = new TextDecoder();
    let rest = "";
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const { value } = read;
      const text = rest +
        (typeof value === "string" ? value : decoder.decode(value, { stream: true }));
      const end = this.#endOfWhole(text);
      rest = text.slice(end);
      yield* this.#pieces(text.slice(0, end));
    }
    if (rest !== "") yield escapeJsonText(rest);
  }

  /** Where a mark begins that the next chunk may go on with; the text's end when there is none. */
  #endOfWhole(text: string): number {
    const { length } = this.#mark;
    for (let at = Math.max(0, text.length - length - INDEX_DIGITS + 1); at < text.length; at += 1) {
      if (this.#mark.startsWith(text.slice(at, at + length))) return at;
    }
    return text.length;
  }

  *#pieces(json: string): Generator<string, void> {
    const [head = "", ...tails] = json.split(this.#mark);
    if (head !== "") yield escapeJsonText(head);
    for (const tail of tails) {
      yield* this.#take(Number(tail.slice(0, INDEX_DIGITS)));
      if (tail.length > INDEX_DIGITS) yield escapeJsonText(tail.slice(INDEX_DIGITS));
    }
  }

  *#take(index: number): Generator<string, void> {
    const held = this.#texts[index];
    if (held === undefined) return;
    yield* insides(held.text);
    // Its reader asks for more: it has this one.
    this.#sent(index);
  }

  /** Lets go of a text that is sent only once. */
  #sent(index: number): void {
    const held = this.#texts[index];
    if (held?.taken === undefined) return;
    this.#texts[index] = { text: "" };
    this.#size -= held.text.length;
    held.taken();
  }
}

/** What stands between the quotes of a text's JSON form, in pieces. */
function* insides(text: string): Generator<string, void> {
  let start = 0;
  while (start < text.length) {
    const end = endOfPiece(text, start);
    yield escapeJsonText(JSON.stringify(text.slice(start, end)).slice(1, -1));
    start = end;
  }
}

/** The halves of a surrogate pair stay together: each alone is written as an escape. */
function endOfPiece(text: string, start: number): number {
  const end = start + PIECE_LENGTH;
  const isPair = end < text.length && (text.codePointAt(end - 1) ?? 0) > 0xffff;
  return isPair ? end - 1 : end;
}
