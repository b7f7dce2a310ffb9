import assert from "node:assert/strict";
import { dashboardFiles } from "../../adapters/otel/dashboards/all.ts";
import { projectText } from "../fixtures/compose_file.ts";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { askEverything, busySettings } from "../fixtures/mixed_requests.ts";
import { type PrivatePrometheus, startPrivatePrometheus } from "../fixtures/private_prometheus.ts";
import { startService } from "../fixtures/service.ts";
import { areRunning } from "../fixtures/services.ts";
import { type PanelJson, readDashboards, substituted } from "./dashboard_files.ts";
import { alertRules, headingAnchors, RULE_FILES } from "./rule_files.ts";

/** Their uids: bookmarks and links rest on them. */
const UIDS = ["access", "breakers", "cache", "executions", "graph", "overview", "system"];
const KINDS = ["stat", "table", "timeseries"];

const needed = await areInstalled("prometheus") && await areRunning("neo4j", "redis");

Deno.test("the dashboards are what `deno task dashboards` makes", async () => {
  const made = Object.entries(dashboardFiles()).map(([name, text]) => [name, JSON.parse(text)]);
  assert.deepEqual(Object.fromEntries(await readDashboards()), Object.fromEntries(made));
});

Deno.test("each dashboard has a uid of its own, and the variables that its panels name [S41]", async () => {
  const dashboards = await readDashboards();
  assert.deepEqual([...dashboards.keys()], UIDS.map((name) => `${name}.json`));
  for (const [name, { uid, title, schemaVersion, templating, panels }] of dashboards) {
    assert.equal(`${uid}.json`, `ultimate-mcp-${name}`);
    assert.match(title, /^Ultimate MCP: [A-Z]/);
    assert.equal(schemaVersion, 41);
    assert.deepEqual(templating.list.map((it) => it.name), ["datasource", "instance", "runbook"]);
    assert.deepEqual(panels.map(({ id }) => id), panels.map((_, at) => at + 1));
    assert.equal(new Set(panels.map((it) => it.title)).size, panels.length, name);
    checkPlaces(panels);
  }
});

/** Panels stand within the 24 columns, none over another. */
function checkPlaces(panels: readonly PanelJson[]): void {
  const taken = new Set<string>();
  for (const { title, gridPos: { x, y, w, h } } of panels) {
    assert.ok(x >= 0 && w > 0 && x + w <= 24 && h > 0, title);
    for (let row = y; row < y + h; row += 1) {
      for (let column = x; column < x + w; column += 1) {
        assert.ok(!taken.has(`${row} ${column}`), `${title} stands over another`);
        taken.add(`${row} ${column}`);
      }
    }
  }
}

Deno.test("each panel says what it shows, in which unit, and leads to the runbook's page [S41]", async () => {
  const alerts = new Set((await alertRules()).map(({ alert }) => alert.toLowerCase()));
  const anchors = headingAnchors(await projectText("docs/runbook.md"));
  const linked = new Set<string>();
  for (const [name, { panels }] of await readDashboards()) {
    for (const panel of panels) {
      const what = `${name}: ${panel.title}`;
      assert.ok(KINDS.includes(panel.type), what);
      assert.match(panel.description, /^[A-Z\d].{10,}\.$/, what);
      assert.ok(panel.fieldConfig.defaults.unit.length > 0, what);
      const [base, ...limits] = panel.fieldConfig.defaults.thresholds.steps;
      assert.equal(base?.value, null, what);
      const values = limits.map(({ value }) => Number(value));
      assert.deepEqual(values, values.toSorted((left, right) => left - right), what);
      const sources = [panel, ...panel.targets].map(({ datasource }) => datasource.uid);
      assert.deepEqual([...new Set(sources)], ["${datasource}"], what);
      assert.ok(panel.targets.length > 0, what);
      for (const { url } of panel.links) {
        const [page, anchor = ""] = url.split("#");
        assert.equal(page, "${runbook}", what);
        assert.ok(alerts.has(anchor) && anchors.has(anchor), `${what}: ${anchor}`);
        linked.add(anchor);
      }
    }
  }
  assert.deepEqual(linked, alerts, "an alert that no panel explains");
});

Deno.test("each dashboard has a picture in docs/observability.md that shows its panels", async () => {
  const page = await projectText("docs/observability.md");
  for (const [name, { title, panels }] of await readDashboards()) {
    const file = `images/dashboard_${name.replace(".json", ".svg")}`;
    assert.ok(page.includes(`](${file})`), `docs/observability.md shows no ${file}`);
    const drawn = await projectText(`docs/${file}`);
    assert.ok(drawn.length < 64 * 1024, `${file} is large`);
    for (const text of [title, ...panels.map((panel) => panel.title)]) {
      assert.ok(drawn.includes(`>${text}</text>`), `${file} does not show '${text}'`);
    }
  }
});

/** Panels of faults, which a service that is well has none of, and of what is over before it is scraped. */
const AT_REST: Readonly<Record<string, readonly string[]>> = {
  access: ["Refused by limit", "Audit events that were not kept"],
  breakers: [
    "Not closed",
    "Failed calls",
    "Calls kept back",
    "Waiting records",
    "States",
    "Changes of state",
    "Calls tried again",
    "Waiting records, by instance",
    "Share of failed calls",
  ],
  cache: ["Faults"],
  executions: ["In hand", "Waiting", "Places"],
  graph: [
    "Breakers that are not closed",
    "Connections in use",
    "Calls tried again",
    "Breakers",
  ],
  overview: ["Alerts that fire", "Share of failed requests", "How fast the budgets burn"],
  system: ["Starts"],
};

/** A query that must answer, and whether it must be of more than zeros. */
interface Asked {
  readonly expr: string;
  readonly moves: boolean;
}

/** What is wrong with the answer to a query over the last minute. */
async function faultOf(
  prometheus: PrivatePrometheus,
  { expr, moves }: Asked,
): Promise<string | null> {
  const traces = await prometheus.range(substituted(expr, 60), 60, 1);
  const values = traces.flatMap(({ points }) => points.map(([, value]) => value));
  if (!values.some(Number.isFinite)) return `${expr}: no data`;
  return !moves || values.some((value) => value > 0) ? null : `${expr}: zeros only`;
}

/** Every query of every panel. */
async function askedQueries(): Promise<Asked[]> {
  return [...await readDashboards()].flatMap(([file, { panels }]) => {
    const still = AT_REST[file.replace(".json", "")] ?? [];
    for (const title of still) assert.ok(panels.some((panel) => panel.title === title), title);
    return panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }) => ({ expr, moves: !still.includes(title) }))
    );
  });
}

Deno.test({
  name: "every query of every panel has data in a Prometheus that scrapes a service under load" +
    (needed ? "" : " (needs prometheus, Neo4j, Redis)") + " [S37, S41]",
  ignore: !needed,
  async fn() {
    await using service = await startService(await busySettings());
    const rules = await Promise.all(RULE_FILES.map(projectText));
    const targets = [new URL(service.url).host];
    await using prometheus = await startPrivatePrometheus({ targets, rules });
    const queries = await askedQueries();
    let [turn, faults]: [number, readonly string[]] = [0, []];
    await eventually("data for every query", async () => {
      await askEverything(service, turn++);
      const found = await Promise.all(queries.map((query) => faultOf(prometheus, query)));
      faults = found.filter((fault) => fault !== null);
      return faults.length === 0 || null;
    }, 180).catch(() => assert.deepEqual(faults, []));
    const unknown = { expr: "ultimate_mcp_no_such_metric", moves: false };
    assert.match(await faultOf(prometheus, unknown) ?? "", /no data$/);
    const zero = { expr: "vector(0)", moves: true };
    assert.match(await faultOf(prometheus, zero) ?? "", /zeros only$/);
  },
});
