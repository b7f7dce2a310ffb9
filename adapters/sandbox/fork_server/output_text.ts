import { setImmediate as nextTurn } from "node:timers/promises";

/** Bytes that are decoded in one turn of the event loop: a millisecond or two when none is UTF-8. */
const PIECE_BYTES = 262_144;

/** What a program wrote, as text; bytes that are no UTF-8 become U+FFFD. Only for short outputs. */
export function textOf(bytes: Uint8Array): string {
  return newDecoder().decode(bytes);
}

/** What {@link textOf} gives; long outputs take a turn of the event loop for each piece. */
export function textInTurns(bytes: Uint8Array): string | Promise<string> {
  return bytes.length <= PIECE_BYTES ? textOf(bytes) : inPieces(bytes);
}

async function inPieces(bytes: Uint8Array): Promise<string> {
  const decoder = newDecoder();
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    text += decoder.decode(bytes.subarray(at, at + PIECE_BYTES), { stream: true });
    await nextTurn();
  }
  return text + decoder.decode();
}

/** A decoder of what programs write. */
export function newDecoder(): TextDecoder {
  return new TextDecoder("utf-8", { ignoreBOM: true });
}
