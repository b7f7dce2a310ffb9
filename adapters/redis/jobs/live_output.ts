import { Buffer } from "node:buffer";
import { MOST_LIVE_BYTES, PIECE_BYTES } from "./scripts.ts";

/** What a program wrote. */
export type Piece = readonly [stream: "stdout" | "stderr", text: string];

/** The last pieces that are kept at all, the first of them perhaps cut, and how many bytes stood before. */
export function newestOf(
  pieces: readonly Piece[],
): { readonly omitted: number; readonly newest: readonly Piece[] } {
  let [room, omitted] = [MOST_LIVE_BYTES, 0];
  const newest: Piece[] = [];
  for (const [stream, text] of pieces.toReversed()) {
    const bytes = Buffer.byteLength(text);
    room -= PIECE_BYTES;
    const kept = bytes <= room ? text : lastOf(text, room);
    // Nothing older than what has been cut: those who watch would hear of one gap only.
    room = kept === text ? room - bytes : 0;
    omitted += bytes - Buffer.byteLength(kept);
    if (kept !== "") newest.push([stream, kept]);
  }
  return { omitted, newest: newest.reverse() };
}

/** The end of a text, cut between characters: at most so many bytes of UTF-8. */
function lastOf(text: string, most: number): string {
  const bytes = Buffer.from(text);
  let from = Math.max(0, bytes.length - Math.max(0, most));
  while (from < bytes.length && ((bytes[from] ?? 0) & 0xc0) === 0x80) from += 1;
  return bytes.toString("utf8", from);
}
