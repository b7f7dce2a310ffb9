import type { MetricPush } from "../adapters/otel/telemetry.ts";
import type { Log } from "../domain/ports/log.ts";
import type { TelemetrySetting } from "./config_telemetry.ts";

/** What sends metrics to the collector of the settings; `null` where there is none. */
export async function openMetricPush(
  { metrics: { otlp, intervalMs, timeoutMs } }: TelemetrySetting,
  log: Log,
): Promise<MetricPush | null> {
  if (otlp === null) return null;
  // Loaded where it is needed: it takes a tenth of a second.
  const { createMetricPush } = await import("../adapters/otel/metric_push.ts");
  const { url, headers, protocol, compression, timeoutMs: requestMs } = otlp;
  return createMetricPush({
    ...{ url, headers, protocol, compression, log, intervalMs },
    requestMs: Math.min(requestMs, timeoutMs),
    exportMs: timeoutMs,
  });
}
