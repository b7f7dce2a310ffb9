import { NobodyReads, Patience } from "../wire/patience.ts";

/** What is handed over at a time: what a reader does not take is held once for each answer. */
const PIECE_BYTES = 64 * 1024;

/**
 * A body that is the same in every answer. It is encoded once and handed over in pieces, each when the
 * one before it was taken: readers who take nothing cost a piece each, and not for long.
 */
export class SharedBody {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #type: string;

  constructor(text: string, contentType: string) {
    this.#bytes = new TextEncoder().encode(text);
    this.#type = contentType;
  }

  /** A new answer with it. */
  answer(): Response {
    return new Response(this.#stream(), {
      headers: { "content-type": this.#type, "content-length": String(this.#bytes.length) },
    });
  }

  #stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const bytes = this.#bytes;
    let at = 0;
    let patience: Patience;
    return new ReadableStream({
      start(controller) {
        const over = () => controller.error(new NobodyReads());
        patience = new Patience(() => PIECE_BYTES, over);
        patience.wait();
      },
      pull(controller) {
        patience.stop();
        if (at >= bytes.length) return controller.close();
        controller.enqueue(bytes.subarray(at, at + PIECE_BYTES));
        at += PIECE_BYTES;
        patience.wait();
      },
      cancel: () => patience.stop(),
    }, { highWaterMark: 0 });
  }
}
