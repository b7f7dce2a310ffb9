import { NobodyReads } from "../wire/patience.ts";

/** How a body ended: its last piece was taken, its reader left before that, or it broke off. */
export type BodyEnd = "taken" | "left" | "broken";

/** A body, and what becomes of it. */
export interface FollowedBody {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Never rejects. */
  readonly end: Promise<BodyEnd>;
}

/** The same body, whose end is told. */
export function followed(source: ReadableStream<Uint8Array<ArrayBuffer>>): FollowedBody {
  const { promise: end, resolve } = Promise.withResolvers<BodyEnd>();
  const reader = source.getReader();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      // At once, and not when it is asked for more: a reader that takes nothing asks no more.
      reader.closed.catch((error) => {
        resolve(error instanceof NobodyReads ? "left" : "broken");
        controller.error(error);
      });
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (!done) return controller.enqueue(value);
      resolve("taken");
      controller.close();
    },
    async cancel(reason) {
      resolve("left");
      await reader.cancel(reason);
    },
    // A queue of its own would take pieces that nobody has asked for.
  }, { highWaterMark: 0 });
  return { body, end };
}
