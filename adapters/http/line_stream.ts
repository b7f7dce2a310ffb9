import { setImmediate as nextTurn } from "node:timers/promises";
import { NobodyReads, Patience } from "../wire/patience.ts";

/** UTF-16 units that are sent at once: no more is held for a reader that is slow. */
const CHUNK_LENGTH = 65_536;

/**
 * Lines as the body of an answer, made only as fast as they are read. Resolves when the first chunk is
 * there. Lines are not asked for any more once the reader has left, or takes nothing for too long.
 */
export async function lineStream(
  lines: AsyncGenerator<string>,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  let ready: string | null = await chunkOf(lines);
  const encoder = new TextEncoder();
  let patience: Patience;
  return new ReadableStream({
    start: (controller) => {
      patience = new Patience(() => CHUNK_LENGTH, () => {
        controller.error(new NobodyReads());
        leave(lines);
      });
      patience.wait();
    },
    async pull(controller) {
      patience.stop();
      if (ready === null) return controller.close();
      controller.enqueue(encoder.encode(ready));
      await nextTurn();
      ready = await chunkOf(lines);
      patience.wait();
    },
    cancel: () => {
      patience.stop();
      leave(lines);
    },
  }, { highWaterMark: 0 });
}

/** The next lines together; `null` at the end. */
async function chunkOf(lines: AsyncGenerator<string>): Promise<string | null> {
  let chunk = "";
  while (chunk.length < CHUNK_LENGTH) {
    const { done, value } = await lines.next();
    if (done) break;
    chunk += value;
  }
  return chunk === "" ? null : chunk;
}

/** What fails once nobody reads is told to nobody. */
function leave(lines: AsyncGenerator<string>): void {
  lines.return(undefined).catch(() => {});
}
