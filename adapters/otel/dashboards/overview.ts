import { chosen, type Dashboard, type Query, rateBy, rateOf, rateOfSeen } from "./dashboard.ts";

// Of the latency: what takes long there is the caller's own. The same as in recording.rules.yml.
const JUDGED = 'route!~"/health.*|/metrics|/mcp|' +
  '/api/v1/(execute_code|run_tests|executions/.+/events|graph/(export|import))"';
const JUDGED_TOOLS = 'tool!~"execute_code|run_tests"';
// Of the availability: callers' own requests, as there too.
const OUTCOMES = "http_request_outcomes_total";
const CALLERS = 'source="callers"';
const FAILED = `${CALLERS},outcome=~"failed|left"`;

/** Quantiles of what the objective of latency judges. */
function judged(shares: readonly number[]): Query[] {
  const rate = (name: string, more: string) =>
    `rate(ultimate_mcp_${name}_duration_seconds_bucket${chosen(more)}[$__rate_interval])`;
  const all = `${rate("http_request", JUDGED)} or ${rate("mcp_tool", JUDGED_TOOLS)}`;
  return shares.map((share) => [
    `histogram_quantile(${share}, sum by (le) (${all}))`,
    `p${share * 100}`,
  ]);
}

/** Whether it is well, and how fast. */
export const OVERVIEW: Dashboard = {
  name: "overview",
  title: "Overview",
  description: "Is it well, and how fast? From here to the part that is not.",
  panels: [
    {
      kind: "stat",
      title: "Instances that answer",
      description: "Of those that Prometheus knows. An instance is scraped at /metrics.",
      unit: "none",
      queries: [['sum(up{job="ultimate_mcp",instance=~"$instance"})', "up"]],
      alert: "UltimateMcpInstanceDown",
      lowIsBad: true,
      alarm: 1,
    },
    {
      kind: "stat",
      title: "Alerts that fire",
      description: "Of this product's rules.",
      unit: "none",
      queries: [['count(ALERTS{alertname=~"UltimateMcp.+",alertstate="firing"}) or vector(0)', ""]],
      alarm: 1,
    },
    {
      kind: "stat",
      title: "Availability",
      description:
        "Requests of callers, tools over MCP among them, that were not answered 5xx or " +
        "cut off, in the chosen time. Aim: 99.9 %.",
      unit: "percentunit",
      queries: [[
        `1 - sum(increase(ultimate_mcp_${OUTCOMES}${chosen(FAILED)}[$__range]))` +
        ` / sum(increase(ultimate_mcp_${OUTCOMES}${chosen(CALLERS)}[$__range]))`,
        "",
      ]],
      alert: "UltimateMcpAvailabilityBudgetBurnFast",
      lowIsBad: true,
      warning: 0.9995,
      alarm: 0.999,
    },
    {
      kind: "stat",
      title: "Slowest in a hundred",
      description: "The 99th percentile, programs and streams left out. Aim: 200 ms.",
      unit: "s",
      queries: judged([0.99]),
      alert: "UltimateMcpLatencyHigh",
      warning: 0.1,
      alarm: 0.2,
    },
    {
      title: "Requests",
      description: "Of callers, each second, by how they ended. A refusal (4xx) is a success of " +
        "the service; left: nobody waited for all of the answer.",
      unit: "reqps",
      queries: [[rateBy("outcome", OUTCOMES, CALLERS), "{{outcome}}"]],
    },
    {
      title: "Share of failed requests",
      description: "Of callers: answered 5xx or cut off. The alert speaks above one in a thousand.",
      unit: "percentunit",
      queries: [[
        `${rateOf(OUTCOMES, FAILED)} / ${rateOf(OUTCOMES, CALLERS)}`,
        "failed",
      ]],
      alert: "UltimateMcpErrorRateHigh",
      alarm: 0.001,
    },
    {
      title: "Latency",
      description: "Time to answer, programs and streams left out. Aim: 99 % within 200 ms.",
      unit: "s",
      queries: judged([0.5, 0.95, 0.99]),
      alert: "UltimateMcpLatencyHigh",
      alarm: 0.2,
    },
    {
      title: "Latency by route",
      description: "The 95th percentile of every route that was asked, that of programs included.",
      unit: "s",
      queries: [[
        `histogram_quantile(0.95, ${
          rateBy("le, route", "http_request_duration_seconds_bucket")
        }) >= 0`,
        "{{route}}",
      ]],
    },
    {
      title: "Tools over MCP",
      description: "The 95th percentile of each tool that was called, programs included.",
      unit: "s",
      queries: [[
        `histogram_quantile(0.95, ${rateBy("le, tool", "mcp_tool_duration_seconds_bucket")}) >= 0`,
        "{{tool}}",
      ]],
    },
    {
      title: "Calls of tools over MCP",
      description: "Answered each second, by how they ended.",
      unit: "ops",
      queries: [[rateBy("outcome", "mcp_tool_duration_seconds_count"), "{{outcome}}"]],
    },
    {
      title: "Requests by route",
      description:
        "Answered each second, by the route's pattern. Routes that were not asked are left out.",
      unit: "reqps",
      queries: [[rateOfSeen("route", "http_request_duration_seconds_count"), "{{route}}"]],
    },
    {
      title: "Requests by status",
      description: "Answered each second, by the HTTP status.",
      unit: "reqps",
      queries: [[rateOfSeen("code", "http_request_duration_seconds_count"), "{{code}}"]],
    },
    {
      title: "How fast the budgets burn",
      description:
        "Bad requests of the last hour against what the month's budget allows: 1 spends " +
        "exactly all of it, 14.4 a fiftieth in an hour.",
      unit: "none",
      queries: [
        ["job:ultimate_mcp_http_failures:ratio_rate1h / 0.001", "availability (99.9 %)"],
        ["job:ultimate_mcp_http_slow:ratio_rate1h / 0.01", "latency (99 % within 200 ms)"],
      ],
      alert: ["Availability", "Latency"].flatMap((objective) =>
        ["Fast", "Slow"].map((speed) => `UltimateMcp${objective}BudgetBurn${speed}`)
      ),
      warning: 1,
      alarm: 14.4,
    },
    {
      title: "Requests in hand",
      description: "Taken and not yet answered, streams among them.",
      unit: "short",
      queries: [
        [`sum by (instance) (ultimate_mcp_http_requests_in_flight${chosen()})`, "{{instance}}"],
      ],
    },
    {
      kind: "table",
      title: "What runs",
      description: "Version, sandbox, graph and cache of each instance.",
      unit: "none",
      queries: [[
        `sum by (instance, version, runner, graph, cache) (ultimate_mcp_build_info${chosen()})`,
        "",
      ]],
    },
  ],
};
