import type { IdGenerator } from "@opentelemetry/sdk-trace";
import type { TraceContext } from "../../domain/tracing/trace_context.ts";
import { BegunSpan } from "./begun_span.ts";

/** Ids by the platform's UUIDs, of which it makes many at once; the digits that these fix keep them from 0. */
export class EntryIds implements IdGenerator {
  #begun = "";

  /** The id of the next trace that OpenTelemetry begins. */
  begin(): string {
    return this.#begun = crypto.randomUUID().replaceAll("-", "");
  }

  generateTraceId(): string {
    return this.#begun;
  }

  generateSpanId(): string {
    return newSpanId();
  }
}

function newSpanId(): string {
  const id = crypto.randomUUID();
  return id.slice(19, 23) + id.slice(24);
}

/** A place in a trace of which nothing is kept. */
export class UnrecordedSpan extends BegunSpan {
  readonly context: TraceContext;
  readonly isRecorded = false;

  constructor(traceId: string, tracestate: string | null) {
    super(null);
    this.context = { traceparent: `00-${traceId}-${newSpanId()}-00`, tracestate };
  }

  set(): void {}
  rename(): void {}
  phase(): void {}
}
