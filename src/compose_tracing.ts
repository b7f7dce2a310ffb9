import { NO_SPANS, type SpanCounts } from "../adapters/otel/span_counts.ts";
import type { Application } from "../application/application.ts";
import type { Admission } from "../application/decorators/admitted.ts";
import { traced } from "../application/decorators/traced.ts";
import { tracedJobs, tracedQueue } from "../application/decorators/traced_jobs.ts";
import { tracedLog } from "../application/decorators/traced_log.ts";
import {
  tracedCache,
  tracedDoor,
  tracedExecutions,
  tracedLinter,
  tracedReader,
  tracedRecords,
  tracedRenderer,
  tracedRunner,
  tracedWriter,
} from "../application/decorators/traced_ports.ts";
import type { Cache, CacheName, MeasuredCache } from "../domain/ports/cache.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { GraphReader } from "../domain/ports/graph_reader.ts";
import type { GraphWriter } from "../domain/ports/graph_writer.ts";
import type { JobEvents, JobQueue, OpenJobs, RunJob } from "../domain/ports/job_queue.ts";
import type { Linter } from "../domain/ports/linter.ts";
import type { Log } from "../domain/ports/log.ts";
import type { TemplateRenderer } from "../domain/ports/template_renderer.ts";
import type { Tracer } from "../domain/ports/tracer.ts";
import type { SandboxedRunner } from "../adapters/sandbox/testing/testing_runner.ts";
import { telemetryResource } from "./compose_push.ts";
import type { Stores } from "./compose_stores.ts";
import type { Config } from "./config.ts";

interface Graph {
  readonly reader: GraphReader;
  readonly writer: GraphWriter;
}

/** The queue as use cases have it. */
type OpenedQueue = JobQueue & JobEvents & OpenJobs & { ping(): Promise<void> };

/** What is put round the parts of the service, so that requests can be followed through them. */
export interface Tracing {
  /** `undefined` where nothing is traced: then each part is what it was. */
  readonly tracer: Tracer | undefined;
  readonly log: Log;
  /** What metrics say of the process too. */
  readonly resource: Readonly<Record<string, string>>;
  /** What has become of recorded spans. */
  spans(): SpanCounts;
  /** Sends what is left, for as long as that may take; nothing is followed any more. */
  end(): Promise<void>;
  application(application: Application): Application;
  stores(stores: Stores): Stores;
  graph(graph: Graph): Graph;
  sandbox(sandbox: SandboxedRunner): SandboxedRunner;
  door(door: Admission): Pick<Admission, "enter">;
  cache<Value>(
    name: CacheName,
    cache: Cache<Value> & MeasuredCache,
  ): Cache<Value> & MeasuredCache;
  queue(queue: OpenedQueue): OpenedQueue;
  jobs(run: RunJob): RunJob;
  linter(linter: Linter): Pick<Linter, "lint" | "toolchain">;
  renderer(renderer: TemplateRenderer): TemplateRenderer;
}

/** Costs nothing: there is nobody to tell. */
export function untraced(log: Log, resource: Tracing["resource"] = {}): Tracing {
  return {
    tracer: undefined,
    log,
    resource,
    spans: () => NO_SPANS,
    end: () => Promise.resolve(),
    application: (application) => application,
    stores: (stores) => stores,
    graph: (graph) => graph,
    sandbox: (sandbox) => sandbox,
    door: (door) => door,
    cache: (_name, cache) => cache,
    queue: (queue) => queue,
    jobs: (run) => run,
    linter: (linter) => linter,
    renderer: (renderer) => renderer,
  };
}

/** Begins to follow requests, where the settings say where to. */
export async function openTracing(
  { telemetry, graph, records }: Config,
  { log, clock }: { readonly log: Log; readonly clock: Clock },
  stack: AsyncDisposableStack,
): Promise<Tracing> {
  const { otlp, sampler, batch } = telemetry.traces;
  const resource = telemetryResource(telemetry);
  if (otlp === null) return untraced(log, resource);
  // Loaded where it is needed: most services trace nothing.
  const { openTracer } = await import("../adapters/otel/tracer.ts");
  const tracer = stack.use(openTracer({ otlp, sampler, batch, log, resource }));
  const end = async () => await tracer[Symbol.asyncDispose]();
  const around = tracingBy(tracer, { log, clock, graph: graph.backend, records: records.backend });
  return { ...around, resource, spans: () => tracer.counts(), end };
}

/** What puts spans round the parts; the databases' names are what spans call them. */
function tracingBy(
  tracer: Tracer,
  { log, clock, graph, records }: {
    readonly log: Log;
    readonly clock: Clock;
    readonly graph: string;
    readonly records: string;
  },
): Omit<Tracing, "resource" | "spans" | "end"> {
  return {
    tracer,
    log: tracedLog(log, tracer),
    application: (application) => traced(application, tracer),
    stores: (stores) => tracedStores(stores, records, tracer),
    graph: ({ reader, writer }) => ({
      reader: tracedReader(reader, graph, tracer),
      writer: tracedWriter(writer, graph, tracer),
    }),
    sandbox: (sandbox) => ({
      ...tracedRunner(sandbox, clock, tracer),
      status: () => sandbox.status(),
      javascript: sandbox.javascript,
    }),
    door: (door) => tracedDoor(door, tracer),
    cache: (name, cache) => tracedCache(cache, name, tracer),
    queue: (queue) => tracedQueue(queue, tracer),
    jobs: (run) => tracedJobs(run, tracer),
    linter: (linter) => tracedLinter(linter, tracer),
    renderer: (renderer) => tracedRenderer(renderer, tracer),
  };
}

function tracedStores(stores: Stores, system: string, tracer: Tracer): Stores {
  const { testRecords, lints } = stores;
  return {
    ...stores,
    records: tracedExecutions(stores.records, system, tracer),
    testRecords: tracedRecords(testRecords, { name: "tests", system }, tracer),
    lints: tracedRecords(lints, { name: "lints", system }, tracer),
  };
}
