import type { Meter, Observable } from "@opentelemetry/api";
import { AUDIT_TYPES } from "../../domain/audit/event.ts";
import { OUTCOMES } from "../../domain/execution/outcome.ts";
import { LANGUAGES } from "../../domain/execution/language.ts";
import {
  AUTH_RESULTS,
  type ExecutionEnd,
  GRAPH_OPERATIONS,
  GRAPH_OUTCOMES,
  MCP_TOOLS,
  REQUEST_OUTCOMES,
  REQUEST_SOURCES,
} from "../../domain/ports/telemetry.ts";
import { RETRIED_OPERATIONS, RETRY_RESULTS } from "../../domain/resilience/retry.ts";
import { SeededHistogram } from "./histograms.ts";
import { Series } from "./series.ts";

/** Goes before every metric's name. */
export const PREFIX = "ultimate_mcp_";

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

/** Counts under label sets of closed lists, all of which stand at 0 from the first scrape. */
export class Counts {
  readonly #series: Series<{ count: number }>;

  constructor(labels: Labels) {
    this.#series = new Series(Object.keys(labels), () => ({ count: 0 }));
    for (const values of combinations(Object.values(labels))) this.#series.at(values);
  }

  /** Adds under these values of the labels, in the labels' order. */
  add(amount: number, ...values: readonly string[]): void {
    this.#series.at(values).count += amount;
  }

  /** Has OpenTelemetry read them when it is asked. */
  readBy(instrument: Observable): void {
    instrument.addCallback((result) => {
      for (const { labels, value } of this.#series.all()) result.observe(value.count, labels);
    });
  }
}

/** The labels of a metric with all their values, in order. */
type Labels = Readonly<Record<string, readonly string[]>>;

function combinations(lists: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return lists.reduce<string[][]>(
    (begun, list) => begun.flatMap((values) => list.map((value) => [...values, value])),
    [[]],
  );
}

/** The counts that measurements move. */
export interface Instruments {
  readonly httpRequests: Counts;
  readonly httpOutcomes: Counts;
  readonly httpInFlight: Counts;
  readonly rateLimitDecisions: Counts;
  readonly authDecisions: Counts;
  readonly requestsByAuth: Counts;
  readonly executions: Counts;
  readonly outcomes: Counts;
  readonly auditEvents: Counts;
  readonly retries: Counts;
  readonly byLanguage: Counts;
  readonly byLanguageTotal: Counts;
}

/** The histograms that measurements move. */
export interface Histograms {
  readonly httpDuration: SeededHistogram;
  readonly toolDuration: SeededHistogram;
  readonly executionDuration: SeededHistogram;
  readonly queueSeconds: SeededHistogram;
  readonly cacheDuration: SeededHistogram;
  readonly graphDuration: SeededHistogram;
  readonly graphAcquire: SeededHistogram;
}

/** Makes the histograms, with the label sets that stand from the first scrape. */
export function createHistograms(): Histograms {
  const histogram = (
    name: string,
    description: string,
    bounds: readonly number[],
    labels: Labels,
  ) => {
    const known = combinations(Object.values(labels));
    const family = { name: PREFIX + name, description, bounds, labels: Object.keys(labels), known };
    return new SeededHistogram(family);
  };
  const about = {
    http: "Time to answer a request",
    tool: "Time of a tool's call over MCP",
    execution: "Wall time of the program alone",
    queue: "Wait for a permit to run",
    cache: "Time of a cache operation; in memory every set and one get in 256 is timed",
    graph: "Time of a call to the graph",
    acquire: "Wait for a connection to the graph's database",
  };
  // Which routes there are is said later.
  const route = { method: [], route: [], code: [] };
  const cache = { tier: ["l1", "l2"], operation: ["get", "set"] };
  const graph = { operation: GRAPH_OPERATIONS, outcome: GRAPH_OUTCOMES };
  const language = { language: LANGUAGES };
  const tool = { tool: MCP_TOOLS, outcome: REQUEST_OUTCOMES };
  return {
    httpDuration: histogram("http_request_duration_seconds", about.http, REQUEST_BOUNDS, route),
    // Judged by the objective of requests, so by their bounds.
    toolDuration: histogram("mcp_tool_duration_seconds", about.tool, REQUEST_BOUNDS, tool),
    executionDuration: histogram(
      "code_execution_duration_seconds",
      about.execution,
      RUN_BOUNDS,
      language,
    ),
    queueSeconds: histogram("code_execution_queue_seconds", about.queue, QUEUE_BOUNDS, {}),
    cacheDuration: histogram("cache_operation_duration_seconds", about.cache, CACHE_BOUNDS, cache),
    graphDuration: histogram("graph_query_duration_seconds", about.graph, GRAPH_BOUNDS, graph),
    graphAcquire: histogram("graph_pool_acquire_seconds", about.acquire, ACQUIRE_BOUNDS, {}),
  };
}

/** Makes the counts, each of which OpenTelemetry reads when it is asked. */
export function createInstruments(meter: Meter): Instruments {
  const counter = (name: string, description: string, labels: Labels) =>
    read(meter.createObservableCounter(PREFIX + name, { description }), labels);
  const gauge = (name: string, description: string, labels: Labels) =>
    read(meter.createObservableUpDownCounter(PREFIX + name, { description }), labels);
  const languages = { language: LANGUAGES };
  const yesOrNo = ["true", "false"];
  return {
    httpRequests: counter("http_requests_total", "Requests answered, by how they ended", {
      status: STATUSES,
    }),
    httpOutcomes: counter(
      "http_request_outcomes_total",
      "Requests answered, by who asked and how the answer ended",
      { source: REQUEST_SOURCES, outcome: REQUEST_OUTCOMES },
    ),
    httpInFlight: gauge("http_requests_in_flight", "Requests being answered", {}),
    rateLimitDecisions: counter(
      "rate_limit_decisions_total",
      "Requests that a rate limit was asked about",
      { decision: ["allowed", "limited"], backend: ["memory", "redis"] },
    ),
    authDecisions: counter("auth_decisions_total", "Tokens judged, and permissions refused", {
      result: AUTH_RESULTS,
    }),
    requestsByAuth: counter(
      "requests_by_auth_total",
      "Requests answered, by whether it was known who asked",
      { authenticated: yesOrNo },
    ),
    executions: counter("code_executions_total", "Runs asked for, by how they ended", {
      status: STATUSES,
    }),
    outcomes: counter(
      "code_execution_outcomes_total",
      "Runs asked for, by language and outcome",
      { ...languages, outcome: ENDS },
    ),
    auditEvents: counter("audit_events_total", "Audit events, and whether they were kept", {
      type: AUDIT_TYPES,
      stored: yesOrNo,
    }),
    retries: counter("retries_total", "Calls tried again, and what became of them", {
      operation: RETRIED_OPERATIONS,
      result: RETRY_RESULTS,
    }),
    byLanguage: gauge("executions_by_language", "Runs asked for since the start", languages),
    byLanguageTotal: counter("executions_by_language_total", "Runs asked for", languages),
  };
}

function read(instrument: Observable, labels: Labels): Counts {
  const counts = new Counts(labels);
  counts.readBy(instrument);
  return counts;
}
