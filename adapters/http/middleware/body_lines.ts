import { type BodyPace, BodyWatch } from "./body_pace.ts";
import { uncutBody } from "./json_body.ts";
import { MemberCount } from "./member_count.ts";

/** A line of a body, or why it cannot be one. */
export type BodyLine =
  & {
    /** From 1. */
    readonly number: number;
    /** In bytes. */
    readonly size: number;
  }
  & (
    | { readonly text: string }
    | { readonly fault: { readonly expected: string; readonly found: string } }
  );

/** The bounds of lines. */
export interface LineBounds {
  readonly maxLineBytes: number;
  readonly pace: BodyPace;
}

/** Keys and items, and levels, of a line's JSON. */
const MAX_MEMBERS = 20_000;
const MAX_DEPTH = 64;

const LINE_FEED = 0x0a;

/**
 * The lines of a body while it comes, empty ones left out, as slowly as they are taken. After a line that
 * cannot be one there is no other.
 *
 * @throws {DomainError} `cancelled` where it breaks off; {TransportError} `body_too_slow`.
 */
export async function* bodyLines(request: Request, bounds: LineBounds): AsyncGenerator<BodyLine> {
  if (request.body === null) return;
  using watch = new BodyWatch(bounds.pace);
  const line = new OpenLine(bounds.maxLineBytes);
  for await (const chunk of uncutBody(request.body, watch)) {
    watch.arrived(chunk.length);
    for (let start = 0; start < chunk.length;) {
      const found = chunk.indexOf(LINE_FEED, start);
      const end = found === -1 ? chunk.length : found;
      line.add(chunk.subarray(start, end));
      const done = line.isTooLarge || found !== -1 ? line.take() : null;
      if (done !== null) yield done;
      if (done !== null && "fault" in done) return;
      start = end + 1;
    }
  }
  const last = line.take();
  if (last !== null) yield last;
}

/** A line that is still coming. */
class OpenLine {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #size = 0;
  #members = new MemberCount();
  #count = 0;
  #number = 1;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isTooLarge(): boolean {
    return this.#size > this.#maxBytes || this.#count > MAX_MEMBERS ||
      this.#members.deepest > MAX_DEPTH;
  }

  add(part: Uint8Array): void {
    this.#parts.push(part);
    this.#size += part.length;
    this.#count = this.#members.add(part);
  }

  /** The line as it stands, and a new one begun; `null` for an empty one. */
  take(): BodyLine | null {
    const line = { number: this.#number, size: this.#size };
    const content = this.isTooLarge ? this.#fault() : textOf(this.#parts);
    this.#parts = [];
    this.#size = 0;
    this.#members = new MemberCount();
    this.#count = 0;
    this.#number += 1;
    return "text" in content && content.text.trim() === "" ? null : { ...line, ...content };
  }

  #fault() {
    const expected =
      `a line of at most ${this.#maxBytes} bytes, ${MAX_MEMBERS} keys and items, and ` +
      `${MAX_DEPTH} levels`;
    return { fault: { expected, found: "more" } };
  }
}

function textOf(parts: readonly Uint8Array[]) {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    const text = parts.map((part) => decoder.decode(part, { stream: true })).join("");
    return { text: text + decoder.decode() };
  } catch {
    return { fault: { expected: "a line of UTF-8", found: "other bytes" } };
  }
}
