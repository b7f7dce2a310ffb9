import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Attributes,
  type Context,
  createTraceState,
  ROOT_CONTEXT,
  type Span as OtelSpan,
  type SpanContext,
  SpanKind as OtelKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer as OtelApiTracer,
} from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  type Sampler,
  SamplingDecision,
  type SpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { DomainError } from "../../domain/errors.ts";
import type { Log } from "../../domain/ports/log.ts";
import {
  type EntryStart,
  NO_TRACER,
  type Span,
  SPAN_ATTRIBUTES,
  type SpanAttributes,
  type SpanKind,
  type SpanStart,
  type Tracer,
} from "../../domain/ports/tracer.ts";
import type { TraceContext } from "../../domain/tracing/trace_context.ts";
import { samplerOf, type SamplerOptions } from "./sampler.ts";
import { type OtlpOptions, OtlpSpanExporter } from "./span_exporter.ts";
import { EntryIds, UnrecordedSpan } from "./unrecorded_span.ts";
import { BoundedProcessor, type SpanCounts, SpanQueue } from "./span_queue.ts";

/** What {@link openTracer} works with. */
export interface TracerOptions {
  readonly otlp: OtlpOptions;
  readonly sampler: SamplerOptions;
  /** How spans wait for their export: what comes when so many wait is lost. */
  readonly batch: {
    readonly delayMs: number;
    readonly timeoutMs: number;
    readonly maxQueueSize: number;
    readonly maxBatchSize: number;
  };
  /** What all spans say of the service that made them. */
  readonly resource: Readonly<Record<string, string>>;
  /** Is told when spans are lost. */
  readonly log: Log;
}

/** How long a stop waits for the collector to take what is left. */
const STOP_MS = 2000;
/** No attribute of ours is longer: the longest are routes and correlation ids. */
const MOST_VALUE_LENGTH = 256;

const KINDS: { readonly [K in SpanKind]: OtelKind } = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
};

const ALLOWED: ReadonlySet<string> = new Set(SPAN_ATTRIBUTES);

/** A tracer whose spans go somewhere. */
export interface OpenedTracer extends Tracer, AsyncDisposable {
  /** What has become of them so far. */
  counts(): SpanCounts;
}

/** A tracer whose spans go to a collector in the background. Sets no OpenTelemetry global. */
export function openTracer(options: TracerOptions): OpenedTracer {
  const { otlp, batch, log } = options;
  // Whoever has given an export up begins the next: none may go on behind that.
  const timeoutMs = Math.min(otlp.timeoutMs, batch.timeoutMs);
  const queue = new SpanQueue(batch.maxQueueSize, log);
  const exporter = new OtlpSpanExporter({ ...otlp, timeoutMs }, log, queue);
  const batches = new BatchSpanProcessor({
    exporter,
    scheduledDelayMillis: batch.delayMs,
    exportTimeoutMillis: batch.timeoutMs,
    maxQueueSize: batch.maxQueueSize,
    maxExportBatchSize: batch.maxBatchSize,
  });
  const processor = new BoundedProcessor(batches, queue);
  const tracer = new OtelTracer({ ...options, processor });
  const close = async () => {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, STOP_MS);
    await Promise.race([processor.shutdown().catch(() => {}), late.promise]);
    clearTimeout(timer);
    await exporter.shutdown();
  };
  return Object.assign(tracer, { counts: () => queue.counts(), [Symbol.asyncDispose]: close });
}

/** Where work stands: in a span that is recorded, or in a trace that is not. */
type Place = { readonly recorded: Context } | UnrecordedSpan;

/**
 * The tracer itself: what goes where is its processor's. Whether a trace is recorded is decided where it
 * enters, before anything is made: most are not.
 */
export class OtelTracer implements Tracer {
  readonly #tracer: OtelApiTracer;
  readonly #sampler: Sampler;
  readonly #ids = new EntryIds();
  readonly #places = new AsyncLocalStorage<Place>();

  constructor(
    { sampler, resource, processor }: Pick<TracerOptions, "sampler" | "resource"> & {
      readonly processor: SpanProcessor;
    },
  ) {
    this.#sampler = samplerOf(sampler);
    const provider = new TracerProvider({
      sampler: new AlwaysOnSampler(),
      idGenerator: this.#ids,
      resource: resourceFromAttributes(resource),
      spanLimits: { attributeValueLengthLimit: MOST_VALUE_LENGTH },
      spanProcessors: [processor],
    });
    this.#tracer = provider.getTracer("ultimate-mcp");
  }

  span<Done>(start: SpanStart, work: (span: Span) => Done): Done {
    const place = this.#places.getStore();
    return place === undefined || place instanceof UnrecordedSpan
      ? NO_TRACER.span(start, work)
      : this.#within(place.recorded, start, null, work);
  }

  entry<Done>(start: EntryStart, work: (span: Span) => Done): Done {
    const { parent, link } = start;
    const from = parent === null ? null : spanContextOf(parent);
    const outer = from === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, from);
    const traceId = from?.traceId ?? this.#ids.begin();
    const kind = KINDS[start.kind ?? "internal"];
    const { decision } = this.#sampler.shouldSample(outer, traceId, start.name, kind, {}, []);
    if (decision === SamplingDecision.RECORD_AND_SAMPLED) {
      return this.#within(outer, start, link ?? null, work);
    }
    const unrecorded = new UnrecordedSpan(traceId, parent?.tracestate ?? null);
    return this.#places.run(unrecorded, work, unrecorded);
  }

  current(): TraceContext | null {
    const place = this.#places.getStore();
    if (place === undefined || place instanceof UnrecordedSpan) return place?.context ?? null;
    const found = trace.getSpanContext(place.recorded);
    return found === undefined ? null : traceContextOf(found);
  }

  #within<Done>(
    parent: Context,
    { name, kind = "internal", attributes = {} }: SpanStart,
    link: TraceContext | null,
    work: (span: Span) => Done,
  ): Done {
    const span = this.#tracer.startSpan(name, {
      kind: KINDS[kind],
      attributes: allowed(attributes),
      links: link === null ? [] : [{ context: spanContextOf(link) }],
    }, parent);
    const context = trace.setSpan(parent, span);
    const open = new OpenSpan(
      span,
      (phase, began, ended) =>
        this.#tracer.startSpan(phase, { startTime: began }, context).end(ended),
    );
    let done: Done;
    try {
      done = this.#places.run({ recorded: context }, work, open);
    } catch (error) {
      open.fail(error);
      throw error;
    }
    if (done instanceof Promise) {
      done.then(() => open.finish(), (error) => open.fail(error));
    } else open.finish();
    return done;
  }
}

class OpenSpan implements Span {
  readonly #span: OtelSpan;
  readonly isRecorded = true;
  readonly phase: Span["phase"];
  #until: Promise<void> | null = null;

  constructor(span: OtelSpan, phase: Span["phase"]) {
    this.#span = span;
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

  until(ended: Promise<void>): void {
    this.#until = ended;
  }

  finish(): void {
    const end = () => this.#span.end();
    if (this.#until === null) end();
    else this.#until.then(end, end);
  }

  /** Whatever an error's message says may be its caller's. */
  fail(error: unknown): void {
    this.set({ "error.type": error instanceof DomainError ? error.failure.code : "_OTHER" });
    this.finish();
  }
}

/** What is not on the list goes no further, whoever has put it there. */
function allowed(attributes: SpanAttributes): Attributes {
  const kept: Attributes = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (ALLOWED.has(name) && value !== undefined) kept[name] = value;
  }
  return kept;
}

function spanContextOf({ traceparent, tracestate }: TraceContext): SpanContext {
  const [, traceId = "", spanId = "", flags = "00"] = traceparent.split("-");
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
    ...(tracestate !== null && { traceState: createTraceState(tracestate) }),
  };
}

function traceContextOf({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext {
  const flags = (traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, "0");
  return {
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    tracestate: traceState?.serialize() || null,
  };
}
