import assert from "node:assert/strict";
import { dashboardFiles } from "../../adapters/otel/dashboards/all.ts";
import { MCP_TOOLS } from "../../domain/ports/telemetry.ts";
import { HttpSurface } from "../fakes/http_surface.ts";
import { projectText } from "../fixtures/compose_file.ts";
import { NOT_JUDGED } from "./request_cases.ts";

/** Queries as Prometheus reads them, but for the instance that a dashboard's reader chooses. */
const rules = await projectText("deploy/prometheus/recording.rules.yml");
const drawn = Object.values(dashboardFiles()).join("").replaceAll('\\"', '"')
  .replaceAll('instance=~"$instance",', "");

function found(text: string, pattern: RegExp): ReadonlySet<string | undefined> {
  return new Set(Array.from(text.matchAll(pattern), ([, it]) => it));
}

Deno.test("rules and dashboards judge the same requests and tools [S41]", () => {
  for (const [family, label] of [["http_request", "route"], ["mcp_tool", "tool"]]) {
    const read = new RegExp(`\\bultimate_mcp_${family}_duration_seconds_\\w+(\\{[^}]*\\})?`, "g");
    const ruled = found(rules.replaceAll('le="0.2",', ""), read);
    assert.equal(ruled.size, 1, `the rules judge ${[...ruled].join(" and ")}`);
    const drawnOf = found(drawn, new RegExp(`(\\{${label}!~"[^"]+"\\})`, "g"));
    assert.deepEqual(drawnOf, ruled);
  }
});

Deno.test("the rules leave out the routes and tools whose time is their caller's, and no other [S41]", async () => {
  const runbook = await projectText("docs/runbook.md");
  const judged = (label: string) => {
    const [pattern = "", ...others] = found(rules, new RegExp(`\\b${label}!~"([^"]+)"`, "g"));
    assert.deepEqual(others, []);
    return pattern;
  };
  const leftOut = (pattern: string, all: readonly string[]) =>
    all.filter((it) => new RegExp(`^(?:${pattern})$`).test(it)).toSorted();
  await using surface = new HttpSurface();
  const routes = new Set(surface.routes.map((route) => route.split(" ")[1] ?? ""));
  assert.deepEqual(
    leftOut(judged("route"), [...routes, "unmatched"]),
    NOT_JUDGED.routes.toSorted(),
  );
  assert.deepEqual(leftOut(judged("tool"), MCP_TOOLS), NOT_JUDGED.tools.toSorted());
  assert.ok(runbook.includes(`grep -vE ' (${judged("route")}) '`), "the runbook's slowest");
});

Deno.test("rules, dashboards and the runbook's queries count the same requests as failed [S41]", async () => {
  const counted = /\bultimate_mcp_http_request_outcomes_total\{([^}]*)\}/g;
  const ruled = found(rules, counted);
  assert.equal(ruled.size, 2);
  assert.deepEqual(found(drawn, counted), ruled);
  assert.deepEqual(found(await projectText("docs/runbook.md"), counted), ruled);
});
