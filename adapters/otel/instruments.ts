import { type Counter, type Histogram, type Meter, type UpDownCounter } from "@opentelemetry/api";
import { AUDIT_TYPES } from "../../domain/audit/event.ts";
import { OUTCOMES } from "../../domain/execution/outcome.ts";
import { LANGUAGES } from "../../domain/execution/language.ts";
import {
  AUTH_RESULTS,
  type ExecutionEnd,
  GRAPH_OPERATIONS,
  GRAPH_OUTCOMES,
  type HttpMethod,
  MCP_TOOLS,
  REQUEST_OUTCOMES,
  REQUEST_SOURCES,
} from "../../domain/ports/telemetry.ts";
import { RETRIED_OPERATIONS, RETRY_RESULTS } from "../../domain/resilience/retry.ts";
import type { HistogramFamily } from "./histograms.ts";

/** Goes before every metric's name. */
export const PREFIX = "ultimate_mcp_";

/** A route whose series stands from the first scrape. */
export interface KnownRoute {
  readonly method: HttpMethod;
  /** The route's pattern. */
  readonly route: string;
  /** The status it answers with when all is well. */
  readonly status: number;
}

/** Every way a request for a run ends, as a label. */
export const ENDS: readonly ExecutionEnd[] = [...OUTCOMES, "rejected", "error"];

const STATUSES = ["total", "successful", "failed"] as const;

// 0.2 s is the objective for a request and 1 s for a wait, so both are bounds.
const REQUEST_BOUNDS = [.001, .0025, .005, .01, .025, .05, .1, .2, .5, 1, 2.5, 5, 10];
const RUN_BOUNDS = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60];
// A hit in memory takes less than a microsecond, a store over the network milliseconds.
const CACHE_BOUNDS = [.000001, .00001, .0001, .001, .0025, .005, .01, .05, .1, 1];
const GRAPH_BOUNDS = [.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30];
// A wait of 10 ms at most is the objective, so that it is a bound.
const ACQUIRE_BOUNDS = [.0001, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5];
const QUEUE_BOUNDS = [.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60];

/** The instruments that measurements move. */
export interface Instruments {
  readonly httpRequests: Counter;
  readonly httpOutcomes: Counter;
  readonly httpDuration: Histogram;
  readonly toolDuration: Histogram;
  readonly httpInFlight: UpDownCounter;
  readonly rateLimitDecisions: Counter;
  readonly authDecisions: Counter;
  readonly requestsByAuth: Counter;
  readonly executions: Counter;
  readonly outcomes: Counter;
  readonly executionDuration: Histogram;
  readonly queueSeconds: Histogram;
  readonly cacheDuration: Histogram;
  readonly graphDuration: Histogram;
  readonly graphAcquire: Histogram;
  readonly auditEvents: Counter;
  readonly retries: Counter;
  readonly byLanguage: UpDownCounter;
  readonly byLanguageTotal: Counter;
}

/** The histograms with the label sets that stand from the first scrape. */
export function histogramFamilies(routes: readonly KnownRoute[]): Readonly<
  Record<
    | "httpDuration"
    | "toolDuration"
    | "executionDuration"
    | "queueSeconds"
    | "cacheDuration"
    | "graphDuration"
    | "graphAcquire",
    HistogramFamily
  >
> {
  return {
    ...requestFamilies(routes),
    executionDuration: {
      name: `${PREFIX}code_execution_duration_seconds`,
      description: "Wall time of the program alone",
      bounds: RUN_BOUNDS,
      labelSets: LANGUAGES.map((language) => ({ language })),
    },
    queueSeconds: {
      name: `${PREFIX}code_execution_queue_seconds`,
      description: "Wait for a permit to run",
      bounds: QUEUE_BOUNDS,
      labelSets: [{}],
    },
    cacheDuration: {
      name: `${PREFIX}cache_operation_duration_seconds`,
      description: "Time of a cache operation; in memory every set and one get in 256 is timed",
      bounds: CACHE_BOUNDS,
      labelSets: ["l1", "l2"].flatMap((tier) =>
        ["get", "set"].map((operation) => ({ tier, operation }))
      ),
    },
    graphDuration: {
      name: `${PREFIX}graph_query_duration_seconds`,
      description: "Time of a call to the graph",
      bounds: GRAPH_BOUNDS,
      labelSets: GRAPH_OPERATIONS.flatMap((operation) =>
        GRAPH_OUTCOMES.map((outcome) => ({ operation, outcome }))
      ),
    },
    graphAcquire: {
      name: `${PREFIX}graph_pool_acquire_seconds`,
      description: "Wait for a connection to the graph's database",
      bounds: ACQUIRE_BOUNDS,
      labelSets: [{}],
    },
  };
}

function requestFamilies(
  routes: readonly KnownRoute[],
): Readonly<Record<"httpDuration" | "toolDuration", HistogramFamily>> {
  return {
    httpDuration: {
      name: `${PREFIX}http_request_duration_seconds`,
      description: "Time to answer a request",
      bounds: REQUEST_BOUNDS,
      labelSets: routes.map(({ method, route, status }) => ({
        method,
        route,
        code: String(status),
      })),
    },
    toolDuration: {
      name: `${PREFIX}mcp_tool_duration_seconds`,
      description: "Time of a tool's call over MCP",
      // Those of requests: both are judged by one objective.
      bounds: REQUEST_BOUNDS,
      labelSets: MCP_TOOLS.flatMap((tool) =>
        REQUEST_OUTCOMES.map((outcome) => ({ tool, outcome }))
      ),
    },
  };
}

/** Makes the instruments and gives every counter its series at 0. */
export function createInstruments(
  meter: Meter,
  families: ReturnType<typeof histogramFamilies>,
): Instruments {
  const instruments: Instruments = {
    httpRequests: counter(meter, "http_requests_total", "Requests answered, by how they ended"),
    httpOutcomes: counter(
      meter,
      "http_request_outcomes_total",
      "Requests answered, by who asked and how the answer ended",
    ),
    toolDuration: histogram(meter, families.toolDuration),
    httpDuration: histogram(meter, families.httpDuration),
    httpInFlight: gauge(meter, "http_requests_in_flight", "Requests being answered"),
    rateLimitDecisions: counter(
      meter,
      "rate_limit_decisions_total",
      "Requests that a rate limit was asked about",
    ),
    authDecisions: counter(
      meter,
      "auth_decisions_total",
      "Tokens judged, and permissions refused",
    ),
    requestsByAuth: counter(
      meter,
      "requests_by_auth_total",
      "Requests answered, by whether it was known who asked",
    ),
    executions: counter(meter, "code_executions_total", "Runs asked for, by how they ended"),
    outcomes: counter(
      meter,
      "code_execution_outcomes_total",
      "Runs asked for, by language and outcome",
    ),
    executionDuration: histogram(meter, families.executionDuration),
    queueSeconds: histogram(meter, families.queueSeconds),
    cacheDuration: histogram(meter, families.cacheDuration),
    graphDuration: histogram(meter, families.graphDuration),
    graphAcquire: histogram(meter, families.graphAcquire),
    auditEvents: counter(meter, "audit_events_total", "Audit events, and whether they were kept"),
    retries: counter(meter, "retries_total", "Calls tried again, and what became of them"),
    byLanguage: gauge(meter, "executions_by_language", "Runs asked for since the start"),
    byLanguageTotal: counter(meter, "executions_by_language_total", "Runs asked for"),
  };
  seed(instruments);
  return instruments;
}

function seed(instruments: Instruments): void {
  instruments.httpInFlight.add(0);
  for (const status of STATUSES) {
    instruments.httpRequests.add(0, { status });
    instruments.executions.add(0, { status });
  }
  for (const source of REQUEST_SOURCES) {
    for (const outcome of REQUEST_OUTCOMES) instruments.httpOutcomes.add(0, { source, outcome });
  }
  for (const backend of ["memory", "redis"]) {
    for (const decision of ["allowed", "limited"]) {
      instruments.rateLimitDecisions.add(0, { decision, backend });
    }
  }
  for (const result of AUTH_RESULTS) instruments.authDecisions.add(0, { result });
  for (const authenticated of ["true", "false"]) {
    instruments.requestsByAuth.add(0, { authenticated });
  }
  for (const operation of RETRIED_OPERATIONS) {
    for (const result of RETRY_RESULTS) instruments.retries.add(0, { operation, result });
  }
  for (const type of AUDIT_TYPES) {
    for (const stored of ["true", "false"]) instruments.auditEvents.add(0, { type, stored });
  }
  for (const language of LANGUAGES) {
    instruments.byLanguage.add(0, { language });
    instruments.byLanguageTotal.add(0, { language });
    for (const outcome of ENDS) instruments.outcomes.add(0, { language, outcome });
  }
}

function counter(meter: Meter, name: string, description: string): Counter {
  return meter.createCounter(PREFIX + name, { description });
}

function gauge(meter: Meter, name: string, description: string): UpDownCounter {
  return meter.createUpDownCounter(PREFIX + name, { description });
}

function histogram(meter: Meter, { name, description, bounds }: HistogramFamily): Histogram {
  const advice = { explicitBucketBoundaries: [...bounds] };
  return meter.createHistogram(name, { description, advice });
}
