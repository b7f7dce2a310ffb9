import { chosen, type Dashboard, quantiles, rateBy, rateOf, rateOfSeen } from "./dashboard.ts";

/** Programs: how many, how they end, how long they wait. */
export const EXECUTIONS: Dashboard = {
  name: "executions",
  title: "Executions",
  description: "Programs: how many run, how they end, how long they wait for a place.",
  panels: [
    {
      kind: "stat",
      title: "Runs",
      description: "Asked for each second.",
      unit: "ops",
      queries: [[rateOf("code_executions_total", 'status="total"'), ""]],
    },
    {
      kind: "stat",
      title: "Failed runs",
      description:
        "Refused, timed out or stopped at a limit. A program's own exit code is no failure.",
      unit: "percentunit",
      queries: [["max(job:ultimate_mcp_execution_failures:ratio_rate5m)", ""]],
      alert: "UltimateMcpExecutionFailuresHigh",
      warning: 0.05,
      alarm: 0.1,
    },
    {
      kind: "stat",
      title: "In hand",
      description: "Programs that run now.",
      unit: "short",
      queries: [[`sum(ultimate_mcp_executions_in_flight${chosen()})`, ""]],
    },
    {
      kind: "stat",
      title: "Waiting",
      description: "Runs that wait for a place now.",
      unit: "short",
      queries: [[`sum(ultimate_mcp_executions_queued${chosen()})`, ""]],
      alert: "UltimateMcpQueueWaitHigh",
      warning: 1,
    },
    {
      title: "How runs end",
      description: "Each second, by outcome. Those that have not come up are left out.",
      unit: "ops",
      queries: [[rateOfSeen("outcome", "code_execution_outcomes_total"), "{{outcome}}"]],
      alert: "UltimateMcpExecutionFailuresHigh",
    },
    {
      title: "Runs by language",
      description: "Asked for each second.",
      unit: "ops",
      queries: [[rateBy("language", "executions_by_language_total"), "{{language}}"]],
    },
    {
      title: "Time of programs",
      description:
        "Wall time of the program alone, half of them and 95 of a hundred. Languages that " +
        "were not used are left out.",
      unit: "s",
      queries: quantiles([0.5, 0.95], "code_execution_duration_seconds", { by: "language" }).map(
        ([expr, legend]) => [`${expr} >= 0`, legend],
      ),
    },
    {
      title: "Wait for a place",
      description: "The alert speaks where 5 in a hundred wait longer than a second.",
      unit: "s",
      queries: quantiles([0.5, 0.95, 0.99], "code_execution_queue_seconds"),
      alert: "UltimateMcpQueueWaitHigh",
      alarm: 1,
    },
    {
      title: "Places",
      description: "Runs in hand, and runs that wait for a place.",
      unit: "short",
      queries: [
        [
          `sum by (instance) (ultimate_mcp_executions_in_flight${chosen()})`,
          "{{instance}} in hand",
        ],
        [`sum by (instance) (ultimate_mcp_executions_queued${chosen()})`, "{{instance}} waiting"],
      ],
    },
    {
      title: "Starts",
      description: "In a process that was started ahead (warm), or in one of their own (cold).",
      unit: "ops",
      queries: [[
        rateBy("language, start", "code_execution_starts_total"),
        "{{language}} {{start}}",
      ]],
    },
  ],
};
