import { chosen, type Dashboard, rateBy, rateOf, rateOfSeen } from "./dashboard.ts";

/** Who asks, and who is refused. */
export const ACCESS: Dashboard = {
  name: "access",
  title: "Access",
  description: "Who asks, who is refused, and what the audit keeps. Nobody is named here.",
  panels: [
    {
      kind: "stat",
      title: "Users",
      description:
        "Distinct verified users of the last hour, estimated; of the instance with most.",
      unit: "short",
      queries: [[`max(ultimate_mcp_unique_users${chosen()})`, ""]],
    },
    {
      kind: "stat",
      title: "Refused tokens",
      description: "Missing, invalid, expired or revoked, each second.",
      unit: "ops",
      queries: [[rateOf("auth_decisions_total", 'result!~"ok|forbidden"'), ""]],
      warning: 1,
    },
    {
      kind: "stat",
      title: "Refused by role",
      description: "A good token that may not do what it asked for, each second.",
      unit: "ops",
      queries: [[rateOf("auth_decisions_total", 'result="forbidden"'), ""]],
      warning: 1,
    },
    {
      kind: "stat",
      title: "Refused by limit",
      description: "Requests past a rate limit, each second.",
      unit: "ops",
      queries: [[rateOf("rate_limit_decisions_total", 'decision="limited"'), ""]],
      warning: 1,
    },
    {
      title: "Tokens",
      description: "Judged each second, by verdict.",
      unit: "ops",
      queries: [[rateBy("result", "auth_decisions_total"), "{{result}}"]],
    },
    {
      title: "Rate limits",
      description: "Asked each second, by verdict and where buckets are kept.",
      unit: "ops",
      queries: [[
        rateBy("decision, backend", "rate_limit_decisions_total"),
        "{{decision}} ({{backend}})",
      ]],
    },
    {
      title: "Requests with and without a user",
      description: "Answered each second, by whether it was known who asked.",
      unit: "reqps",
      queries: [[
        rateBy("authenticated", "requests_by_auth_total"),
        "authenticated: {{authenticated}}",
      ]],
    },
    {
      title: "Audit events",
      description: "Each second, by type. Types that have not come up are left out.",
      unit: "ops",
      queries: [[rateOfSeen("type", "audit_events_total"), "{{type}}"]],
    },
    {
      title: "Audit events that were not kept",
      description: "Each second. There should be none.",
      unit: "ops",
      queries: [[rateOf("audit_events_total", 'stored="false"'), "not kept"]],
      alert: "UltimateMcpOutboxGrowing",
      alarm: 0.001,
    },
    {
      title: "Users, by instance",
      description: "Distinct verified users of the last hour, estimated.",
      unit: "short",
      queries: [[`ultimate_mcp_unique_users${chosen()}`, "{{instance}}"]],
    },
  ],
};
