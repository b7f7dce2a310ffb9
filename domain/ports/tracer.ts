import type { TraceContext } from "../tracing/trace_context.ts";

/**
 * All that a span may say beside its name and times. Values are of closed sets, counts, or ids: never code,
 * a query or its parameters, a path that was asked for, an error's message, a token, or who asks.
 */
export const SPAN_ATTRIBUTES = [
  "cache.hit",
  "cache.name",
  "db.operation.name",
  "db.system.name",
  "error.type",
  "gen_ai.tool.name",
  "http.request.method",
  "http.response.status_code",
  "http.route",
  "mcp.method.name",
  "ultimate_mcp.attempt",
  "ultimate_mcp.correlation_id",
  "ultimate_mcp.execution_id",
  "ultimate_mcp.language",
  "ultimate_mcp.limit",
  "ultimate_mcp.outcome",
  "ultimate_mcp.streamed",
] as const;

/** What a span says. `error.type` marks it as failed. */
export type SpanAttributes = {
  readonly [N in (typeof SPAN_ATTRIBUTES)[number]]?: string | number | boolean;
};

/** What a span is to those beside it. */
export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";

/** What a span begins with. */
export interface SpanStart {
  /** Of a closed set: no ids, nothing that a caller has made up. */
  readonly name: string;
  /** Default: `internal`. */
  readonly kind?: SpanKind;
  readonly attributes?: SpanAttributes;
}

/** What the first span of something begins with that came from outside. */
export interface EntryStart extends SpanStart {
  /** Where the sender's own trace goes on; `null`: a new one begins. */
  readonly parent: TraceContext | null;
  /** A place in another trace that has to do with it. */
  readonly link?: TraceContext | null;
}

/** A span that has begun. Once it has ended, nothing changes it. */
export interface Span {
  /** Where work elsewhere goes on from it; `null` where nothing is traced. */
  readonly context: TraceContext | null;
  /** Whether anybody hears what it is told. */
  readonly isRecorded: boolean;
  set(attributes: SpanAttributes): void;
  rename(name: string): void;
  /** A part of it that is over, between two times of the monotonic clock in milliseconds. */
  phase(name: string, began: number, ended: number): void;
  /** Ends it with this, and not with its work: what streams goes on after its answer has begun. */
  until(ended: Promise<void>): void;
}

/**
 * Follows what happens to a request through the service.
 *
 * Spans are children of the one whose work they begin in, however many others are in hand at the same
 * time. A span ends when its work returns or, where that is a promise, when it settles; what it throws is
 * told by `error.type` alone, and thrown on. Never waits, and never fails of its own accord.
 */
export interface Tracer {
  /** Outside of all entries, and in a trace that is not recorded, it costs and makes nothing. */
  span<Done>(start: SpanStart, work: (span: Span) => Done): Done;
  /** The whole of something that came from outside, whatever it is begun in. */
  entry<Done>(start: EntryStart, work: (span: Span) => Done): Done;
  /** Where work elsewhere goes on from here; `null` outside of all entries, and where they are over. */
  current(): TraceContext | null;
}

const NO_SPAN: Span = {
  context: null,
  isRecorded: false,
  set: () => {},
  rename: () => {},
  phase: () => {},
  until: () => {},
};

/** Follows nothing. */
export const NO_TRACER: Tracer = {
  span: (_start, work) => work(NO_SPAN),
  entry: (_start, work) => work(NO_SPAN),
  current: () => null,
};
