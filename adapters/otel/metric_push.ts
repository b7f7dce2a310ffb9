import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from "@opentelemetry/otlp-transformer";
import type { PushMetricExporter, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import type { Log } from "../../domain/ports/log.ts";
import { type OtlpOptions, OtlpSender, reasonOf } from "./otlp_sender.ts";
import type { MetricPush } from "./telemetry.ts";

/** Where metrics are sent, and how often. */
export interface MetricPushParts {
  readonly otlp: OtlpOptions;
  readonly intervalMs: number;
  /** What an export may take with all its tries: at most `intervalMs`. */
  readonly exportMs: number;
  /** Is told once that a collector does not take what it is sent, and once that it does again. */
  readonly log: Log;
}

const SERIALIZERS = {
  "http/protobuf": ProtobufMetricsSerializer,
  "http/json": JsonMetricsSerializer,
} as const;

/**
 * Sends all metrics to a collector by OTLP, each `intervalMs` and once at the end, cumulative.
 *
 * One export is under way at a time and nothing waits for it; what could not be sent is not kept, for
 * the next export tells the same sums. Needs `--allow-net` for the collector.
 */
export function createMetricPush({ otlp, intervalMs, exportMs, log }: MetricPushParts): MetricPush {
  // Whoever has given an export up begins the next: none may go on behind that.
  const timeoutMs = Math.min(otlp.timeoutMs, exportMs);
  const sender = new OtlpSender<ResourceMetrics>({ ...otlp, timeoutMs }, SERIALIZERS);
  return {
    reader: (prepared) =>
      new PeriodicExportingMetricReader({
        exporter: new OtlpMetricExporter(sender, prepared, log),
        exportIntervalMillis: intervalMs,
        exportTimeoutMillis: exportMs,
      }),
    end: () => sender.end(),
  };
}

/** Prepares what is sent, and logs when a collector begins and ends to refuse it. */
class OtlpMetricExporter implements PushMetricExporter {
  readonly #sender: OtlpSender<ResourceMetrics>;
  readonly #prepared: (metrics: ResourceMetrics) => ResourceMetrics;
  readonly #log: Log;
  #failing = false;

  constructor(
    sender: OtlpSender<ResourceMetrics>,
    prepared: (metrics: ResourceMetrics) => ResourceMetrics,
    log: Log,
  ) {
    this.#sender = sender;
    this.#prepared = prepared;
    this.#log = log;
  }

  export(metrics: ResourceMetrics, done: (result: ExportResult) => void): void {
    this.#sender.send(this.#prepared(metrics)).then(() => {
      if (this.#failing) this.#log.write("info", "metrics_exported_again", {});
      this.#failing = false;
      done({ code: ExportResultCode.SUCCESS });
    }, (error) => {
      if (!this.#failing) {
        this.#log.write("warn", "metrics_not_exported", { reason: reasonOf(error) });
      }
      this.#failing = true;
      done({ code: ExportResultCode.FAILED, error });
    });
  }

  forceFlush(): Promise<void> {
    return this.#sender.settled();
  }

  shutdown(): Promise<void> {
    return this.#sender.settled();
  }
}
