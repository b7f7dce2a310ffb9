import type { Attributes } from "@opentelemetry/api";
import {
  AggregationTemporality,
  DataPointType,
  type HistogramMetricData,
  type MetricData,
} from "@opentelemetry/sdk-metrics";

/** A histogram that every scrape shows, with the label sets known before anything happens. */
export interface HistogramFamily {
  readonly name: string;
  readonly description: string;
  /** Upper bounds of the buckets, in seconds, rising. */
  readonly bounds: readonly number[];
  readonly labelSets: readonly Attributes[];
}

type Point = HistogramMetricData["dataPoints"][number];

/**
 * Adds empty series for the label sets of `families` that nothing was recorded under.
 *
 * OpenTelemetry has no series before its first observation, and an observation of 0 would count
 * as one: means and quantiles would be wrong for ever. So the gap is filled where it is read.
 */
export function withEmptySeries(
  metrics: readonly MetricData[],
  families: readonly HistogramFamily[],
): MetricData[] {
  const known = new Map(families.map((family) => [family.name, family]));
  const filled = metrics.map((metric) => {
    const family = known.get(metric.descriptor.name);
    if (family === undefined || metric.dataPointType !== DataPointType.HISTOGRAM) return metric;
    known.delete(family.name);
    return { ...metric, dataPoints: [...metric.dataPoints, ...missing(family, metric.dataPoints)] };
  });
  return [...filled, ...Array.from(known.values(), emptyMetric)];
}

function emptyMetric(family: HistogramFamily): MetricData {
  return {
    // `valueType` 1 is OpenTelemetry's DOUBLE.
    descriptor: { name: family.name, description: family.description, unit: "", valueType: 1 },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: missing(family, []),
  };
}

function missing(family: HistogramFamily, present: readonly Point[]): Point[] {
  const seen = new Set(present.map((point) => keyOf(point.attributes)));
  return family.labelSets
    .filter((labels) => !seen.has(keyOf(labels)))
    .map((labels) => emptyPoint(labels, family.bounds));
}

function keyOf(labels: Attributes): string {
  return JSON.stringify(Object.entries(labels).sort(([left], [right]) => left < right ? -1 : 1));
}

function emptyPoint(attributes: Attributes, bounds: readonly number[]): Point {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  const value = { sum: 0, count: 0, buckets: { boundaries: [...bounds], counts } };
  return { attributes, startTime: [0, 0], endTime: [0, 0], value };
}
