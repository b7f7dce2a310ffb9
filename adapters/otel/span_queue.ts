import { TraceFlags } from "@opentelemetry/api";
import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace";
import type { Log } from "../../domain/ports/log.ts";
import { type OtlpOptions, OtlpSender, reasonOf } from "./otlp_sender.ts";
import { NO_SPANS, type SpanCounts } from "./span_counts.ts";

/** How spans wait for their export: what comes when so many wait is lost. */
export interface BatchOptions {
  /** How long one waits at most while no other is sent. */
  readonly delayMs: number;
  /** How long one batch may take, with all tries. */
  readonly timeoutMs: number;
  readonly maxQueueSize: number;
  /** At most `maxQueueSize`. */
  readonly maxBatchSize: number;
}

const SERIALIZERS = {
  "http/protobuf": ProtobufTraceSerializer,
  "http/json": JsonTraceSerializer,
} as const;

/** How long a stop waits for the collector to take what is left. */
const STOP_MS = 2000;

/**
 * Keeps spans until a collector takes them, a batch after another, in the background.
 *
 * OpenTelemetry's own queue drops what it has no room for without a word, and after an export that failed
 * begins two: behind a collector that hangs they grow without a bound.
 */
export class SpanQueue implements SpanProcessor {
  readonly #sender: OtlpSender<ReadableSpan[]>;
  readonly #batch: BatchOptions;
  readonly #tally: SpanTally;
  #waiting: ReadableSpan[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isSending = false;
  #closed: Promise<void> | null = null;

  constructor(
    { otlp, batch, log }: {
      readonly otlp: OtlpOptions;
      readonly batch: BatchOptions;
      readonly log: Log;
    },
  ) {
    const timeoutMs = Math.min(otlp.timeoutMs, batch.timeoutMs);
    this.#sender = new OtlpSender({ ...otlp, timeoutMs }, SERIALIZERS);
    this.#batch = batch;
    this.#tally = new SpanTally(log);
  }

  /** What has become of spans so far; those that wait or are on their way are not among them. */
  counts(): SpanCounts {
    return this.#tally.counts;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    if (this.#closed !== null) return this.#tally.drop("the service has stopped");
    if (this.#waiting.length >= this.#batch.maxQueueSize) return this.#tally.overflow();
    this.#waiting.push(span);
    if (!this.#isSending) this.#sendSoon();
  }

  /** Sends all that waits, and resolves when nothing is on its way. */
  async forceFlush(): Promise<void> {
    this.#cancelTimer();
    while (this.#waiting.length > 0) this.#send();
    await this.#sender.settled();
  }

  /** Sends what is left, all at once, for as long as a stop waits; what is lost for good is logged. */
  shutdown(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, STOP_MS);
    await Promise.race([this.forceFlush(), late.promise]);
    clearTimeout(timer);
    await this.#sender.end();
    this.#tally.end();
  }

  #sendSoon(): void {
    if (this.#waiting.length >= this.#batch.maxBatchSize) this.#sendNext();
    else if (this.#waiting.length > 0) {
      this.#timer ??= setTimeout(() => this.#sendNext(), this.#batch.delayMs);
    }
  }

  #sendNext(): void {
    this.#cancelTimer();
    this.#isSending = true;
    this.#send().finally(() => {
      this.#isSending = false;
      if (this.#closed === null) this.#sendSoon();
    });
  }

  /** Sends the next batch; never rejects. */
  #send(): Promise<void> {
    const spans = this.#waiting.splice(0, this.#batch.maxBatchSize);
    return this.#sender.send(spans).then(
      () => this.#tally.take(spans.length),
      (error) => this.#tally.fail(spans.length, reasonOf(error)),
    );
  }

  #cancelTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/** Counts what becomes of spans, and has the log say when they begin to be lost and are no more. */
class SpanTally {
  readonly counts = { ...NO_SPANS } as { -readonly [R in keyof SpanCounts]: number };
  readonly #log: Log;
  /** Since it was told that some are lost; `null`: none are. */
  #lost: number | null = null;
  #hasOverflowed = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** A batch was taken. While others do not even get to wait, that is no end of their loss. */
  take(spans: number): void {
    this.counts.exported += spans;
    const hasOverflowed = this.#hasOverflowed;
    this.#hasOverflowed = false;
    if (this.#lost === null || hasOverflowed) return;
    this.#log.write("info", "traces_exported_again", { spans_lost: this.#lost });
    this.#lost = null;
  }

  /** A batch was not taken. */
  fail(spans: number, reason: string): void {
    this.counts.failed += spans;
    this.#lose(spans, reason);
  }

  /** One came while as many waited as may. */
  overflow(): void {
    this.#hasOverflowed = true;
    this.drop("more come than are taken");
  }

  /** One was not even let wait. */
  drop(reason: string): void {
    this.counts.dropped += 1;
    this.#lose(1, reason);
  }

  /** Nothing more is sent. */
  end(): void {
    if (this.#lost !== null) this.#log.write("warn", "traces_lost", { spans_lost: this.#lost });
    this.#lost = null;
  }

  #lose(spans: number, reason: string): void {
    if (this.#lost === null) this.#log.write("warn", "traces_not_exported", { reason });
    this.#lost = (this.#lost ?? 0) + spans;
  }
}
