import type { Attributes, Meter } from "@opentelemetry/api";
import type { SystemSample } from "./system_sampler.ts";
import { type CacheCounts, createCacheGauges } from "./cache_gauges.ts";
import { PREFIX } from "./instruments.ts";
import type { SpanCounts } from "./span_counts.ts";

/** Values that are read when a scrape asks for them. Each must be quick: it runs on the event loop. */
export interface GaugeSources {
  readonly uptimeSeconds: () => number;
  readonly startTimeSeconds: () => number;
  readonly requestRate: () => number;
  readonly uniqueUsers: () => number;
  readonly admission: () => { readonly running: number; readonly waiting: number };
  /** Connections to the graph's database. */
  readonly graphPool: () => { readonly idle: number; readonly inUse: number };
  /** JavaScript processes started ahead, and runs begun since the start. */
  readonly pool: () => Readonly<Record<"waiting" | "wanted" | "warm" | "cold", number>>;
  readonly caches: () => readonly CacheCounts[];
  /** What has become of recorded spans. */
  readonly spans: () => SpanCounts;
  readonly sample: () => SystemSample;
  /** What is accepted and not yet in the database. */
  readonly outboxPending: () => number;
  readonly eventLoopLagSeconds: () => number;
  readonly residentMemoryBytes: () => number;
  readonly build: Readonly<Record<"version" | "runner" | "graph" | "cache", string>>;
}

type Observation = readonly [value: number, labels?: Attributes];

/** Makes a gauge for each source. A source that throws costs its own series and no other. */
export function createGauges(meter: Meter, sources: GaugeSources): void {
  observe(meter, "process_uptime_seconds", "Time since the process started", sources.uptimeSeconds);
  observe(
    meter,
    "process_start_time_seconds",
    "When the process started, since the Unix epoch",
    sources.startTimeSeconds,
  );
  observe(
    meter,
    "process_resident_memory_bytes",
    "Resident memory of the service",
    sources.residentMemoryBytes,
  );
  observe(
    meter,
    "event_loop_lag_seconds",
    "The longest the event loop was late within 10 s",
    sources.eventLoopLagSeconds,
  );
  observe(
    meter,
    "http_requests_rate",
    "Requests a second over the last 60 s",
    sources.requestRate,
  );
  observe(
    meter,
    "unique_users",
    "Different users whose tokens were verified within the last hour, estimated",
    sources.uniqueUsers,
  );
  observe(
    meter,
    "executions_in_flight",
    "Runs in hand now",
    () => sources.admission().running,
  );
  observe(
    meter,
    "executions_queued",
    "Runs waiting for a permit",
    () => sources.admission().waiting,
  );
  observe(
    meter,
    "outbox_pending",
    "What is taken to be kept and not yet in its database",
    sources.outboxPending,
  );
  observeAll(meter, "build_info", "What this service is made of", () => [[1, sources.build]]);
  observePool(meter, sources.pool);
  observeAll(meter, "graph_pool_connections", "Connections to the graph's database", () => {
    const { idle, inUse } = sources.graphPool();
    return [[idle, { state: "idle" }], [inUse, { state: "in_use" }]];
  });
  observeSpans(meter, sources.spans);
  createCacheGauges(meter, sources.caches);
  createSystemGauges(meter, sources.sample);
}

function observePool(meter: Meter, pool: GaugeSources["pool"]): void {
  const language = "javascript";
  const about = "Processes started ahead of their programs: those that wait, and how many should";
  observeAll(meter, "execution_pool_processes", about, () => {
    const { waiting, wanted } = pool();
    return [[waiting, { language, state: "warm" }], [wanted, { language, state: "wanted" }]];
  });
  const name = `${PREFIX}code_execution_starts_total`;
  const description = "Runs begun, in a process started ahead (warm) or in one of their own (cold)";
  meter.createObservableCounter(name, { description }).addCallback((result) => {
    const { warm, cold } = pool();
    result.observe(warm, { language, start: "warm" });
    result.observe(cold, { language, start: "cold" });
  });
}

function observeSpans(meter: Meter, spans: GaugeSources["spans"]): void {
  const name = `${PREFIX}telemetry_spans_total`;
  const description = "Recorded spans, by what became of them";
  meter.createObservableCounter(name, { description }).addCallback((counted) => {
    for (const [result, count] of Object.entries(spans())) counted.observe(count, { result });
  });
}

function createSystemGauges(meter: Meter, sample: () => SystemSample): void {
  observe(
    meter,
    "cpu_usage_percent",
    "Busy share of all processors, 0 to 100",
    () => sample().cpuPercent,
  );
  observe(
    meter,
    "memory_usage_percent",
    "Share of the machine's memory in use, 0 to 100",
    () => sample().memoryPercent,
  );
  observe(
    meter,
    "memory_used_bytes",
    "The machine's memory in use",
    () => sample().memoryUsedBytes,
  );
  observe(
    meter,
    "disk_usage_percent",
    "Share in use of the file system that holds the data, 0 to 100",
    () => sample().diskPercent,
  );
  observeAll(meter, "load_average", "Runnable tasks of the machine", () => {
    const [one, five, fifteen] = sample().loadAverage;
    return [[one, { period: "1m" }], [five, { period: "5m" }], [fifteen, { period: "15m" }]];
  });
  // Absent where nobody may count them: a 0 would be a lie that no alert could tell from the truth.
  observeAll(meter, "process_open_fds", "Descriptors open in the service", () => {
    const { openDescriptors } = sample();
    return openDescriptors === null ? [] : [[openDescriptors]];
  });
}

function observe(meter: Meter, name: string, description: string, read: () => number): void {
  observeAll(meter, name, description, () => [[read()]]);
}

function observeAll(
  meter: Meter,
  name: string,
  description: string,
  read: () => readonly Observation[],
): void {
  meter.createObservableGauge(PREFIX + name, { description }).addCallback((result) => {
    for (const [value, labels] of read()) result.observe(value, labels ?? {});
  });
}
