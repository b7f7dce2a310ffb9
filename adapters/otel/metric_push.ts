import type { PushMetricExporter, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter as JsonExporter,
} from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import type { Log } from "../../domain/ports/log.ts";
import type { MetricPush } from "./telemetry.ts";

/** Where metrics are sent, and how often. */
export interface MetricPushParts {
  readonly url: string;
  /** Secrets, as a rule. */
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: "http/protobuf" | "http/json";
  readonly compression: "none" | "gzip";
  /** What one try may take. */
  readonly requestMs: number;
  readonly intervalMs: number;
  /** What an export may take with all its tries: at most `intervalMs`. */
  readonly exportMs: number;
  /** Is told once that a collector does not take what it is sent, and once that it does again. */
  readonly log: Log;
}

/** OpenTelemetry's code of an export that succeeded. */
const SUCCESS = 0;

type Told = Parameters<PushMetricExporter["export"]>[1];

/**
 * Sends all metrics to a collector by OTLP, each `intervalMs` and once at the end.
 *
 * One export is under way at a time and nothing waits for it; what could not be sent is not kept, for
 * the next export tells the same sums. Needs `--allow-net` for the collector.
 */
export function createMetricPush(parts: MetricPushParts): MetricPush {
  return {
    reader: (prepared) =>
      new PeriodicExportingMetricReader({
        exporter: new WatchedExporter(exporterOf(parts), prepared, parts.log),
        exportIntervalMillis: parts.intervalMs,
        exportTimeoutMillis: parts.exportMs,
      }),
  };
}

function exporterOf(parts: MetricPushParts): PushMetricExporter {
  const { url, headers, compression, requestMs } = parts;
  const Exporter = parts.protocol === "http/json" ? JsonExporter : ProtobufExporter;
  return new Exporter({
    url,
    headers: { ...headers },
    timeoutMillis: requestMs,
    compression: compression === "gzip" ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
    temporalityPreference: AggregationTemporalityPreference.CUMULATIVE,
    concurrencyLimit: 1,
  });
}

/** Prepares what is sent, and logs when a collector begins and ends to refuse it. */
class WatchedExporter implements PushMetricExporter {
  readonly #inner: PushMetricExporter;
  readonly #prepared: (metrics: ResourceMetrics) => ResourceMetrics;
  readonly #log: Log;
  #failing = false;

  constructor(
    inner: PushMetricExporter,
    prepared: (metrics: ResourceMetrics) => ResourceMetrics,
    log: Log,
  ) {
    this.#inner = inner;
    this.#prepared = prepared;
    this.#log = log;
  }

  export(metrics: ResourceMetrics, told: Told): void {
    this.#inner.export(this.#prepared(metrics), (result) => {
      this.#note(result.code === SUCCESS ? null : result.error);
      told(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.#inner.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown();
  }

  #note(failure: Error | null | undefined): void {
    if (failure === null) {
      if (this.#failing) this.#log.write("info", "metrics_exported_again", {});
      this.#failing = false;
      return;
    }
    // The collector's own words may repeat what it was sent: its status is enough.
    const reason = failure === undefined ? "unknown" : `${failure.name}: ${statusOf(failure)}`;
    if (!this.#failing) this.#log.write("warn", "metrics_not_exported", { reason });
    this.#failing = true;
  }
}

function statusOf(failure: Error): string {
  const code = "code" in failure ? failure.code : undefined;
  return typeof code === "number" || typeof code === "string" ? String(code) : "no answer";
}
