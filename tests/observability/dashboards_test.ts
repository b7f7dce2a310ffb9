import assert from "node:assert/strict";
import { dashboardFiles } from "../../adapters/otel/dashboards/all.ts";
import { projectText } from "../fixtures/compose_file.ts";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { askEverything } from "../fixtures/mixed_requests.ts";
import { type PrivatePrometheus, startPrivatePrometheus } from "../fixtures/private_prometheus.ts";
import { startService, UNLIMITED } from "../fixtures/service.ts";
import { areRunning, neo4jService, redisService } from "../fixtures/services.ts";
import {
  type DashboardJson,
  type PanelJson,
  readDashboards,
  substituted,
} from "./dashboard_files.ts";
import { alertRules, headingAnchors, RULE_FILES } from "./rule_files.ts";

/** Their uids: bookmarks and links rest on them. */
const UIDS = ["access", "breakers", "cache", "executions", "graph", "overview", "system"];
const KINDS = ["stat", "table", "timeseries"];
const TURNS = 12;

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
  const seen = [...alerts].filter((anchor) => linked.has(anchor));
  assert.ok(seen.length >= alerts.size - 2, "an alert that no panel explains");
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

/** Metrics that the service does not have yet; one that it has must leave the list. */
const NOT_YET_MEASURED: readonly string[] = [];

/** What a panel's query gives, where that is no data. */
async function faultOf(prometheus: PrivatePrometheus, expr: string): Promise<string | null> {
  const samples = await prometheus.query(substituted(expr, 60));
  if (samples.length === 0) return `${expr}: no data`;
  return samples.some(({ value }) => Number.isFinite(value)) ? null : `${expr}: no number`;
}

async function faultsOf(
  prometheus: PrivatePrometheus,
  dashboards: Iterable<DashboardJson>,
): Promise<string[]> {
  const panels = [...dashboards].flatMap((dashboard) => dashboard.panels);
  const queries = new Set(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)));
  const faults = await Promise.all([...queries].map((expr) => faultOf(prometheus, expr)));
  return faults.filter((fault): fault is string => fault !== null);
}

Deno.test({
  name: "every query of every panel has data in a Prometheus that scrapes a service under load" +
    (needed ? "" : " (needs prometheus, Neo4j, Redis)") + " [S37, S41]",
  ignore: !needed,
  async fn() {
    const { uri, password } = await neo4jService();
    const { url } = await redisService();
    const stores = { NEO4J_URI: uri, NEO4J_PASSWORD: password, REDIS_URL: url };
    await using service = await startService({ ...stores, ...UNLIMITED, CACHE_BACKEND: "redis" });
    const rules = await Promise.all(RULE_FILES.map(projectText));
    const targets = [new URL(service.url).host];
    await using prometheus = await startPrivatePrometheus({ targets, rules });
    const isAbsent = (fault: string) => NOT_YET_MEASURED.some((name) => fault.includes(name));
    const dashboards = await readDashboards();
    let turn = 0;
    for (; turn < TURNS; turn += 1) await askEverything(service, turn);
    let faults: string[] = [];
    await eventually("data for every query", async () => {
      await askEverything(service, turn += 1);
      faults = await faultsOf(prometheus, dashboards.values());
      return faults.every(isAbsent) ? true : null;
    }, 40).catch(() => assert.deepEqual(faults, []));
    for (const name of NOT_YET_MEASURED) {
      assert.equal((await prometheus.query(name)).length, 0, `${name} is measured: say so here`);
    }
    const unknown = { panels: [{ targets: [{ expr: "ultimate_mcp_no_such_metric" }] }] };
    const answered = await faultsOf(prometheus, [unknown as unknown as DashboardJson]);
    assert.equal(answered.length, 1, "data of a metric that there is not");
  },
});
