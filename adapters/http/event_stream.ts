import { LongTexts } from "../wire/long_texts.ts";
import { charactersIn, NobodyReads, Patience } from "../wire/patience.ts";

/** How long a stream may be silent before it says that it lives. */
const HEARTBEAT_MS = 10_000;
const HEARTBEAT = ": keep-alive\n\n";

/** The headers of an answer of events. */
export const EVENT_STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  // Some proxies would keep events back until there are many.
  "x-accel-buffering": "no",
};

interface Event {
  readonly name: string;
  readonly data: object;
  readonly taken: () => void;
}

/** Server-sent events: made only as fast as their reader takes them. */
export class EventStream {
  /** The events as the body of an answer. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #left = new AbortController();
  readonly #events: Event[] = [];
  readonly #encoder = new TextEncoder();
  #patience: Patience | undefined;
  #ended = false;
  #wake: () => void = () => {};

  constructor(heartbeatMs = HEARTBEAT_MS) {
    const chunks = this.#chunks(heartbeatMs);
    this.body = new ReadableStream({
      start: (controller) => {
        this.#patience = new Patience(() => charactersIn(this.#events), () => {
          controller.error(new NobodyReads());
          this.#leave();
        });
      },
      pull: async (controller) => {
        this.#patience?.stop();
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
        if (done || !this.#ended) this.#patience?.stop();
        else this.#patience?.wait();
      },
      cancel: () => {
        this.#patience?.stop();
        this.#leave();
      },
    }, { highWaterMark: 0 });
  }

  /** Aborted when the reader leaves. */
  get left(): AbortSignal {
    return this.#left.signal;
  }

  /** Sends an event after those before it; resolves once its reader has taken it. */
  send(name: string, data: object): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#events.push({ name, data, taken: resolve });
    this.#wake();
    return promise;
  }

  /** Closes the stream once everything has been sent; its reader then has to take that soon. */
  end(): void {
    this.#ended = true;
    this.#wake();
    if (!this.left.aborted) this.#patience?.wait();
  }

  #leave(): void {
    this.#left.abort();
    this.#events.length = 0;
    this.#ended = true;
    this.#wake();
  }

  async *#chunks(heartbeatMs: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    while (!this.left.aborted) {
      const event = this.#events.shift();
      if (event !== undefined) {
        yield* this.#frame(event);
        event.taken();
      } else if (this.#ended) {
        return;
      } else if (!await this.#news(heartbeatMs)) {
        yield this.#encoder.encode(HEARTBEAT);
      }
    }
  }

  /** Waits for the next event or the end; whether there is one before a heartbeat is due. */
  async #news(heartbeatMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const late = setTimeout(() => resolve(false), heartbeatMs);
    this.#wake = () => resolve(true);
    try {
      return await promise;
    } finally {
      clearTimeout(late);
    }
  }

  /** JSON has no line breaks of its own, so an event is one line of data. */
  async *#frame({ name, data }: Event): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    const json = new LongTexts().body(data);
    if (typeof json === "string") {
      yield this.#encoder.encode(`event: ${name}\ndata: ${json}\n\n`);
      return;
    }
    yield this.#encoder.encode(`event: ${name}\ndata: `);
    yield* json;
    yield this.#encoder.encode("\n\n");
  }
}
