import assert from "node:assert/strict";
import { removeNodes } from "../fixtures/empty_neo4j.ts";
import { areRunning, neo4jService } from "../fixtures/services.ts";
import { type StartedService, startService } from "../fixtures/service.ts";
import { freePort } from "../services/ports.ts";

const BATCH = {
  nodes: [
    { key: "ada", labels: ["Person"], properties: { born: 1815, height: 1.0 } },
    { key: "engine", labels: ["Machine"], properties: {} },
  ],
  relationships: [{ start: "ada", end: "engine", type: "WROTE_FOR", properties: { year: 1843 } }],
};

const ignore = !(await areRunning("neo4j"));

function ask(service: StartedService, cypher: string) {
  return service.post("/api/v1/graph_query", { cypher });
}

Deno.test({
  name: "the service keeps its graph in Neo4j, and says so (needs Neo4j) [S8, S9, S10, B3]",
  ignore,
  async fn() {
    const { uri, password } = await neo4jService();
    await removeNodes(await neo4jService());
    await using service = await startService({ NEO4J_URI: uri, NEO4J_PASSWORD: password });
    const written = await service.post("/api/v1/graph_upsert", BATCH);
    assert.deepEqual([written.status, written.json.nodes], [200, { created: 2, updated: 0 }]);
    const found = await ask(service, "MATCH (a)-[r]->(m) RETURN labels(a) AS l, a, r, m.key AS k");
    assert.deepEqual(found.json.results, [{
      l: ["Person"],
      a: {
        _type: "node",
        key: "ada",
        labels: ["Person"],
        properties: { born: 1815, height: 1.0 },
      },
      r: {
        _type: "relationship",
        type: "WROTE_FOR",
        start: "ada",
        end: "engine",
        properties: { year: 1843 },
      },
      k: "engine",
    }]);
    const refused = await ask(service, "MATCH (n) DETACH DELETE n");
    assert.deepEqual([refused.status, refused.json.code], [422, "query_not_read_only"]);
    const again = await ask(service, "MATCH (n) RETURN count(n) AS c");
    assert.deepEqual([again.json.results, again.json.cached], [[{ c: 2 }], false]);
    assert.equal((await ask(service, "MATCH (n) RETURN count(n) AS c")).json.cached, true);
    const ready = await service.get("/health/ready");
    assert.deepEqual([ready.status, ready.json.status], [200, "ready"]);
    const { text } = await service.get("/metrics");
    assert.match(text, /^ultimate_mcp_build_info\{.*graph="neo4j".*\} 1$/m);
    assert.match(text, /^ultimate_mcp_graph_pool_connections\{state="in_use"\} \d+$/m);
    const waits = /^ultimate_mcp_graph_pool_acquire_seconds_count (\d+)$/m.exec(text);
    assert.ok(Number(waits?.[1]) > 0);
    assert.match(service.log, /graph_pool.*keep_alive_seconds\W+30\b/);
    assert.ok(!service.log.includes(password));
  },
});

Deno.test("a service starts though its Neo4j is away, and says what is wrong [S4, S8, S40]", async () => {
  const uri = `bolt://127.0.0.1:${freePort(Math.random())}`;
  const away = { NEO4J_URI: uri, NEO4J_PASSWORD: "not-to-be-told", BREAKER_READ: "2/1/60" };
  await using service = await startService({ ...away, RETRY_ATTEMPTS: "1" });
  const ready = await service.get("/health/ready");
  const { graph } = ready.json.checks as Record<string, { status: string; detail: string }>;
  assert.deepEqual([ready.status, graph?.status], [200, "degraded"]);
  assert.doesNotMatch(graph?.detail ?? "", /127\.0\.0\.1/);
  for (const code of ["dependency_unavailable", "dependency_unavailable", "circuit_open"]) {
    const { status, json } = await ask(service, "RETURN 1 AS x");
    assert.deepEqual([status, json.code], [503, code]);
  }
  assert.match(service.log, /graph_not_reached/);
  assert.ok(!service.log.includes("not-to-be-told"));
});

/** Ends by itself never, and keeps its connection as long as it is given. */
const RUNAWAY = "UNWIND range(1, $last) AS x WITH x WHERE x % 7 = 8 RETURN count(x) AS c";

Deno.test({
  name:
    "no statement of one caller opens a breaker for others, or keeps them out (needs Neo4j) [S1, S8]",
  ignore,
  async fn() {
    const { uri, password } = await neo4jService();
    await removeNodes(await neo4jService());
    await using service = await startService({
      ...{ NEO4J_URI: uri, NEO4J_PASSWORD: password },
      ...{ NEO4J_MAX_POOL_SIZE: "8", NEO4J_ACQUISITION_TIMEOUT_SECONDS: "1" },
    });
    const vera = { token: await service.tokenFor("vera", "viewer") };
    const mallory = { token: await service.tokenFor("mallory", "viewer") };
    for (let year = 300_000; year < 300_006; year += 1) {
      const cypher = `RETURN datetime({year: ${year}, timezone: 'Europe/Paris'}) AS d`;
      const answer = await service.post("/api/v1/graph_query", { cypher }, mallory);
      assert.deepEqual([answer.status, answer.json.code], [422, "query_invalid"], answer.text);
    }
    const away = Array.from({ length: 24 }, (_, at) =>
      service.post("/api/v1/graph_query", {
        ...{ cypher: RUNAWAY, parameters: { last: 10_000_000_000 + at } },
        timeout_seconds: 4,
      }, mallory));
    // Whoever has her share at work keeps the rest of hers waiting, and nobody else.
    await Promise.any(away);
    const read = await service.post("/api/v1/graph_query", { cypher: "RETURN 5 AS x" }, vera);
    assert.deepEqual([read.status, read.json.results], [200, [{ x: 5 }]], read.text);
    const written = await service.post("/api/v1/graph_upsert", BATCH);
    assert.equal(written.status, 200, written.text);
    const statuses = (await Promise.all(away)).map(({ status }) => status);
    assert.deepEqual([...new Set(statuses)].sort(), [503, 504]);
    const { circuit_breakers: breakers } = (await service.get("/api/v1/circuit_breakers")).json;
    const states = (breakers as { state: string }[]).map(({ state }) => state);
    assert.deepEqual(states, ["closed", "closed"]);
  },
});
