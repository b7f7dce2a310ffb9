import { chosen, type Dashboard, rateBy, rateOf, rateOfSeen } from "./dashboard.ts";

const OPERATIONS = "cache_operations_total";

/** Caches: what they find, how full they are. */
export const CACHE: Dashboard = {
  name: "cache",
  title: "Cache",
  description: "What caches find, how full they are, and what goes from them.",
  panels: [
    {
      kind: "stat",
      title: "Look-ups",
      description: "In memory, each second, all caches together.",
      unit: "ops",
      queries: [[rateOf(OPERATIONS, 'operation=~"hit|miss",tier="l1"'), ""]],
    },
    {
      kind: "stat",
      title: "Found",
      description: "Of all look-ups, in memory or in Redis. The alert speaks below half.",
      unit: "percentunit",
      queries: [[
        `${rateOf(OPERATIONS, 'operation="hit"')} / ${
          rateOf(OPERATIONS, 'operation=~"hit|miss",tier="l1"')
        }`,
        "",
      ]],
      alert: "UltimateMcpCacheHitRateLow",
      lowIsBad: true,
      warning: 0.7,
      alarm: 0.5,
    },
    {
      kind: "stat",
      title: "Fullest",
      description: "Share of its entries that the fullest cache uses.",
      unit: "percentunit",
      queries: [[`max(ultimate_mcp_cache_utilization${chosen()})`, ""]],
      warning: 0.95,
    },
    {
      kind: "stat",
      title: "Faults",
      description:
        "Operations each second that failed; a cache that is away costs time, not answers.",
      unit: "ops",
      queries: [[rateOf(OPERATIONS, 'operation="error"'), ""]],
      alert: "UltimateMcpBreakerOpen",
      alarm: 0.1,
    },
    {
      title: "Found, by cache",
      description:
        "Share of look-ups of the last 5 minutes; caches that are hardly asked are left out.",
      unit: "percentunit",
      queries: [["job_cache:ultimate_mcp_cache_hits:ratio_rate5m", "{{cache}}"]],
      alert: "UltimateMcpCacheHitRateLow",
      lowIsBad: true,
      alarm: 0.5,
    },
    {
      title: "Found since the start",
      description: "Share of look-ups over the life of each process.",
      unit: "percentunit",
      queries: [[`ultimate_mcp_cache_hit_rate${chosen()}`, "{{instance}} {{cache}}"]],
    },
    {
      title: "What caches do",
      description:
        "Each second, in memory (l1) and in Redis (l2). What has not come up is left out.",
      unit: "ops",
      queries: [[rateOfSeen("tier, operation", OPERATIONS), "{{tier}} {{operation}}"]],
    },
    {
      title: "Time of operations",
      description: "99 of a hundred. In memory every set and one get in 256 is timed.",
      unit: "s",
      queries: [[
        `histogram_quantile(0.99, ${
          rateBy("le, tier, operation", "cache_operation_duration_seconds_bucket")
        }) >= 0`,
        "{{tier}} {{operation}}",
      ]],
    },
    {
      title: "Entries",
      description: "In memory, by cache.",
      unit: "short",
      queries: [[`sum by (cache) (ultimate_mcp_cache_size${chosen()})`, "{{cache}}"]],
    },
    {
      title: "How full",
      description: "Share of a cache's entries in use, of its fullest instance.",
      unit: "percentunit",
      queries: [[`max by (cache) (ultimate_mcp_cache_utilization${chosen()})`, "{{cache}}"]],
    },
  ],
};
