import {
  type AlertCase,
  answered,
  BAD,
  callDurations,
  counting,
  durations,
  GOOD,
  SINCE,
  type Spread,
  steady,
} from "./alert_case.ts";

const [OK, FAILED, LEFT] = [answered("ok"), answered("failed"), answered("left")];

const ERROR_CASES: readonly AlertCase[] = [
  {
    because: "eleven requests in 10,000 fail, and health checks do not",
    series: {
      [OK]: steady(9989),
      [FAILED]: steady(11),
      [answered("ok", "probes")]: steady(90_000),
    },
    at: "8m",
    fires: {},
    description: "0.11% of the requests of the last 5 minutes were answered 5xx or cut off.",
  },
  {
    because: "eleven callers in 10,000 leave before their answer is whole",
    series: { [OK]: steady(9989), [LEFT]: steady(11) },
    at: "8m",
    fires: {},
    description: "0.11% of the requests of the last 5 minutes were answered 5xx or cut off.",
  },
  {
    because: "nine requests in 10,000 fail",
    series: { [OK]: steady(9991), [FAILED]: steady(9) },
    at: "8m",
  },
  {
    because: "an instance that is not ready says so, and all else is refused",
    series: { [answered("failed", "probes")]: steady(4), [answered("refused")]: steady(60) },
    at: "8m",
  },
  {
    because: SINCE,
    series: {
      [OK]: counting([[GOOD, 10_000], [BAD, 9986]]),
      [FAILED]: counting([[GOOD, 0], [BAD, 14]]),
    },
    silentAt: "18m",
    at: "19m",
    fires: {},
    description: "0.14% of the requests of the last 5 minutes were answered 5xx or cut off.",
  },
].map((it) => ({ alert: "UltimateMcpErrorRateHigh", ...it }));

const asked = (...spread: Spread) => durations("/api/v1/graph_query", [[20, spread]]);
const p99 = (text: string) =>
  `The 99th percentile of the last 5 minutes is ${text}, programs and streams left out.`;

/** Those whose time is not judged; all others are. */
export const NOT_JUDGED = {
  routes: [
    "/health",
    "/health/ready",
    "/metrics",
    "/mcp",
    "/api/v1/execute_code",
    "/api/v1/run_tests",
    "/api/v1/executions/{id}/events",
    "/api/v1/graph/export",
    "/api/v1/graph/import",
  ],
  tools: ["execute_code", "run_tests"],
} as const;

const LATENCY_CASES: readonly AlertCase[] = [
  {
    because: "the 100th slowest of 10,000 takes a little more than 200 ms",
    series: asked(9893, 0, 107),
    at: "8m",
    fires: {},
    description: p99("219.6ms"),
  },
  {
    because: "it takes a little less",
    series: asked(9000, 907, 93),
    at: "8m",
  },
  {
    because: "two calls of a tool in a hundred take 200 to 500 ms, over MCP",
    series: {
      ...callDurations("graph_query", [[20, [88, 0, 2]]]),
      ...durations("/status", [[20, [10, 0, 0]]]),
    },
    at: "8m",
    fires: {},
    description: p99("350ms"),
  },
  {
    because: "what takes long is its caller's, or watches",
    series: Object.assign(
      {},
      ...NOT_JUDGED.routes.map((route) => durations(route, [[20, [50, 0, 50]]])),
      ...NOT_JUDGED.tools.map((tool) => callDurations(tool, [[20, [50, 0, 50]]])),
    ),
    at: "8m",
  },
  {
    because: SINCE,
    series: durations("/api/v1/graph_query", [[GOOD, [10_000, 0, 0]], [BAD, [9860, 0, 140]]]),
    silentAt: "18m",
    at: "19m",
    fires: {},
    description: p99("285.7ms"),
  },
].map((it) => ({ alert: "UltimateMcpLatencyHigh", ...it }));

/** The cases of failed and of slow requests. */
export const REQUEST_CASES: readonly AlertCase[] = [...ERROR_CASES, ...LATENCY_CASES];
