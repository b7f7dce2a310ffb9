import { ACCESS } from "./access.ts";
import { BREAKERS } from "./breakers.ts";
import { CACHE } from "./cache.ts";
import { type Dashboard, dashboardJson } from "./dashboard.ts";
import { EXECUTIONS } from "./executions.ts";
import { GRAPH } from "./graph.ts";
import { OVERVIEW } from "./overview.ts";
import { SYSTEM } from "./system.ts";

/** Every dashboard that ships. */
export const DASHBOARDS: readonly Dashboard[] = [
  OVERVIEW,
  EXECUTIONS,
  GRAPH,
  CACHE,
  BREAKERS,
  ACCESS,
  SYSTEM,
];

/** The files that Grafana is provisioned with: text by file name. */
export function dashboardFiles(): Record<string, string> {
  return Object.fromEntries(DASHBOARDS.map((it) => [
    `${it.name}.json`,
    JSON.stringify(dashboardJson(it), null, 2) + "\n",
  ]));
}
