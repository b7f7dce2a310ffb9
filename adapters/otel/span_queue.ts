import type { Log } from "../../domain/ports/log.ts";
import type { Context } from "@opentelemetry/api";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace";

/** What has become of recorded spans; `failed`: sent and not taken, `dropped`: there was no room to wait. */
export interface SpanCounts {
  readonly exported: number;
  readonly failed: number;
  readonly dropped: number;
}

/** Nothing has been recorded. */
export const NO_SPANS: SpanCounts = { exported: 0, failed: 0, dropped: 0 };

/** Counts spans from their end to their export, and tells once that there is no room, and once that there is. */
export class SpanQueue {
  readonly #most: number;
  readonly #log: Log;
  #counts: SpanCounts = NO_SPANS;
  #waiting = 0;
  /** Spans dropped since that was told; `null` while all have room. */
  #untold: number | null = null;
  #hasDropped = false;

  /** `most`: how many may wait. */
  constructor(most: number, log: Log) {
    this.#most = most;
    this.#log = log;
  }

  counts(): SpanCounts {
    return this.#counts;
  }

  /** Whether a span that has ended has room. */
  enter(): boolean {
    if (this.#waiting < this.#most) {
      this.#waiting += 1;
      return true;
    }
    if (this.#untold === null) this.#log.write("warn", "spans_dropped", { waiting: this.#waiting });
    this.#untold = (this.#untold ?? 0) + 1;
    this.#hasDropped = true;
    this.#counts = { ...this.#counts, dropped: this.#counts.dropped + 1 };
    return false;
  }

  /** So many are being sent. */
  leave(spans: number): void {
    this.#waiting -= spans;
  }

  /** So many were taken, or were not. Room is back when none was dropped between two that were taken. */
  sent(spans: number, result: "exported" | "failed"): void {
    this.#counts = { ...this.#counts, [result]: this.#counts[result] + spans };
    if (result === "failed") return;
    if (this.#untold !== null && !this.#hasDropped) {
      this.#log.write("info", "spans_kept_again", { spans_lost: this.#untold });
      this.#untold = null;
    }
    this.#hasDropped = false;
  }
}

/** Lets spans go on to `inner` only where there is room, so that none is lost unseen. */
export class BoundedProcessor implements SpanProcessor {
  readonly #inner: SpanProcessor;
  readonly #queue: SpanQueue;

  constructor(inner: SpanProcessor, queue: SpanQueue) {
    this.#inner = inner;
    this.#queue = queue;
  }

  onStart(...started: [span: Parameters<SpanProcessor["onStart"]>[0], parent: Context]): void {
    this.#inner.onStart(...started);
  }

  onEnd(span: ReadableSpan): void {
    if (this.#queue.enter()) this.#inner.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#inner.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown();
  }
}
