import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { killProcess } from "../fixtures/kill.ts";
import { readRunbook, runProgram } from "../fixtures/runbook.ts";
import { type StartedService, startService, temporaryFolder } from "../fixtures/service.ts";
import { areRunning, type PrometheusService, prometheusService } from "../fixtures/services.ts";

const SECTIONS = await readRunbook();
/** Run by tests/e2e/backup_test.ts, since they take things away, all but what looks at versions. */
const BACKUP = "Back up and restore";
/** Run by tests of their own. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "deno task selftest": "tests/e2e/selftest_test.ts",
};
/** What these look for takes another database than this test has; the events are held elsewhere. */
const NOTHING_HERE = /records_wait/;
const FAILED = 'ultimate_mcp_http_request_duration_seconds_count{code="503"';

/** Runs that end in many ways, a graph that is asked and written, and requests that fail. */
async function makeTraffic(service: StartedService): Promise<void> {
  const query = (limit: number) =>
    service.post("/api/v1/graph_query", { cypher: "MATCH (n:N) RETURN n.key AS key", limit });
  const breaker = (action: string) =>
    service.post("/api/v1/circuit_breakers/graph_read", { action });
  await service.post("/api/v1/graph_upsert", { nodes: [{ key: "a", labels: ["N"] }] });
  for (const code of ["print(1)", "raise SystemExit(3)"]) await service.execute({ code });
  await service.execute({ language: "bash", code: "sleep 9", timeout_seconds: 0.3 });
  for (const limit of [1, 2, 1]) assert.equal((await query(limit)).status, 200);
  await breaker("open");
  assert.equal((await query(3)).status, 503);
  await breaker("reset");
}

/** Kills the fork server under a run, which is then run by the next. */
async function loseForkServer(service: StartedService): Promise<void> {
  const [broker] = await service.forkServer();
  assert.ok(broker !== undefined);
  const lost = service.execute({ language: "bash", code: "sleep 1" });
  await eventually("the run in hand", async () => {
    const { executions } = (await service.get("/status")).json;
    return (executions as { readonly running: number }).running > 0 || null;
  });
  await killProcess(broker.pid);
  const { status, text } = await lost;
  assert.equal(status, 200, text);
}

/** What Prometheus answers to a query. */
async function asked(prometheus: PrometheusService, query: string): Promise<readonly unknown[]> {
  const body = new URLSearchParams({ query });
  const answer = await fetch(`${prometheus.url}/api/v1/query`, { method: "POST", body });
  const { status, error, data } = await answer.json();
  assert.equal(status, "success", `${query}: ${error}`);
  return data.result;
}

/** Has Prometheus scrape the service until it has what failed, more than once. */
async function scraped(prometheus: PrometheusService, service: StartedService): Promise<void> {
  const { host } = new URL(service.url);
  const selector = `${FAILED},instance="${host}"}`;
  const samples = async (wanted: number) => {
    const [found] = await asked(prometheus, `count_over_time(${selector}[5m]) >= ${wanted}`);
    return found === undefined ? null : true;
  };
  await eventually("a scrape", () => samples(1), 30);
  await makeTraffic(service);
  await eventually("scrapes since", () => samples(4), 30);
}

const isReady = await areRunning("prometheus");

Deno.test({
  name: "what the runbook asks and runs to see how things are answers with something, of a real " +
    "service and Prometheus (needs Prometheus) [S41]",
  ignore: !isReady,
  async fn(t) {
    await using folder = await temporaryFolder();
    await using service = await startService({ LOG_FORMAT: "json" });
    const prometheus = await prometheusService();
    const target = `${prometheus.targets}/runbook_test.json`;
    await makeTraffic(service);
    await loseForkServer(service);
    await Deno.writeTextFile(target, JSON.stringify([{ targets: [new URL(service.url).host] }]));
    try {
      await scraped(prometheus, service);
      await t.step("queries", async () => {
        const blocks = SECTIONS.flatMap(({ blocks }) => blocks);
        const queries = blocks.filter(({ info }) => info === "promql").map(({ text }) => text);
        assert.ok(queries.length > 30, `only ${queries.length} queries`);
        for (const query of queries) {
          assert.ok((await asked(prometheus, query)).length > 0, `no data: ${query}`);
        }
      });
    } finally {
      await Deno.remove(target);
    }
    await t.step("programs", async () => {
      const log = `${folder.path}/log`;
      await Deno.writeTextFile(log, service.log);
      const { url: URL, token: TOKEN, dataDir: DATA_DIR } = service;
      const until = SECTIONS.findIndex(({ heading }) => heading === BACKUP);
      const programs = SECTIONS.slice(0, until).flatMap(({ blocks }) => blocks)
        .filter(({ info, text }) => info === "sh" && ELSEWHERE[text] === undefined);
      assert.ok(programs.length > 15, `only ${programs.length} programs`);
      for (const { text } of programs) {
        const said = await runProgram(text, { URL, TOKEN, DATA_DIR, LOG: log });
        // What a problem has, and nothing else that is asked here.
        assert.doesNotMatch(said, /"title":/, text);
        assert.ok(said !== "" || NOTHING_HERE.test(text), `silent: ${text}`);
      }
    });
  },
});

Deno.test("every metric and route that the runbook names is the service's own", async () => {
  await using service = await startService();
  const page = await Deno.readTextFile(new URL("../../docs/runbook.md", import.meta.url));
  const { text } = await service.get("/metrics");
  const series = new Set(text.match(/^ultimate_mcp_\w+/gm));
  const metrics = page.match(/\bultimate_mcp_\w+/g) ?? [];
  assert.ok(metrics.length > 40, `only ${metrics.length} metrics`);
  assert.deepEqual(metrics.filter((name) => !series.has(name)), []);
  const { json } = await service.get("/openapi.json");
  const routes = new Set(Object.keys(json.paths as object));
  const named = Array.from(page.matchAll(/`(?:GET |POST )?(\/[a-z][\w/{}]*)`/g), ([, it]) => it!);
  assert.ok(named.length > 5, `only ${named.length} routes`);
  assert.deepEqual(named.filter((route) => !routes.has(route)), []);
});

Deno.test("what the runbook leaves to other tests is run there", async () => {
  for (const [program, test] of Object.entries(ELSEWHERE)) {
    const text = await Deno.readTextFile(new URL(`../../${test}`, import.meta.url));
    const words = program.split(" ").slice(2).map((word) => JSON.stringify(word)).join(", ");
    assert.ok(text.includes(`[${words}`), `${test} does not run '${program}'`);
  }
});
