/** How a collector is reached by OTLP over HTTP. */
export interface OtlpOptions {
  /** The whole URL that one signal is sent to. */
  readonly url: string;
  /** Secrets, as a rule. */
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: "http/protobuf" | "http/json";
  /** How long one export may take, with all tries. */
  readonly timeoutMs: number;
  readonly compression: "none" | "gzip";
}

/** What writes a batch, for each protocol. */
export type Serializers<Batch> = {
  readonly [P in OtlpOptions["protocol"]]: {
    serializeRequest(batch: Batch): Uint8Array | undefined;
  };
};

const TYPES = {
  "http/protobuf": "application/x-protobuf",
  "http/json": "application/json",
} as const;

/** Answers after which the same export may be taken later. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;

/**
 * Sends batches of one signal to a collector, each with tries until its time is over.
 *
 * Needs leave to connect there, and nothing else: what is sent is what its options say. OpenTelemetry's own
 * exporters read the environment, and would send along the headers that are meant for another collector.
 */
export class OtlpSender<Batch> {
  readonly #options: OtlpOptions;
  readonly #serializers: Serializers<Batch>;
  readonly #ending = new AbortController();
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: OtlpOptions, serializers: Serializers<Batch>) {
    this.#options = options;
    this.#serializers = serializers;
  }

  /** Resolves when the collector has taken it; rejects with what {@link reasonOf} has words for. */
  send(batch: Batch): Promise<void> {
    const sending = this.#send(batch);
    this.#underWay.add(sending);
    const over = () => void this.#underWay.delete(sending);
    sending.then(over, over);
    return sending;
  }

  /** Resolves when nothing is on its way, and whoever has sent it knows. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** Gives up what is on its way and whatever comes; resolves like {@link settled}. */
  async end(): Promise<void> {
    this.#ending.abort(new Error("the service has stopped"));
    await this.settled();
  }

  async #send(batch: Batch): Promise<void> {
    const { protocol, compression, timeoutMs } = this.#options;
    const until = performance.now() + timeoutMs;
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#ending.signal]);
    const bytes = this.#serializers[protocol].serializeRequest(batch);
    if (bytes === undefined) throw new Error("it cannot be written");
    const body = compression === "gzip" ? await gzipped(bytes) : new Uint8Array(bytes);
    for (let pauseMs = FIRST_PAUSE_MS;; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const { status, retryAfterMs } = await this.#post(body, signal);
      if (status >= 200 && status < 300) return;
      const why = `it answered ${status}`;
      const waitMs = Math.max(pauseMs, retryAfterMs);
      // Who is to wait longer than there is time need not wait at all.
      if (!PASSING.has(status) || waitMs > until - performance.now()) throw new Error(why);
      await paused(waitMs, signal, why);
    }
  }

  async #post(
    body: Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly retryAfterMs: number }> {
    const { url, protocol, compression } = this.#options;
    const headers = new Headers(this.#options.headers);
    headers.set("content-type", TYPES[protocol]);
    if (compression === "gzip") headers.set("content-encoding", "gzip");
    // Headers may be secrets: they go where they were meant to go.
    const sent = { method: "POST", headers, body, signal, redirect: "manual" } as const;
    const response = await fetch(url, sent);
    await response.body?.cancel();
    return { status: response.status, retryAfterMs: waitOf(response.headers.get("retry-after")) };
  }
}

/** Why something was not sent, in words for the log: never the address, its headers or its answer. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if (error.name === "TimeoutError") return "it did not answer in time";
  return error.name === "TypeError" ? "it cannot be reached" : error.message;
}

/** What `Retry-After` asks for, in milliseconds: seconds, or a date; 0 where it says nothing. */
function waitOf(header: string | null): number {
  if (header === null) return 0;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return wait > 0 ? wait : 0;
}

/** Rejects with what stood in the way where there is no time for it. */
async function paused(milliseconds: number, signal: AbortSignal, why: string): Promise<void> {
  // Who has been told to stop is not told again.
  if (signal.aborted) throw new Error(why);
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
  if (signal.aborted) throw new Error(why);
}

async function gzipped(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(
    new CompressionStream("gzip"),
  );
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
