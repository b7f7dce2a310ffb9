import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Context,
  createTraceState,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind as OtelKind,
  trace,
  TraceFlags,
  type Tracer as OtelApiTracer,
} from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOnSampler,
  type Sampler,
  SamplingDecision,
  type SpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Log } from "../../domain/ports/log.ts";
import {
  type EntryStart,
  NO_TRACER,
  type Span,
  type SpanKind,
  type SpanStart,
  type Tracer,
} from "../../domain/ports/tracer.ts";
import type { TraceContext } from "../../domain/tracing/trace_context.ts";
import { allowed, type BegunSpan, RecordedSpan } from "./begun_span.ts";
import type { OtlpOptions } from "./otlp_sender.ts";
import { samplerOf, type SamplerOptions } from "./sampler.ts";
import type { SpanCounts } from "./span_counts.ts";
import { type BatchOptions, SpanQueue } from "./span_queue.ts";
import { EntryIds, UnrecordedSpan } from "./unrecorded_span.ts";

/** What {@link openTracer} works with. */
export interface TracerOptions {
  readonly otlp: OtlpOptions;
  readonly sampler: SamplerOptions;
  readonly batch: BatchOptions;
  /** What all spans say of the service that made them. */
  readonly resource: Readonly<Record<string, string>>;
  /** Is told when spans are lost. */
  readonly log: Log;
}

/** No attribute of ours is longer: the longest are routes and correlation ids. */
const MOST_VALUE_LENGTH = 256;

const KINDS: { readonly [K in SpanKind]: OtelKind } = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
};

/** A tracer whose spans go somewhere. */
export interface OpenedTracer extends Tracer, AsyncDisposable {
  /** What has become of them so far. */
  counts(): SpanCounts;
}

/** A tracer whose spans go to a collector in the background. Sets no OpenTelemetry global. */
export function openTracer(options: TracerOptions): OpenedTracer {
  const queue = new SpanQueue(options);
  const tracer = new OtelTracer({ ...options, processor: queue });
  const ending = { [Symbol.asyncDispose]: () => queue.shutdown() };
  return Object.assign(tracer, { counts: () => queue.counts(), ...ending });
}

/**
 * The tracer itself: what goes where is its processor's. Whether a trace is recorded is decided where it
 * enters, before anything is made: most are not.
 */
export class OtelTracer implements Tracer {
  readonly #tracer: OtelApiTracer;
  readonly #sampler: Sampler;
  readonly #ids = new EntryIds();
  /** What work was begun in: it may be over, and the work go on. */
  readonly #begun = new AsyncLocalStorage<BegunSpan>();

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
    const outer = this.#begun.getStore();
    return outer instanceof RecordedSpan
      ? this.#record({ ...start, outer, parent: outer.place, links: [] }, work)
      : NO_TRACER.span(start, work);
  }

  entry<Done>(start: EntryStart, work: (span: Span) => Done): Done {
    const { parent, link } = start;
    const from = parent === null ? null : spanContextOf(parent);
    const place = from === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, from);
    const traceId = from?.traceId ?? this.#ids.begin();
    const kind = KINDS[start.kind ?? "internal"];
    const { decision } = this.#sampler.shouldSample(place, traceId, start.name, kind, {}, []);
    if (decision === SamplingDecision.RECORD_AND_SAMPLED) {
      const links = link ? [{ context: spanContextOf(link) }] : [];
      return this.#record({ ...start, outer: null, parent: place, links }, work);
    }
    return this.#follow(new UnrecordedSpan(traceId, parent?.tracestate ?? null), work);
  }

  current(): TraceContext | null {
    let begun = this.#begun.getStore() ?? null;
    while (begun?.isOver) begun = begun.outer;
    return begun?.context ?? null;
  }

  #record<Done>(
    { name, kind = "internal", attributes = {}, outer, parent, links }: RecordedStart,
    work: (span: Span) => Done,
  ): Done {
    const options = { kind: KINDS[kind], attributes: allowed(attributes), links };
    const span = this.#tracer.startSpan(name, options, parent);
    const place = trace.setSpan(parent, span);
    const phase: Span["phase"] = (name, began, ended) =>
      this.#tracer.startSpan(name, { startTime: began }, place).end(ended);
    return this.#follow(new RecordedSpan({ span, place, outer, phase }), work);
  }

  #follow<Done>(span: BegunSpan, work: (span: Span) => Done): Done {
    let done: Done;
    try {
      done = this.#begun.run(span, work, span);
    } catch (error) {
      span.fail(error);
      throw error;
    }
    if (done instanceof Promise) done.then(() => span.finish(), (error) => span.fail(error));
    else span.finish();
    return done;
  }
}

interface RecordedStart extends SpanStart {
  /** What it is begun in; `null`: nothing, or what has nothing to do with it. */
  readonly outer: BegunSpan | null;
  readonly parent: Context;
  readonly links: Link[];
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
