import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import type { Log } from "../../domain/ports/log.ts";
import type { SpanQueue } from "./span_queue.ts";

/** How a collector is reached by OTLP over HTTP. */
export interface OtlpOptions {
  /** The whole URL that spans are sent to. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: "http/protobuf" | "http/json";
  /** How long one export may take, with all tries. */
  readonly timeoutMs: number;
  readonly compression: "none" | "gzip";
}

/** Answers after which the same export may be taken later. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const FIRST_PAUSE_MS = 500;

const FORMATS = {
  "http/protobuf": { type: "application/x-protobuf", serializer: ProtobufTraceSerializer },
  "http/json": { type: "application/json", serializer: JsonTraceSerializer },
} as const;

/**
 * Sends spans to a collector. What it does not take in time is lost, and the log says so once, and once
 * more when it takes them again. Needs leave to connect there, and nothing else: the packages' own
 * exporters read the environment.
 */
export class OtlpSpanExporter implements SpanExporter {
  readonly #options: OtlpOptions;
  readonly #log: Log;
  readonly #queue: SpanQueue;
  readonly #closing = new AbortController();
  /** Spans lost since the collector last took some; `null` while it takes them. */
  #lost: number | null = null;

  constructor(options: OtlpOptions, log: Log, queue: SpanQueue) {
    this.#options = options;
    this.#log = log;
    this.#queue = queue;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#queue.leave(spans.length);
    this.#send(spans).then(() => {
      this.#taken();
      this.#queue.sent(spans.length, "exported");
      done({ code: ExportResultCode.SUCCESS });
    }, (error) => {
      this.#refused(spans.length, error);
      this.#queue.sent(spans.length, "failed");
      done({ code: ExportResultCode.FAILED, error });
    });
  }

  /** Ends what is on its way. */
  shutdown(): Promise<void> {
    this.#closing.abort();
    return Promise.resolve();
  }

  async #send(spans: ReadableSpan[]): Promise<void> {
    const { protocol, compression, timeoutMs } = this.#options;
    const bytes = FORMATS[protocol].serializer.serializeRequest(spans);
    if (bytes === undefined) throw new Error("the spans cannot be written");
    const late = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([late, this.#closing.signal]);
    const body = compression === "gzip" ? await gzipped(bytes) : new Uint8Array(bytes);
    for (let pauseMs = FIRST_PAUSE_MS;; pauseMs *= 2) {
      const { status, retryAfterMs } = await this.#post(body, signal);
      if (status >= 200 && status < 300) return;
      if (!PASSING.has(status)) throw new Error(`it answered ${status}`);
      await paused(Math.max(pauseMs, retryAfterMs), signal, `it answered ${status}`);
    }
  }

  async #post(
    body: Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly retryAfterMs: number }> {
    const { url, headers, protocol, compression } = this.#options;
    const response = await fetch(url, {
      method: "POST",
      headers: {
        ...headers,
        "content-type": FORMATS[protocol].type,
        ...(compression === "gzip" && { "content-encoding": "gzip" }),
      },
      body,
      signal,
      // Headers may be secrets: they go where they were meant to go.
      redirect: "manual",
    });
    await response.body?.cancel();
    const seconds = Number(response.headers.get("retry-after") ?? 0);
    return { status: response.status, retryAfterMs: seconds > 0 ? seconds * 1000 : 0 };
  }

  #taken(): void {
    if (this.#lost === null) return;
    this.#log.write("info", "traces_exported_again", { spans_lost: this.#lost });
    this.#lost = null;
  }

  #refused(spans: number, error: unknown): void {
    if (this.#lost === null) {
      this.#log.write("warn", "traces_not_exported", { reason: reasonOf(error) });
    }
    this.#lost = (this.#lost ?? 0) + spans;
  }
}

/** Rejects with what stood in the way where there is no time for it. */
async function paused(milliseconds: number, signal: AbortSignal, why: string): Promise<void> {
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

/** Never the address or its headers. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if (error.name === "TimeoutError") return "it did not answer in time";
  return error.name === "TypeError" ? "it cannot be reached" : error.message;
}
