import {
  type Attributes,
  type Context,
  type Span as OtelSpan,
  type SpanContext,
  SpanStatusCode,
  TraceFlags,
} from "@opentelemetry/api";
import { DomainError } from "../../domain/errors.ts";
import { type Span, SPAN_ATTRIBUTES, type SpanAttributes } from "../../domain/ports/tracer.ts";
import type { TraceContext } from "../../domain/tracing/trace_context.ts";

const ALLOWED: ReadonlySet<string> = new Set(SPAN_ATTRIBUTES);

/** A span that work is begun in. Whatever the work has left behind may outlive it by far. */
export abstract class BegunSpan implements Span {
  abstract readonly context: TraceContext;
  abstract readonly isRecorded: boolean;
  readonly outer: BegunSpan | null;
  isOver = false;
  #until: Promise<void> | null = null;

  constructor(outer: BegunSpan | null) {
    this.outer = outer;
  }

  abstract set(attributes: SpanAttributes): void;
  abstract rename(name: string): void;
  abstract phase(name: string, began: number, ended: number): void;

  until(ended: Promise<void>): void {
    this.#until = ended;
  }

  finish(): void {
    const end = () => this.end();
    if (this.#until === null) end();
    else this.#until.then(end, end);
  }

  /** Its work threw this. */
  fail(_error: unknown): void {
    this.finish();
  }

  protected end(): void {
    this.isOver = true;
  }
}

/** One that is kept. */
export class RecordedSpan extends BegunSpan {
  readonly isRecorded = true;
  /** Where spans within it go. */
  readonly place: Context;
  readonly phase: Span["phase"];
  readonly #span: OtelSpan;

  constructor(
    { span, place, outer, phase }: {
      readonly span: OtelSpan;
      readonly place: Context;
      readonly outer: BegunSpan | null;
      readonly phase: Span["phase"];
    },
  ) {
    super(outer);
    this.#span = span;
    this.place = place;
    this.phase = phase;
  }

  get context(): TraceContext {
    return traceContextOf(this.#span.spanContext());
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(allowed(attributes));
    if (attributes["error.type"] !== undefined) {
      this.#span.setStatus({ code: SpanStatusCode.ERROR });
    }
  }

  rename(name: string): void {
    this.#span.updateName(name);
  }

  /** Whatever an error's message says may be its caller's. */
  override fail(error: unknown): void {
    this.set({ "error.type": error instanceof DomainError ? error.failure.code : "_OTHER" });
    this.finish();
  }

  protected override end(): void {
    super.end();
    this.#span.end();
  }
}

/** What is not on the list goes no further, whoever has put it there. */
export function allowed(attributes: SpanAttributes): Attributes {
  const kept: Attributes = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (ALLOWED.has(name) && value !== undefined) kept[name] = value;
  }
  return kept;
}

function traceContextOf({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext {
  const flags = (traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, "0");
  return {
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    tracestate: traceState?.serialize() || null,
  };
}
