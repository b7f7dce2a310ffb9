import type { MetricPush } from "../adapters/otel/telemetry.ts";
import { newRandomId } from "../adapters/system/ids.ts";
import type { Log } from "../domain/ports/log.ts";
import { VERSION } from "./compose_version.ts";
import type { TelemetrySetting } from "./config_telemetry.ts";

/** What sends metrics to the collector of the settings; `null` where there is none. */
export async function openMetricPush(
  { metrics: { otlp, intervalMs, timeoutMs } }: TelemetrySetting,
  log: Log,
): Promise<MetricPush | null> {
  if (otlp === null) return null;
  // Loaded where it is needed: it takes a tenth of a second.
  const { createMetricPush } = await import("../adapters/otel/metric_push.ts");
  return createMetricPush({ otlp, intervalMs, exportMs: timeoutMs, log });
}

/** What is said of this process wherever its telemetry is sent: made once, as it has one id. */
export function telemetryResource(
  { serviceName, resource }: TelemetrySetting,
): Readonly<Record<string, string>> {
  return {
    "service.instance.id": newRandomId(),
    ...resource,
    "service.name": serviceName,
    "service.version": VERSION,
  };
}
