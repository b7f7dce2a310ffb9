import { chosen, type Dashboard, quantiles, rateBy, rateOf, rateOfSeen } from "./dashboard.ts";

const GRAPH_BREAKERS = 'breaker=~"graph_.+"';

/** The graph and its database. */
export const GRAPH: Dashboard = {
  name: "graph",
  title: "Graph",
  description: "Calls to the graph, and connections to its database. An embedded graph has none.",
  panels: [
    {
      kind: "stat",
      title: "Calls",
      description: "To the graph, each second; answers out of the cache are none.",
      unit: "ops",
      queries: [[rateOf("graph_query_duration_seconds_count"), ""]],
    },
    {
      kind: "stat",
      title: "Slowest in a hundred",
      description: "The 99th percentile of reading and writing.",
      unit: "s",
      queries: quantiles([0.99], "graph_query_duration_seconds"),
      alert: "UltimateMcpLatencyHigh",
      warning: 0.1,
      alarm: 0.2,
    },
    {
      kind: "stat",
      title: "Breakers that are not closed",
      description: "Before reading and writing the graph.",
      unit: "none",
      queries: [
        [`sum(ultimate_mcp_circuit_breaker_state${chosen(GRAPH_BREAKERS)} > bool 0)`, ""],
      ],
      alert: "UltimateMcpBreakerOpen",
      alarm: 1,
    },
    {
      kind: "stat",
      title: "Connections in use",
      description: "Of the pool to the graph's database.",
      unit: "short",
      queries: [[`sum(ultimate_mcp_graph_pool_connections${chosen('state="in_use"')})`, ""]],
    },
    {
      title: "Calls by operation",
      description:
        "Each second, by what is done and how it ended. What has not come up is left out.",
      unit: "ops",
      queries: [[
        rateOfSeen("operation, outcome", "graph_query_duration_seconds_count"),
        "{{operation}} {{outcome}}",
      ]],
    },
    {
      title: "Time of calls",
      description:
        "Half of them, and 99 of a hundred. Operations that were not asked for are left out.",
      unit: "s",
      queries: quantiles([0.5, 0.99], "graph_query_duration_seconds", { by: "operation" }).map(
        ([expr, legend]) => [`${expr} >= 0`, legend],
      ),
      alert: "UltimateMcpLatencyHigh",
      alarm: 0.2,
    },
    {
      title: "Connections",
      description: "To the graph's database, idle and in use.",
      unit: "short",
      queries: [[
        `sum by (instance, state) (ultimate_mcp_graph_pool_connections${chosen()})`,
        "{{instance}} {{state}}",
      ]],
    },
    {
      title: "Wait for a connection",
      description: "Aim: 99 of a hundred within 10 ms.",
      unit: "s",
      queries: quantiles([0.5, 0.99], "graph_pool_acquire_seconds"),
      alarm: 0.01,
    },
    {
      title: "Calls tried again",
      description: "Each second, and what became of them.",
      unit: "ops",
      queries: [[
        rateBy("operation, result", "retries_total", 'operation=~"graph_.+"'),
        "{{operation}} {{result}}",
      ]],
      alert: "UltimateMcpBreakerOpen",
    },
    {
      title: "Breakers",
      description: "Before reading and writing the graph.",
      unit: "none",
      queries: [[
        `ultimate_mcp_circuit_breaker_state${chosen(GRAPH_BREAKERS)}`,
        "{{instance}} {{breaker}}",
      ]],
      names: { 0: "closed", 1: "open", 2: "half open" },
      alert: "UltimateMcpBreakerOpen",
      alarm: 1,
    },
  ],
};
