import { setImmediate as nextTurn } from "node:timers/promises";
import { charactersIn, NobodyReads, Patience } from "../wire/patience.ts";

/** UTF-16 units that are sent at once. */
const CHUNK_LENGTH = 65_536;

/**
 * Pieces of text as the body of an answer, asked for only as fast as they are read. Resolves when the
 * first chunk is there. No more are asked for once the reader has left, or takes nothing for too long.
 * `held` is what they are made of, as far as that is kept for this reader alone.
 */
export async function pieceStream(
  pieces: AsyncGenerator<string>,
  held: readonly string[] = [],
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  let ready: string | null = await chunkOf(pieces);
  const encoder = new TextEncoder();
  let patience: Patience;
  let hasLeft = false;
  return new ReadableStream({
    start: (controller) => {
      patience = new Patience(() => CHUNK_LENGTH + charactersIn(held), () => {
        controller.error(new NobodyReads());
        leave(pieces);
      });
      patience.wait();
    },
    async pull(controller) {
      patience.stop();
      if (ready === null) return controller.close();
      controller.enqueue(encoder.encode(ready));
      await nextTurn();
      ready = await chunkOf(pieces);
      // Nobody is waited for who left in between.
      if (!hasLeft) patience.wait();
    },
    cancel: () => {
      hasLeft = true;
      patience.stop();
      leave(pieces);
    },
  }, { highWaterMark: 0 });
}

/** The next pieces together; `null` at the end. */
async function chunkOf(pieces: AsyncGenerator<string>): Promise<string | null> {
  let chunk = "";
  while (chunk.length < CHUNK_LENGTH) {
    const { done, value } = await pieces.next();
    if (done) break;
    chunk += value;
  }
  return chunk === "" ? null : chunk;
}

/** What fails once nobody reads is told to nobody. */
function leave(pieces: AsyncGenerator<string>): void {
  pieces.return(undefined).catch(() => {});
}
