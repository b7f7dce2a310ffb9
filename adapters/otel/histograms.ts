import { millisToHrTime } from "@opentelemetry/core";
import {
  AggregationTemporality,
  DataPointType,
  type HistogramMetricData,
} from "@opentelemetry/sdk-metrics";
import { Series } from "./series.ts";

/** What is measured, and by which labels. */
export interface HistogramFamily {
  readonly name: string;
  readonly description: string;
  /** Upper bounds of the buckets, in seconds, rising. */
  readonly bounds: readonly number[];
  readonly labels: readonly string[];
  /** Label sets that every scrape shows, known before anything happens. */
  readonly known: readonly (readonly string[])[];
}

interface Distribution {
  readonly counts: number[];
  count: number;
  sum: number;
  min: number;
  max: number;
}

/** A histogram that stands from the first scrape: OpenTelemetry's own has no series before it is used. */
export class SeededHistogram {
  readonly #family: HistogramFamily;
  readonly #series: Series<Distribution>;

  constructor(family: HistogramFamily) {
    this.#family = family;
    this.#series = new Series(family.labels, () => ({
      counts: Array.from({ length: family.bounds.length + 1 }, () => 0),
      ...{ count: 0, sum: 0, min: Infinity, max: -Infinity },
    }));
    this.expect(family.known);
  }

  /** Lets the series of these label sets stand. */
  expect(known: readonly (readonly string[])[]): void {
    for (const labels of known) this.#series.at(labels);
  }

  /** Takes a measurement of 0 or above; what is none is left out. */
  record(value: number, ...labels: readonly string[]): void {
    if (!(value >= 0)) return;
    const { bounds } = this.#family;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
    const seen = this.#series.at(labels);
    seen.counts[bucket] = (seen.counts[bucket] ?? 0) + 1;
    seen.count += 1;
    seen.sum += value;
    if (value < seen.min) seen.min = value;
    if (value > seen.max) seen.max = value;
  }

  /** All of it, since `startedAt` and until `now`: milliseconds since the Unix epoch. */
  read(startedAt: number, now: number): HistogramMetricData {
    const { name, description, bounds } = this.#family;
    const [startTime, endTime] = [millisToHrTime(startedAt), millisToHrTime(now)];
    const dataPoints = Array.from(this.#series.all(), ({ labels, value }) => {
      const { counts, count, sum, min, max } = value;
      const buckets = { boundaries: [...bounds], counts: [...counts] };
      const extremes = count === 0 ? {} : { min, max };
      const told = { count, sum, buckets, ...extremes };
      return { attributes: labels, startTime, endTime, value: told };
    });
    return {
      // `valueType` 1 is OpenTelemetry's DOUBLE.
      descriptor: { name, description, unit: "", valueType: 1 },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints,
    };
  }
}
