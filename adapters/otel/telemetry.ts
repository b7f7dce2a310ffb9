import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, type MetricReader, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { type Beginning, type Clock, secondsSince } from "../../domain/ports/clock.ts";
import type { Log } from "../../domain/ports/log.ts";
import type {
  ExecutionEnd,
  KnownRoute,
  Measurement,
  Telemetry,
  Totals,
} from "../../domain/ports/telemetry.ts";
import { type BreakerSource, createBreakerSeries } from "./breaker_series.ts";
import { DistinctWindow } from "./distinct_window.ts";
import { createGauges, type GaugeSources } from "./gauges.ts";
import { createHistograms, createInstruments, type Instruments } from "./instruments.ts";
import { SecondsWindow } from "./seconds_window.ts";
import type { SystemSample, SystemSampler } from "./system_sampler.ts";

/** What {@link createTelemetry} works with. */
export interface OtelTelemetryParts {
  readonly clock: Clock;
  /** Is told of measurements and gauges that were lost. */
  readonly log: Log;
  /** When the process started. */
  readonly startedAt: Beginning;
  readonly build: GaugeSources["build"];
  /** Routes whose duration series stands from the first scrape. */
  readonly routes: () => readonly KnownRoute[];
  readonly admission: GaugeSources["admission"];
  readonly pool: GaugeSources["pool"];
  readonly graphPool: GaugeSources["graphPool"];
  readonly outboxPending: GaugeSources["outboxPending"];
  readonly breakers: BreakerSource;
  readonly spans: GaugeSources["spans"];
  readonly caches: GaugeSources["caches"];
  /** Is read, not owned: whoever made it closes it. */
  readonly sampler: Pick<SystemSampler, "current" | "eventLoopLagSeconds">;
  /** Sends all metrics elsewhere; left out: they are only read. */
  readonly push?: MetricPush | null;
  /** What is said of the service where they are sent. */
  readonly resource?: Readonly<Record<string, string>>;
}

/** A way for metrics to leave by themselves. */
export interface MetricPush {
  /** Reads what it sends by itself; `prepared` is put before each sending. */
  reader(prepared: (metrics: ResourceMetrics) => ResourceMetrics): MetricReader;
  /** Gives up what is on its way, and whatever comes. */
  end(): Promise<void>;
}

/** Measurements by OpenTelemetry, readable as Prometheus text. */
export interface OtelTelemetry extends Telemetry, AsyncDisposable {
  /** Every metric in the Prometheus text format 0.0.4. */
  text(): Promise<string>;
  /** The machine as it was last looked at. */
  system(): SystemSample;
  /** Requests answered and runs asked for, and how many of each failed. */
  totals(): Totals;
}

const RATE_WINDOW_SECONDS = 60;
/** What the last sending may take when all is closed. */
const CLOSE_MS = 1000;

/** How a run ends that came to an outcome by itself. */
const SUCCESSFUL_ENDS: ReadonlySet<ExecutionEnd> = new Set(["ok", "nonzero", "signal"]);

/**
 * The telemetry of one service. Sets no OpenTelemetry global and opens no port.
 *
 * Needs no permission of its own; see `SystemSampler` for what the system rows need.
 */
export function createTelemetry(parts: OtelTelemetryParts): OtelTelemetry {
  return new PrometheusTelemetry(parts);
}

class PrometheusTelemetry implements OtelTelemetry {
  readonly #parts: OtelTelemetryParts;
  readonly #reader = new PrometheusExporter({ preventServerStart: true });
  readonly #provider: MeterProvider;
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  readonly #instruments: Instruments;
  readonly #histograms = createHistograms();
  readonly #totals = { requests: 0, failedRequests: 0, executions: 0, failedExecutions: 0 };
  readonly #users = new DistinctWindow(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0);
  readonly #requests = new SecondsWindow(RATE_WINDOW_SECONDS, (left, right) => left + right);

  constructor(parts: OtelTelemetryParts) {
    this.#parts = parts;
    const push = parts.push?.reader((metrics) => this.#whole(metrics));
    this.#provider = new MeterProvider({
      resource: resourceFromAttributes({ ...parts.resource }),
      readers: [this.#reader, ...(push === undefined ? [] : [push])],
    });
    const meter = this.#provider.getMeter("ultimate-mcp");
    this.#instruments = createInstruments(meter);
    createGauges(meter, this.#gaugeSources());
    createBreakerSeries(meter, parts.breakers);
  }

  record(measurement: Measurement): void {
    try {
      this.#record(measurement);
    } catch (error) {
      this.#parts.log.write("error", "measurement_lost", {
        measurement: measurement.kind,
        reason: String(error),
      });
    }
  }

  async text(): Promise<string> {
    const { resourceMetrics, errors } = await this.#reader.collect();
    if (errors.length > 0) {
      this.#parts.log.write("warn", "metrics_incomplete", { reasons: errors.map(String) });
    }
    return this.#serializer.serialize(this.#whole(resourceMetrics));
  }

  system(): SystemSample {
    return this.#parts.sampler.current();
  }

  totals(): Totals {
    return { ...this.#totals };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A collector that is gone makes it reject, one that hangs makes it wait: neither holds up a stop.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = new Promise<void>((resolve) => timer = setTimeout(resolve, CLOSE_MS));
    const sent = this.#provider.shutdown().catch(() => {});
    await Promise.race([sent, over]);
    clearTimeout(timer);
    await this.#parts.push?.end();
    await sent;
  }

  /** With the histograms, which are our own. */
  #whole(metrics: ResourceMetrics): ResourceMetrics {
    const { startedAt, clock, routes } = this.#parts;
    const known = routes().map(({ method, route, status }) => [method, route, String(status)]);
    this.#histograms.httpDuration.expect(known);
    const histograms = Object.values(this.#histograms).map((it) =>
      it.read(startedAt.now, clock.now())
    );
    const scopeMetrics = metrics.scopeMetrics.map((scope, at) =>
      at > 0 ? scope : { ...scope, metrics: [...scope.metrics, ...histograms] }
    );
    return { ...metrics, scopeMetrics };
  }

  #record(measurement: Measurement): void {
    switch (measurement.kind) {
      case "http_request_started":
        this.#instruments.httpInFlight.add(1);
        this.#requests.add(1, this.#parts.clock.monotonic());
        return;
      case "http_request_finished":
        return this.#recordRequest(measurement);
      case "tool_call_finished": {
        const { tool, outcome, durationSeconds } = measurement;
        return this.#histograms.toolDuration.record(durationSeconds, tool, outcome);
      }
      case "user_seen":
        return this.#users.add(measurement.user, this.#parts.clock.monotonic());
      case "rate_limit_decided":
        return this.#instruments.rateLimitDecisions.add(
          1,
          measurement.allowed ? "allowed" : "limited",
          measurement.backend,
        );
      case "auth_decided":
        return this.#instruments.authDecisions.add(1, measurement.result);
      case "graph_call_finished": {
        const { operation, outcome, durationSeconds } = measurement;
        return this.#histograms.graphDuration.record(durationSeconds, operation, outcome);
      }
      case "graph_connection_acquired":
        return this.#histograms.graphAcquire.record(measurement.waitSeconds);
      case "execution_admitted":
        return this.#histograms.queueSeconds.record(measurement.queueSeconds);
      case "cache_operation_timed": {
        const { tier, operation, durationSeconds } = measurement;
        return this.#histograms.cacheDuration.record(durationSeconds, tier, operation);
      }
      case "execution_finished":
        return this.#recordExecution(measurement);
      case "retry":
        return this.#instruments.retries.add(1, measurement.operation, measurement.result);
      case "audit_event":
        return this.#instruments.auditEvents.add(1, measurement.type, String(measurement.stored));
    }
  }

  #recordRequest(request: Extract<Measurement, { kind: "http_request_finished" }>): void {
    const { httpInFlight, httpRequests, httpOutcomes, requestsByAuth } = this.#instruments;
    const { outcome, source } = request;
    const failed = outcome === "failed" || outcome === "left";
    this.#totals.requests += 1;
    if (failed) this.#totals.failedRequests += 1;
    httpInFlight.add(-1);
    httpRequests.add(1, "total");
    httpRequests.add(1, failed ? "failed" : "successful");
    httpOutcomes.add(1, source, outcome);
    requestsByAuth.add(1, String(request.authenticated));
    const { method, route, status, durationSeconds } = request;
    this.#histograms.httpDuration.record(durationSeconds, method, route, String(status));
  }

  #recordExecution(execution: Extract<Measurement, { kind: "execution_finished" }>): void {
    const { language, end, limit, durationSeconds } = execution;
    const { executions, outcomes, byLanguage, byLanguageTotal } = this.#instruments;
    executions.add(1, "total");
    // Many a limit shows as an exit code or a signal: the end alone does not tell of it.
    const successful = SUCCESSFUL_ENDS.has(end) && limit === null;
    this.#totals.executions += 1;
    if (!successful) this.#totals.failedExecutions += 1;
    executions.add(1, successful ? "successful" : "failed");
    outcomes.add(1, language, end);
    byLanguage.add(1, language);
    byLanguageTotal.add(1, language);
    if (durationSeconds === null) return;
    this.#histograms.executionDuration.record(durationSeconds, language);
  }

  #gaugeSources(): GaugeSources {
    const { clock, startedAt, sampler } = this.#parts;
    const { admission, build, caches, graphPool, outboxPending, pool, spans } = this.#parts;
    return {
      uptimeSeconds: () => secondsSince(startedAt, clock),
      startTimeSeconds: () => startedAt.now / 1000,
      requestRate: () => this.#requests.total(clock.monotonic()) / RATE_WINDOW_SECONDS,
      uniqueUsers: () => this.#users.estimate(clock.monotonic()),
      admission,
      pool,
      graphPool,
      outboxPending,
      caches,
      spans,
      sample: () => sampler.current(),
      eventLoopLagSeconds: () => sampler.eventLoopLagSeconds(),
      residentMemoryBytes: () => Deno.memoryUsage().rss,
      build,
    };
  }
}
