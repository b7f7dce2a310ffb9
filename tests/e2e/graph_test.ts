import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { killProcess } from "../fixtures/kill.ts";
import { descendantsOf } from "../fixtures/processes.ts";
import { type StartedService, startService, temporaryFolder } from "../fixtures/service.ts";
import { killServiceDuringWrites } from "../fixtures/service_kills.ts";
import { StdioCommand } from "../fixtures/stdio_command.ts";

const BATCH = {
  nodes: [
    { key: "ada", labels: ["Person"], properties: { born: 1815, height: 1.0, tags: ["a", "b"] } },
    { key: "engine", labels: ["Machine"], properties: { big: "9007199254740993" } },
  ],
  relationships: [{ start: "ada", end: "engine", type: "WROTE_FOR", properties: { year: 1843 } }],
};

const WHO = "MATCH (a:Person)-[r:WROTE_FOR]->(m) RETURN a, r.year AS year, m.key AS machine";

async function upsert(service: StartedService, batch: object) {
  const answer = await service.post("/api/v1/graph_upsert", batch);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

function ask(service: StartedService, cypher: string, more: object = {}) {
  return service.post("/api/v1/graph_query", { cypher, ...more });
}

async function rows(service: StartedService, cypher: string, more: object = {}) {
  const answer = await ask(service, cypher, more);
  assert.equal(answer.status, 200, answer.text);
  return answer.json.results;
}

Deno.test("what was written is there after a stop, and after a kill -9 [S9, S10, B3]", async () => {
  await using folder = await temporaryFolder();
  const settings = { DATA_DIR: folder.path };
  await using first = await startService(settings);
  const written = await upsert(first, BATCH);
  assert.deepEqual(written.nodes, { created: 2, updated: 0 });
  assert.deepEqual(written.relationships, { created: 1, updated: 0 });
  const found = await rows(first, WHO);
  assert.deepEqual(found, [{
    a: {
      _type: "node",
      key: "ada",
      labels: ["Person"],
      properties: { born: 1815, height: 1.0, tags: ["a", "b"] },
    },
    year: 1843,
    machine: "engine",
  }]);
  assert.equal(await first.stop(), 0);
  await using second = await startService(settings);
  assert.deepEqual(await rows(second, WHO), found);
  await upsert(second, { nodes: [{ key: "late", labels: [], properties: {} }], relationships: [] });
  await second.kill();
  await using third = await startService(settings);
  const keys = await rows(third, "MATCH (n) RETURN n.key AS key ORDER BY key");
  assert.deepEqual(keys, ["ada", "engine", "late"].map((key) => ({ key })));
});

Deno.test("3 kills of the service during writes: no acknowledged batch is missing, and none is half there [S9, B3]", () =>
  killServiceDuringWrites(3));

Deno.test("an answer comes from the cache until something is written [S11, S12]", async () => {
  await using service = await startService();
  await upsert(service, BATCH);
  const count = "MATCH (n) RETURN count(n) AS nodes";
  const asked = async () => {
    const { json: { results, cached } } = await ask(service, count);
    return [results, cached];
  };
  assert.deepEqual([await asked(), await asked()], [
    [[{ nodes: 2 }], false],
    [[{ nodes: 2 }], true],
  ]);
  await upsert(service, { nodes: [{ key: "new", labels: [], properties: {} }], relationships: [] });
  assert.deepEqual(await asked(), [[{ nodes: 3 }], false]);
  const { json: { caches } } = await service.get("/api/v1/cache");
  const { graph_queries: queries } = caches as { graph_queries: { hits: number } };
  assert.equal(queries.hits, 1);
});

Deno.test("a statement that runs away is ended at its time, and takes nobody with it [S10, B3]", async () => {
  await using service = await startService();
  const nodes = Array.from({ length: 3000 }, (_, n) => {
    return { key: `n${n}`, labels: ["N"], properties: { n } };
  });
  await upsert(service, { nodes, relationships: [] });
  const endless = "MATCH (a:N), (b:N), (c:N) WHERE a.n + b.n + c.n < 0 RETURN count(*) AS n";
  const runaway = ask(service, endless, { timeout_seconds: 1 });
  const beside = rows(service, "MATCH (n:N {key: 'n7'}) RETURN n.n AS n", { timeout_seconds: 20 });
  const { status, json } = await runaway;
  assert.deepEqual([status, json.code, json.timeout_seconds], [504, "query_timeout", 1]);
  assert.deepEqual(await beside, [{ n: 7 }]);
  assert.deepEqual(await rows(service, "MATCH (n) RETURN count(n) AS n"), [{ n: 3000 }]);
  const { json: { circuit_breakers: breakers } } = await service.get("/api/v1/circuit_breakers");
  for (const { state } of breakers as { state: string }[]) assert.equal(state, "closed");
});

Deno.test("the engine's process is replaced when it is killed, and hides it [S5, B3]", async () => {
  await using service = await startService();
  await upsert(service, BATCH);
  const before = await engineOf(service);
  await killProcess(before);
  assert.deepEqual(await rows(service, "MATCH (n) RETURN count(n) AS n"), [{ n: 2 }]);
  await upsert(service, { nodes: [{ key: "new", labels: [], properties: {} }], relationships: [] });
  assert.notEqual(await engineOf(service), before);
  const ready = await service.get("/health/ready");
  assert.deepEqual([ready.status, ready.json.status], [200, "ready"]);
});

async function engineOf(service: StartedService): Promise<number> {
  const all = await eventually("the engine's process", async () => {
    const found = (await descendantsOf(service.pid))
      .filter(({ command }) => command.includes("/embedded/child/main.ts"));
    return found.length === 1 ? found : null;
  });
  return all[0]?.pid ?? 0;
}

Deno.test("two stdio commands and the service at once have one graph [B2, S22]", async () => {
  await using service = await startService();
  const settings = { DATA_DIR: service.dataDir };
  await using one = new StdioCommand(settings);
  await using two = new StdioCommand(settings);
  await Promise.all([one.initialize(), two.initialize()]);
  const write = (key: string) => ({ nodes: [{ key, labels: ["N"], properties: {} }] });
  const call = async (command: StdioCommand, name: string, args: object) => {
    const { result } = await command.ask("tools/call", { name, arguments: args });
    const { isError = false, structuredContent } = result ?? {};
    assert.equal(isError, false, JSON.stringify(result));
    return structuredContent as Readonly<Record<string, unknown>>;
  };
  const work = Array.from({ length: 20 }, (_, n) => [
    call(one, "graph_upsert", { ...write(`one${n}`), relationships: [] }),
    call(two, "graph_upsert", { ...write(`two${n}`), relationships: [] }),
    upsert(service, { ...write(`http${n}`), relationships: [] }),
  ]);
  await Promise.all(work.flat());
  const cypher = "MATCH (n:N) RETURN count(n) AS n";
  for (const command of [one, two]) {
    assert.deepEqual((await call(command, "graph_query", { cypher })).results, [{ n: 60 }]);
  }
  assert.deepEqual(await rows(service, cypher), [{ n: 60 }]);
});

const MARK = "mark-of-a-record-31337";

Deno.test("no statement reaches a record: runs, roles, tokens and events are not in the graph [B2]", async () => {
  await using service = await startService();
  await upsert(service, BATCH);
  const { json: { id } } = await service.execute({ code: `print("${MARK}")` });
  const roles = { method: "PUT", body: JSON.stringify({ roles: ["viewer"] }) };
  const headers = { "content-type": "application/json" };
  await service.send(`/api/v1/users/${MARK}/roles`, roles, { headers });
  const records = `file://${service.dataDir}/records.sqlite`;
  const answers = await Promise.all([
    "MATCH (n) RETURN n",
    "MATCH (n) RETURN labels(n) AS l, keys(n) AS k, properties(n) AS p, id(n) AS i",
    "MATCH ()-[r]->() RETURN r",
    `LOAD CSV FROM '${records}' AS line RETURN line`,
    `LOAD CSV FROM '${service.dataDir}/audit_head.json' AS line RETURN line`,
    "CALL db.labels() YIELD label RETURN label",
    "SHOW DATABASES",
    "USE records MATCH (n) RETURN n",
  ].map((cypher) => ask(service, cypher)));
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, ...Array(5).fill(422)]);
  const seen = answers.map(({ text }) => text).join() +
    (await service.get("/api/v1/graph/export")).text;
  for (const secret of [MARK, String(id), "execution_records", "audit_events", "developer"]) {
    assert.ok(!seen.includes(secret), secret);
  }
  const { json: { labels } } = await service.get("/api/v1/graph/metrics");
  assert.deepEqual(labels, { Machine: 1, Person: 1 });
});

Deno.test("an export is imported into another service as the same graph [B4]", async () => {
  await using from = await startService();
  await upsert(from, BATCH);
  const { text } = await from.get("/api/v1/graph/export");
  await using to = await startService();
  const headers = { "content-type": "application/x-ndjson" };
  for (const created of [2, 0]) {
    const { status, json } = await to.post("/api/v1/graph/import", text, { headers });
    assert.deepEqual([status, (json.nodes as { created: number }).created], [200, created]);
  }
  const lines = (exported: string) =>
    exported.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines((await to.get("/api/v1/graph/export")).text), lines(text));
  assert.deepEqual(await rows(to, WHO), await rows(from, WHO));
});

Deno.test("a breaker that an admin has opened refuses at once, and lets calls through when reset [S1, S2]", async () => {
  await using service = await startService();
  const change = (action: string) =>
    service.post("/api/v1/circuit_breakers/graph_read", { action });
  assert.equal((await change("open")).status, 200);
  const refused = await ask(service, "RETURN 1 AS one");
  assert.deepEqual([refused.status, refused.json.code], [503, "circuit_open"]);
  assert.ok(Number(refused.headers.get("retry-after")) >= 1);
  assert.equal((await change("reset")).status, 200);
  assert.deepEqual(await rows(service, "RETURN 1 AS one"), [{ one: 1 }]);
});
