/** What one alert says of one history. */
export interface AlertCase {
  readonly alert: string;
  /** Why it speaks, or why it does not. */
  readonly because: string;
  /** How long its samples are apart. Default: a minute. */
  readonly apart?: string;
  /** How often the rules are judged. Default: a minute. */
  readonly every?: string;
  /** Samples in promtool's notation, by a series' name with labels; each gets `job` and `instance` besides. */
  readonly series: Readonly<Record<string, string>>;
  /** When it is looked at, such as `8m`. */
  readonly at: string;
  /** What it says, by its labels without `job`; nothing where it does not fire. */
  readonly fires?: Readonly<Record<string, string>>;
  /** Where it fires: the text that the operator reads. */
  readonly description?: string;
}

/** Requests that ended so, of callers or of what watches. */
export function answered(outcome: string, source = "callers"): string {
  return `ultimate_mcp_http_request_outcomes_total{source="${source}",outcome="${outcome}"}`;
}

const [OK, FAILED, LEFT] = [answered("ok"), answered("failed"), answered("left")];
const RUNS = 'ultimate_mcp_code_executions_total{status="total"}';
const FAILED_RUNS = 'ultimate_mcp_code_executions_total{status="failed"}';
const INSTANCE = { instance: "app1:8000" };

/** The buckets of requests of a route, so many a minute, of which some take longer than 200 ms. */
export function durations(
  route: string,
  each: number,
  slow: number,
  minutes: number,
): AlertCase["series"] {
  const labels = `method="POST",route="${route}",code="200"`;
  return buckets("ultimate_mcp_http_request_duration_seconds", labels, [each, slow, minutes]);
}

/** The same of calls of a tool over MCP. */
export function callDurations(tool: string, ...counts: Counts): AlertCase["series"] {
  const labels = `tool="${tool}",outcome="ok"`;
  return buckets("ultimate_mcp_mcp_tool_duration_seconds", labels, counts);
}

type Counts = readonly [each: number, slow: number, minutes: number];

function buckets(name: string, labels: string, [each, slow, minutes]: Counts) {
  return {
    [`${name}_bucket{${labels},le="0.1"}`]: `0+${each - slow}x${minutes}`,
    [`${name}_bucket{${labels},le="0.2"}`]: `0+${each - slow}x${minutes}`,
    [`${name}_bucket{${labels},le="0.5"}`]: `0+${each}x${minutes}`,
    [`${name}_bucket{${labels},le="+Inf"}`]: `0+${each}x${minutes}`,
    [`${name}_count{${labels}}`]: `0+${each}x${minutes}`,
  };
}

/** The buckets of the wait for a place: so many a minute within a second, so many within five. */
function waits(short: number, long: number) {
  const name = "ultimate_mcp_code_execution_queue_seconds_bucket";
  return {
    [`${name}{le="1"}`]: `0+${short}x20`,
    [`${name}{le="5"}`]: `0+${short + long}x20`,
    [`${name}{le="+Inf"}`]: `0+${short + long}x20`,
  };
}

/** So many look-ups a minute found in memory, found in Redis, and found nowhere. */
function lookUps(memory: number, redis: number, nowhere: number) {
  const name = 'ultimate_mcp_cache_operations_total{cache="graph_queries"';
  return {
    [`${name},operation="hit",tier="l1"}`]: `0+${memory}x40`,
    [`${name},operation="miss",tier="l1"}`]: `0+${redis + nowhere}x40`,
    [`${name},operation="hit",tier="l2"}`]: `0+${redis}x40`,
    [`${name},operation="miss",tier="l2"}`]: `0+${nowhere}x40`,
  };
}

const REQUEST_CASES: readonly AlertCase[] = [
  {
    alert: "UltimateMcpErrorRateHigh",
    because: "one request in 60 fails, and health checks do not",
    series: { [OK]: "0+59x20", [FAILED]: "0+1x20", [answered("ok", "probes")]: "0+9000x20" },
    at: "8m",
    fires: {},
    description: "1.667% of the requests of the last 5 minutes were answered 5xx or cut off.",
  },
  {
    alert: "UltimateMcpErrorRateHigh",
    because: "one caller in 50 leaves before his answer is whole",
    series: { [OK]: "0+49x20", [LEFT]: "0+1x20" },
    at: "8m",
    fires: {},
    description: "2% of the requests of the last 5 minutes were answered 5xx or cut off.",
  },
  {
    alert: "UltimateMcpErrorRateHigh",
    because: "it has not lasted for five minutes",
    series: { [OK]: "0+59x20", [FAILED]: "0+1x20" },
    at: "5m",
  },
  {
    alert: "UltimateMcpErrorRateHigh",
    because: "one request in 2,000 fails",
    series: { [OK]: "0+1999x20", [FAILED]: "0+1x20" },
    at: "15m",
  },
  {
    alert: "UltimateMcpErrorRateHigh",
    because: "an instance that is not ready says so, and all else is refused",
    series: { [answered("failed", "probes")]: "0+4x20", [answered("refused")]: "0+60x20" },
    at: "15m",
  },
  {
    alert: "UltimateMcpLatencyHigh",
    because: "two requests in a hundred take 200 to 500 ms",
    series: durations("/api/v1/graph_query", 100, 2, 20),
    at: "8m",
    fires: {},
    description:
      "The 99th percentile of the last 5 minutes is 350ms, programs and streams left out.",
  },
  {
    alert: "UltimateMcpLatencyHigh",
    because: "two calls of a tool in a hundred do, over MCP",
    series: { ...callDurations("graph_query", 90, 2, 20), ...durations("/status", 10, 0, 20) },
    at: "8m",
    fires: {},
    description:
      "The 99th percentile of the last 5 minutes is 350ms, programs and streams left out.",
  },
  {
    alert: "UltimateMcpLatencyHigh",
    because: "what takes long is a program, over MCP",
    series: callDurations("execute_code", 100, 50, 20),
    at: "15m",
  },
  {
    alert: "UltimateMcpLatencyHigh",
    because: "one request in 200 does",
    series: durations("/api/v1/graph_query", 200, 1, 20),
    at: "15m",
  },
  ...["/api/v1/execute_code", "/api/v1/executions/{id}/events", "/mcp", "/health/ready"].map(
    (route) => ({
      alert: "UltimateMcpLatencyHigh",
      because: `what takes long is ${route}`,
      series: durations(route, 100, 50, 20),
      at: "15m",
    }),
  ),
];

const PART_CASES: readonly AlertCase[] = [
  {
    alert: "UltimateMcpBreakerOpen",
    because: "it is open, but for probes that fail",
    series: { 'ultimate_mcp_circuit_breaker_state{breaker="graph_read"}': "0 1 2 1 2 1" },
    at: "3m",
    fires: { ...INSTANCE, breaker: "graph_read" },
    description: "The breaker graph_read of app1:8000 is open, or half open and not yet closed.",
  },
  {
    alert: "UltimateMcpBreakerOpen",
    because: "it closes between two faults",
    series: { 'ultimate_mcp_circuit_breaker_state{breaker="graph_read"}': "0 1 0 1 0 1" },
    at: "5m",
  },
  {
    alert: "UltimateMcpCacheHitRateLow",
    because: "four look-ups in ten find something",
    series: lookUps(30, 10, 60),
    at: "20m",
    fires: { cache: "graph_queries" },
    description:
      "The cache graph_queries found 40% of what it was asked for in the last 5 minutes.",
  },
  {
    alert: "UltimateMcpCacheHitRateLow",
    because: "what memory does not find, Redis does",
    series: lookUps(10, 80, 10),
    at: "30m",
  },
  {
    alert: "UltimateMcpCacheHitRateLow",
    because: "two look-ups a minute say nothing",
    series: lookUps(0, 0, 2),
    at: "30m",
  },
  {
    alert: "UltimateMcpCacheHitRateLow",
    because: "it has not lasted for 15 minutes: the cache was cold",
    series: lookUps(0, 0, 100),
    at: "14m",
  },
  {
    alert: "UltimateMcpExecutionFailuresHigh",
    because: "a run in four fails",
    series: { [RUNS]: "0+40x20", [FAILED_RUNS]: "0+10x20" },
    at: "8m",
    fires: {},
    description: "25% of the runs of the last 5 minutes were refused, timed out or hit a limit.",
  },
  {
    alert: "UltimateMcpExecutionFailuresHigh",
    because: "a run in twenty does",
    series: { [RUNS]: "0+40x20", [FAILED_RUNS]: "0+2x20" },
    at: "15m",
  },
  {
    alert: "UltimateMcpQueueWaitHigh",
    because: "one run in ten waits for one to five seconds",
    series: waits(90, 10),
    at: "8m",
    fires: {},
    description: "The 95th percentile of the wait of the last 5 minutes is 3s.",
  },
  {
    alert: "UltimateMcpQueueWaitHigh",
    because: "one run in fifty does",
    series: waits(98, 2),
    at: "15m",
  },
  {
    alert: "UltimateMcpOutboxGrowing",
    because: "six records a minute come and none goes",
    series: { ultimate_mcp_outbox_pending: "0+6x30" },
    at: "18m",
    fires: INSTANCE,
    description: "What app1:8000 keeps for the records' database grows by 100m a second.",
  },
  {
    alert: "UltimateMcpOutboxGrowing",
    because: "it is handed over in between",
    series: { ultimate_mcp_outbox_pending: "0 5 9 0 7 12 0 8 14 0 9 16 0 10 18 0 11 20 0 12 22" },
    at: "20m",
  },
  {
    alert: "UltimateMcpOutboxGrowing",
    because: "it shrinks",
    series: { ultimate_mcp_outbox_pending: "900-6x30" },
    at: "25m",
  },
];

const MACHINE_CASES: readonly AlertCase[] = [
  ...["Memory", "Cpu"].flatMap((part): AlertCase[] => {
    const series = `ultimate_mcp_${part.toLowerCase()}_usage_percent`;
    const alert = `UltimateMcp${part}High`;
    return [
      {
        alert,
        because: "it is at 85 and 75 in turn",
        series: { [series]: `85 75 85${" 75 85".repeat(15)}` },
        at: "25m",
        fires: INSTANCE,
        description: "On the machine of app1:8000 it is 80 %, averaged over 5 minutes.",
      },
      { alert, because: "it is at 69", series: { [series]: "69+0x30" }, at: "25m" },
      {
        alert,
        because: "it has not lasted for 15 minutes",
        series: { [series]: "95+0x14 20+0x15" },
        at: "14m",
      },
    ];
  }),
  {
    alert: "UltimateMcpInstanceDown",
    because: "one of the instances cannot be scraped",
    series: { up: "1 1 0 0 0 0" },
    at: "4m",
    fires: INSTANCE,
    description: "Prometheus cannot scrape app1:8000.",
  },
  {
    alert: "UltimateMcpInstanceDown",
    because: "Prometheus knows no instance",
    series: { 'up{job="another"}': "1 1 1 1" },
    at: "3m",
    fires: {},
    description: "Prometheus cannot scrape any instance: it knows none.",
  },
  {
    alert: "UltimateMcpInstanceDown",
    because: "one scrape fails",
    series: { up: "1 0 1 1" },
    at: "3m",
  },
];

/** The cases of every alert but those of the budgets. */
export const ALERT_CASES: readonly AlertCase[] = [
  ...REQUEST_CASES,
  ...PART_CASES,
  ...MACHINE_CASES,
];
