import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { faultsIn } from "../fixtures/metric_faults.ts";
import { countedName, metricTable, readScrape } from "../fixtures/metric_table.ts";
import { crowd, faultyLoad, lookIntoRedis, mixedLoad } from "../fixtures/mixed_load.ts";
import { startOtlpReceiver } from "../fixtures/otlp_receiver.ts";
import { type PrivatePrometheus, startPrivatePrometheus } from "../fixtures/private_prometheus.ts";
import { startPrivateRedis } from "../fixtures/private_redis.ts";
import { checkMetrics } from "../fixtures/promtool.ts";
import { type StartedService, startService } from "../fixtures/service.ts";
import { areRunning, neo4jService } from "../fixtures/services.ts";
import { openTcpProxy } from "../fixtures/tcp_proxy.ts";
import { SECRET } from "../fixtures/token_forge.ts";

const absent = !(await areRunning("neo4j") &&
  await areInstalled("prometheus", "promtool", "redis-server"));
const needs = absent ? " (needs Neo4j, Prometheus and redis-server)" : "";

const USERS = 300;
const BOUNDS = [.001, .0025, .005, .01, .025, .05, .1, .2, .5, 1, 2.5, 5, 10, Infinity];

/** Series that say something only where Neo4j and Redis are at work, or somebody is refused. */
const MOVED = [
  'rate_limit_decisions_total{decision="allowed",backend="redis"}',
  ...["get", "set"].map((operation) =>
    `cache_operation_duration_seconds_count{tier="l2",operation="${operation}"}`
  ),
  'cache_operations_total{tier="l2",cache="graph_queries"}',
  'circuit_breaker_calls_total{breaker="cache",status="successful"}',
  'graph_pool_connections{state="idle"}',
  "graph_pool_acquire_seconds_count",
  'retries_total{operation="graph_read",result="recovered"}',
  ...["read", "write", "migrate"].map((operation) =>
    `graph_query_duration_seconds_count{operation="${operation}",outcome="ok"}`
  ),
  'graph_query_duration_seconds_count{operation="read",outcome="refused"}',
  ...["ok", "missing", "invalid", "expired", "revoked", "forbidden"].map((result) =>
    `auth_decisions_total{result="${result}"}`
  ),
  ...["ok", "nonzero", "timeout"].map((outcome) =>
    `code_execution_outcomes_total{language="python",outcome="${outcome}"}`
  ),
  'requests_by_auth_total{authenticated="false"}',
  'build_info{graph="neo4j",cache="redis"}',
].map((series) => `ultimate_mcp_${series}`);

/** Every series that Prometheus has once it has scraped all that was asked, but those of the service's faults. */
async function seriesOf(service: StartedService, prometheus: PrivatePrometheus): Promise<string[]> {
  const { text } = await service.get("/metrics", { token: null });
  const requests =
    readScrape(text).samples.find(({ name, labels }) =>
      name === "ultimate_mcp_http_requests_total" && labels.status === "total"
    )?.value ?? Infinity;
  await eventually("a scrape of all that was asked", async () => {
    const [total] = await prometheus.query('ultimate_mcp_http_requests_total{status="total"}');
    return (total?.value ?? 0) > requests ? true : null;
  });
  const all = await prometheus.query('{job="ultimate_mcp",code!~"5.."}');
  return all.map(({ labels }) => JSON.stringify(Object.entries(labels).sort())).sort();
}

/** The graph is of a server that others use too. */
async function removeMixedNodes(service: StartedService): Promise<void> {
  const gone = await service.post("/api/v1/graph_query", {
    cypher: "MATCH (n:MixedLoad) RETURN n.key AS key LIMIT 1000",
  });
  const nodes = (gone.json.results as { key: string }[]).map(({ key }) => key);
  const deletion = { nodes, relationships: [], detach: true };
  assert.equal((await service.post("/api/v1/graph_delete", deletion)).status, 200);
}

Deno.test({
  name:
    "a real Prometheus has every metric of the page at work under a mixed load, each by the page, " +
    `and no series more for ${USERS} users and what they make up${needs} [S37]`,
  ignore: absent,
  async fn(t) {
    const { port, password } = await neo4jService();
    await using graph = openTcpProxy(port);
    await using redis = await startPrivateRedis();
    await using collector = await startOtlpReceiver();
    await using service = await startService({
      ...{ RATE_LIMIT_PER_MINUTE: "10000000", RATE_LIMIT_BURST: "1000000" },
      ...{ EXECUTION_PER_USER: "100000", JWT_SECRET: SECRET, REDIS_URL: redis.url },
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: "200" },
      ...{ NEO4J_URI: `bolt://127.0.0.1:${graph.port}`, NEO4J_PASSWORD: password },
    });
    const targets = [new URL(service.url).host];
    await using prometheus = await startPrivatePrometheus({ targets, rules: [] });
    for (let round = 0; round < 3; round += 1) await mixedLoad(service, round);
    await faultyLoad(service, graph);
    await lookIntoRedis(service);
    await crowd(service, "first", 25);
    const before = await seriesOf(service, prometheus);
    const table = await metricTable();
    const sum = async (query: string) => (await prometheus.query(`sum(${query})`))[0]?.value ?? 0;
    await t.step("whatever is counted has counted something", async () => {
      const still = [];
      for (const row of table) {
        const counts = row.type === "gauge" ? "count" : "sum";
        const [found] = await prometheus.query(`${counts}(${countedName(row)})`);
        if (!((found?.value ?? 0) > 0)) still.push(row.name);
      }
      for (const series of MOVED) if (!(await sum(series) > 0)) still.push(series);
      assert.deepEqual(still, []);
    });
    await crowd(service, "second", USERS);
    await mixedLoad(service, 3);
    const after = await seriesOf(service, prometheus);
    await t.step("no series comes of users and inputs", async () => {
      assert.deepEqual(after.filter((series) => !before.includes(series)), []);
      assert.deepEqual(before.filter((series) => !after.includes(series)), []);
      const users = await sum("ultimate_mcp_unique_users");
      assert.ok(users > 0.9 * USERS && users < 1.2 * USERS, `${users} users`);
    });
    const { text } = await service.get("/metrics", { token: null });
    await t.step("names, types, labels, their values and bounds are the page's", () => {
      const scrape = readScrape(text);
      assert.deepEqual(faultsIn(table, scrape), []);
      const buckets = scrape.samples.filter(({ name }) =>
        name === "ultimate_mcp_http_request_duration_seconds_bucket"
      );
      const bounds = new Set(
        buckets.map(({ labels: { le } }) => Number(le?.replace("+Inf", "Infinity"))),
      );
      assert.deepEqual([...bounds].sort((left, right) => left - right), BOUNDS);
    });
    await t.step("promtool finds it clean", async () => {
      assert.deepEqual(await checkMetrics(text), { code: 0, said: "" });
    });
    await removeMixedNodes(service);
  },
});
