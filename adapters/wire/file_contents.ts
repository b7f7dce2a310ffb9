import { setImmediate as nextTurn } from "node:timers/promises";
import { DomainError, type FieldFault } from "../../domain/errors.ts";
import type { InputFile, OutputFile } from "../../domain/execution/files.ts";
import type { ENCODINGS, WireExecution, WireInputFile } from "./schemas.ts";

interface EncodedContent {
  readonly content: string;
  readonly encoding: (typeof ENCODINGS)[number];
}

/**
 * What is worked on in one turn of the event loop, at most two milliseconds: bytes or UTF-16 units, a
 * multiple of three and of four.
 */
const PIECE_LENGTH = 196_608;

/** Lets the event loop have its turns between the pieces of one work, of however many contents. */
class Turns {
  #worked = 0;

  /** To be awaited before work on so many bytes or UTF-16 units. */
  async before(length: number): Promise<void> {
    const isTooMuch = this.#worked + length > PIECE_LENGTH;
    this.#worked = isTooMuch ? length : this.#worked + length;
    if (isTooMuch) await nextTurn();
  }
}

const MAX_FAULTS = 20;
const BASE64 = "base64 with '+', '/' and its padding, without spaces";

/**
 * The files of a request as the domain has them.
 *
 * @throws {DomainError} `validation_failed` naming every content that is not of its encoding.
 */
export async function decodeContents(files: readonly WireInputFile[]): Promise<InputFile[]> {
  const faults: FieldFault[] = [];
  const decoded: InputFile[] = [];
  const turns = new Turns();
  for (const [at, { path, content: text, encoding }] of files.entries()) {
    const content = await decodeContent(text, encoding, turns);
    if (content !== null) decoded.push({ path, content });
    else faults.push(faultOf(`/files/${at}/content`, text));
  }
  if (faults.length === 0) return decoded;
  throw new DomainError({ code: "validation_failed", errors: faults.slice(0, MAX_FAULTS) });
}

function faultOf(pointer: string, { length }: string): FieldFault {
  const found = `a string of ${length} character${length === 1 ? "" : "s"}`;
  return { pointer, expected: BASE64, found };
}

/** What a text means; `null` when it is not of its encoding. */
async function decodeContent(
  text: string,
  encoding: EncodedContent["encoding"],
  turns: Turns,
): Promise<Uint8Array | null> {
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < text.length;) {
    const end = endOfPiece(text, start);
    await turns.before(end - start);
    const piece = text.slice(start, end);
    const bytes = encoding === "utf-8"
      ? new TextEncoder().encode(piece)
      : bytesOfBase64(piece, end === text.length);
    if (bytes === null) return null;
    pieces.push(bytes);
    start = end;
  }
  return joined(pieces);
}

/** The halves of a surrogate pair stay together. */
function endOfPiece(text: string, start: number): number {
  const end = Math.min(text.length, start + PIECE_LENGTH);
  const isPair = end < text.length && (text.codePointAt(end - 1) ?? 0) > 0xffff;
  return isPair ? end - 1 : end;
}

/** `null` for what is not canonical: foreign characters, spaces, missing or stray padding. */
function bytesOfBase64(text: string, isLast: boolean): Uint8Array | null {
  const padding = isLast ? /={0,2}$/.exec(text)?.[0].length ?? 0 : 0;
  try {
    const bytes = Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
    return bytes.length === text.length / 4 * 3 - padding ? bytes : null;
  } catch {
    return null;
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Files as an answer has them: as text where they are UTF-8, else in base64. */
export async function encodeFiles(files: readonly OutputFile[]): Promise<WireExecution["files"]> {
  const encoded: WireExecution["files"] = [];
  const turns = new Turns();
  for (const { path, content } of files) {
    encoded.push({ path, ...await encodeContent(content, turns), size: content.length });
  }
  return encoded;
}

async function encodeContent(bytes: Uint8Array, turns: Turns): Promise<EncodedContent> {
  const text = await textOf(bytes, turns);
  if (text !== null) return { content: text, encoding: "utf-8" };
  let content = "";
  for (let at = 0; at < bytes.length; at += PIECE_LENGTH) {
    const piece = bytes.subarray(at, at + PIECE_LENGTH);
    await turns.before(piece.length);
    content += piece.toBase64();
  }
  return { content, encoding: "base64" };
}

/** `null` for what is not UTF-8. */
async function textOf(bytes: Uint8Array, turns: Turns): Promise<string | null> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  try {
    for (let at = 0; at < bytes.length; at += PIECE_LENGTH) {
      const piece = bytes.subarray(at, at + PIECE_LENGTH);
      await turns.before(piece.length);
      text += decoder.decode(piece, { stream: true });
    }
    return text + decoder.decode();
  } catch {
    return null;
  }
}
