import { chosen, type Dashboard, rateBy, rateOf, rateOfSeen } from "./dashboard.ts";

const CALLS = "circuit_breaker_calls_total";

/** Breakers and retries: what is kept from parts that fail. */
export const BREAKERS: Dashboard = {
  name: "breakers",
  title: "Breakers",
  description: "Circuit breakers and retries: which part fails, and what is kept from it.",
  panels: [
    {
      kind: "stat",
      title: "Not closed",
      description: "Breakers that are open, or half open, on any instance.",
      unit: "none",
      queries: [[`sum(ultimate_mcp_circuit_breaker_state${chosen()} > bool 0)`, ""]],
      alert: "UltimateMcpBreakerOpen",
      alarm: 1,
    },
    {
      kind: "stat",
      title: "Failed calls",
      description: "Each second, through all breakers.",
      unit: "ops",
      queries: [[rateOf(CALLS, 'status="failed"'), ""]],
      alert: "UltimateMcpBreakerOpen",
      warning: 0.1,
    },
    {
      kind: "stat",
      title: "Calls kept back",
      description: "Each second: they are answered 503 at once, or done without the part.",
      unit: "ops",
      queries: [[rateOf(CALLS, 'status="rejected"'), ""]],
      alert: "UltimateMcpBreakerOpen",
      alarm: 0.1,
    },
    {
      kind: "stat",
      title: "Waiting records",
      description: "Accepted, and not yet in their database.",
      unit: "short",
      queries: [[`sum(ultimate_mcp_outbox_pending${chosen()})`, ""]],
      alert: "UltimateMcpOutboxGrowing",
      warning: 100,
    },
    {
      title: "States",
      description: "Of each breaker: closed lets calls in, half open a few.",
      unit: "none",
      queries: [[`ultimate_mcp_circuit_breaker_state${chosen()}`, "{{instance}} {{breaker}}"]],
      names: { 0: "closed", 1: "open", 2: "half open" },
      alert: "UltimateMcpBreakerOpen",
      alarm: 1,
    },
    {
      title: "Calls",
      description: "Each second, by breaker and how they ended. What has not come up is left out.",
      unit: "ops",
      queries: [[
        rateOfSeen("breaker, status", CALLS, 'status!="total"'),
        "{{breaker}} {{status}}",
      ]],
    },
    {
      title: "Changes of state",
      description: "In the last hour, by the state that began.",
      unit: "short",
      queries: [[
        `sum by (breaker, to) (increase(ultimate_mcp_circuit_breaker_transitions_total${chosen()}[1h]))`,
        "{{breaker}} → {{to}}",
      ]],
    },
    {
      title: "Calls tried again",
      description: "Each second, and what became of them.",
      unit: "ops",
      queries: [[rateBy("operation, result", "retries_total"), "{{operation}} {{result}}"]],
    },
    {
      title: "Waiting records, by instance",
      description:
        "Accepted, and not yet in their database. The alert speaks after ten minutes of growth.",
      unit: "short",
      queries: [[`ultimate_mcp_outbox_pending${chosen()}`, "{{instance}}"]],
      alert: "UltimateMcpOutboxGrowing",
    },
    {
      title: "Share of failed calls",
      description: "Of those that a breaker let through; breakers without calls are left out.",
      unit: "percentunit",
      queries: [[
        `${rateBy("breaker", CALLS, 'status="failed"')} / (${
          rateBy("breaker", CALLS, 'status=~"successful|failed"')
        } > 0)`,
        "{{breaker}}",
      ]],
      alert: "UltimateMcpBreakerOpen",
    },
  ],
};
