import {
  type AlertCase,
  BAD,
  counting,
  GOOD,
  lookUps,
  SINCE,
  steady,
  waits,
} from "./alert_case.ts";
import { REQUEST_CASES } from "./request_cases.ts";

const RUNS = 'ultimate_mcp_code_executions_total{status="total"}';
const FAILED_RUNS = 'ultimate_mcp_code_executions_total{status="failed"}';
const INSTANCE = { instance: "app1:8000" };

const found = (text: string) =>
  `The cache graph_queries found ${text} of what it was asked for in the last 5 minutes.`;

const CACHE_CASES: readonly AlertCase[] = [
  {
    because: "49 look-ups in a hundred find something",
    series: lookUps([[40, [39, 10, 51]]]),
    at: "18m",
    fires: { cache: "graph_queries" },
    description: found("49%"),
  },
  {
    because: "51 do, most of them in Redis",
    series: lookUps([[40, [10, 41, 49]]]),
    at: "18m",
  },
  {
    because: "seven look-ups a minute find nothing",
    series: lookUps([[40, [0, 0, 7]]]),
    at: "22m",
    fires: { cache: "graph_queries" },
    description: found("0%"),
  },
  {
    because: "five look-ups a minute say nothing",
    series: lookUps([[40, [0, 0, 5]]]),
    at: "22m",
  },
  {
    because: SINCE,
    series: lookUps([[GOOD, [100, 0, 0]], [BAD, [20, 10, 70]]]),
    silentAt: "28m",
    at: "29m",
    fires: { cache: "graph_queries" },
    description: found("30%"),
  },
].map((it) => ({ alert: "UltimateMcpCacheHitRateLow", ...it }));

const failedRuns = (text: string) =>
  `${text} of the runs of the last 5 minutes were refused, timed out or hit a limit.`;

const EXECUTION_CASES: readonly AlertCase[] = [
  {
    because: "11 runs in a hundred fail",
    series: { [RUNS]: steady(100), [FAILED_RUNS]: steady(11) },
    at: "8m",
    fires: {},
    description: failedRuns("11%"),
  },
  {
    because: "nine runs in a hundred do",
    series: { [RUNS]: steady(100), [FAILED_RUNS]: steady(9) },
    at: "8m",
  },
  {
    because: SINCE,
    series: {
      [RUNS]: counting([[GOOD + BAD, 100]]),
      [FAILED_RUNS]: counting([[GOOD, 0], [BAD, 14]]),
    },
    silentAt: "18m",
    at: "19m",
    fires: {},
    description: failedRuns("14%"),
  },
].map((it) => ({ alert: "UltimateMcpExecutionFailuresHigh", ...it }));

const p95 = (text: string) => `The 95th percentile of the wait of the last 5 minutes is ${text}.`;

const QUEUE_CASES: readonly AlertCase[] = [
  {
    because: "the 50th slowest of 1,000 waits a little more than a second",
    series: waits([[20, [946, 0, 54]]]),
    at: "8m",
    fires: {},
    description: p95("1.111s"),
  },
  {
    because: "it waits a little less",
    series: waits([[20, [500, 454, 46]]]),
    at: "8m",
  },
  {
    because: SINCE,
    series: waits([[GOOD, [1000, 0, 0]], [BAD, [930, 0, 70]]]),
    silentAt: "18m",
    at: "19m",
    fires: {},
    description: p95("1.429s"),
  },
].map((it) => ({ alert: "UltimateMcpQueueWaitHigh", ...it }));

const OUTBOX_CASES: readonly AlertCase[] = [
  {
    because: "six records a minute come, none goes, and five minutes ago there was one already",
    series: { ultimate_mcp_outbox_pending: "0+6x30" },
    silentAt: "15m",
    at: "16m",
    fires: INSTANCE,
    description: "What app1:8000 keeps for the records' database grows by 100m a second.",
  },
  {
    because: "of five minutes it has grown for more than half",
    series: { ultimate_mcp_outbox_pending: "220-6x20 106+6x20" },
    silentAt: "33m",
    at: "34m",
    fires: INSTANCE,
    description: "What app1:8000 keeps for the records' database grows by 100m a second.",
  },
  {
    because: "it is handed over in between",
    series: { ultimate_mcp_outbox_pending: "0 5 9 0 7 12 0 8 14 0 9 16 0 10 18 0 11 20 0 12 22" },
    at: "20m",
  },
  { because: "it shrinks", series: { ultimate_mcp_outbox_pending: "900-6x30" }, at: "25m" },
  {
    because: "as many wait as before",
    series: { ultimate_mcp_outbox_pending: "5+0x30" },
    at: "25m",
  },
].map((it) => ({ alert: "UltimateMcpOutboxGrowing", ...it }));

const MACHINE_CASES: readonly AlertCase[] = ["Memory", "Cpu"].flatMap((part): AlertCase[] => {
  const series = `ultimate_mcp_${part.toLowerCase()}_usage_percent`;
  const alert = `UltimateMcp${part}High`;
  const averaged = (text: string) =>
    `On the machine of app1:8000 it is ${text} %, averaged over 5 minutes.`;
  return [
    {
      alert,
      because: "it is at 76, 66, 76, 66 and 71 in turn",
      series: { [series]: Array(6).fill("76 66 76 66 71").join(" ") },
      at: "18m",
      fires: INSTANCE,
      description: averaged("71"),
    },
    { alert, because: "it is at 69", series: { [series]: "69+0x30" }, at: "18m" },
    {
      alert,
      because: SINCE,
      series: { [series]: `40+0x${GOOD - 1} 80+0x${BAD}` },
      silentAt: "28m",
      at: "29m",
      fires: INSTANCE,
      description: averaged("80"),
    },
  ];
});

/** Of what is there or not there: by the quarter of a minute, as it is scraped and judged. */
const STATE_CASES: readonly AlertCase[] = [
  {
    alert: "UltimateMcpBreakerOpen",
    because: "it is open, but for probes that fail",
    series: { 'ultimate_mcp_circuit_breaker_state{breaker="graph_read"}': "0 1 2 1 2 1" },
    silentAt: "60s",
    at: "75s",
    fires: { ...INSTANCE, breaker: "graph_read" },
    description: "The breaker graph_read of app1:8000 is open, or half open and not yet closed.",
  },
  {
    alert: "UltimateMcpBreakerOpen",
    because: "it closes between two faults",
    series: { 'ultimate_mcp_circuit_breaker_state{breaker="graph_read"}': "0 1 1 1 0 1 1 1" },
    at: "105s",
  },
  {
    alert: "UltimateMcpInstanceDown",
    because: "one of the instances cannot be scraped",
    series: { up: "1 1 0 0 0 0 0" },
    silentAt: "75s",
    at: "90s",
    fires: INSTANCE,
    description: "Prometheus cannot scrape app1:8000.",
  },
  {
    alert: "UltimateMcpInstanceDown",
    because: "Prometheus knows no instance",
    series: { 'up{job="another"}': "1 1 1 1 1" },
    silentAt: "45s",
    at: "60s",
    fires: {},
    description: "Prometheus cannot scrape any instance: it knows none.",
  },
  {
    alert: "UltimateMcpInstanceDown",
    because: "one scrape fails",
    series: { up: "1 0 1 1 1 1 1" },
    at: "90s",
  },
].map((it) => ({ apart: "15s", every: "15s", ...it }));

/** The cases of every alert but those of the budgets. */
export const ALERT_CASES: readonly AlertCase[] = [
  ...REQUEST_CASES,
  ...CACHE_CASES,
  ...EXECUTION_CASES,
  ...QUEUE_CASES,
  ...OUTBOX_CASES,
  ...MACHINE_CASES,
  ...STATE_CASES,
];
