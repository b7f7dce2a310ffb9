import assert from "node:assert/strict";
import { HttpSurface } from "../../../tests/fakes/http_surface.ts";
import type { GraphValue } from "../../../domain/graph/value.ts";

const UPSERT = "/api/v1/graph_upsert";
const QUERY = "/api/v1/graph_query";
const DELETE = "/api/v1/graph_delete";
const ADMIN = { authorization: "Bearer admin-token" };

const PEOPLE = {
  nodes: [
    { key: "person:ada", labels: ["Person"], properties: { name: "Ada", born: 1815 } },
    { key: "person:charles", labels: ["Person"], properties: { name: "Charles" } },
  ],
  relationships: [
    { start: "person:ada", end: "person:charles", type: "KNOWS", properties: { since: 1833 } },
  ],
};

/** An answer of one row and one column, as the graph would give it. */
function answering(surface: HttpSurface, value: GraphValue): void {
  const { reader } = surface.application.graph;
  surface.application.graphReader = {
    ...reader,
    query: () =>
      Promise.resolve({
        columns: ["x"],
        rows: [[value]],
        truncated: false,
        repeatable: true,
        generation: "1",
      }),
  };
}

Deno.test("POST /api/v1/graph_upsert writes a batch and tells counts and metrics [S9, S11]", async () => {
  await using surface = new HttpSurface();
  const first = await surface.post(UPSERT, PEOPLE);
  assert.equal(first.status, 200, first.text);
  const metrics = {
    node_count: 2,
    relationship_count: 1,
    labels: { Person: 2 },
    relationship_types: { KNOWS: 1 },
    average_degree: 1,
  };
  assert.deepEqual(first.json, {
    nodes: { created: 2, updated: 0 },
    relationships: { created: 1, updated: 0 },
    metrics,
  });
  const again = await surface.post(UPSERT, { nodes: PEOPLE.nodes });
  assert.deepEqual(again.json, {
    nodes: { created: 0, updated: 2 },
    relationships: { created: 0, updated: 0 },
    metrics,
  });
  const asked = await surface.send("/api/v1/graph/metrics", { headers: ADMIN });
  assert.deepEqual(asked.json, metrics);
});

Deno.test("POST /api/v1/graph_upsert merges, and null removes [S9]", async () => {
  await using surface = new HttpSurface();
  const { application } = surface;
  await surface.post(UPSERT, PEOPLE);
  const change = {
    key: "person:ada",
    labels: ["Author"],
    properties: { born: null, alive: false },
  };
  assert.equal((await surface.post(UPSERT, { nodes: [change] })).status, 200);
  const signal = new AbortController().signal;
  const [ada] = await Array.fromAsync(application.graph.reader.entries(signal));
  assert.deepEqual(ada, {
    kind: "node",
    key: "person:ada",
    labels: ["Person", "Author"],
    properties: { name: "Ada", alive: false },
  });
});

Deno.test("POST /api/v1/graph_query answers rows, columns and whether there were more [S10]", async () => {
  await using surface = new HttpSurface();
  await surface.post(UPSERT, PEOPLE);
  const cypher = "MATCH (p:Person {key: $key}) RETURN p, p.name AS name";
  const { status, json } = await surface.post(QUERY, { cypher, parameters: { key: "person:ada" } });
  assert.equal(status, 200);
  assert.deepEqual(json.results, [{
    p: {
      _type: "node",
      key: "person:ada",
      labels: ["Person"],
      properties: { name: "Ada", born: 1815 },
    },
    name: "Ada",
  }]);
  assert.deepEqual([json.columns, json.truncated, json.cached], [["p", "name"], false, false]);
  assert.equal(json.duration_seconds, 0);
  const all = await surface.post(QUERY, { cypher: "MATCH (p:Person) RETURN p", limit: 1 });
  assert.deepEqual([(all.json.results as unknown[]).length, all.json.truncated], [1, true]);
});

Deno.test("POST /api/v1/graph_query tells INTEGER from FLOAT, in and out [S10]", async () => {
  await using surface = new HttpSurface();
  const numbers = '{"i":1,"f":1.0,"e":1e2,"z":-0.0,"list":[9007199254740993,-9223372036854775808]}';
  const body = `{"cypher":"RETURN $i AS i, $f AS f, $e AS e, $z AS z, $list AS list",` +
    `"parameters":${numbers}}`;
  const { status, text } = await surface.post(QUERY, body);
  assert.equal(status, 200, text);
  const results = /"results":(\[\{.*?\}\])/.exec(text)?.[1];
  assert.equal(
    results,
    '[{"i":1,"f":1.0,"e":100.0,"z":-0.0,"list":["9007199254740993","-9223372036854775808"]}]',
  );
});

const VALUES: readonly (readonly [what: string, value: GraphValue, json: string])[] = [
  ["null", null, "null"],
  ["an INTEGER", 2n ** 53n - 1n, "9007199254740991"],
  ["an INTEGER beyond 2^53", 2n ** 53n, '"9007199254740992"'],
  ["a FLOAT without a fraction", 100, "100.0"],
  ["a large FLOAT", 1e20, "100000000000000000000.0"],
  ["a larger FLOAT", 1e21, "1e+21"],
  ["a FLOAT that is no number", NaN, '"NaN"'],
  ["an infinite FLOAT", -Infinity, '"-Infinity"'],
  ["a time", { kind: "temporal", iso: "2026-01-01T00:00:00Z" }, '"2026-01-01T00:00:00Z"'],
  [
    "a point",
    { kind: "point", srid: 4326, coordinates: [1, 2.5] },
    '{"type":"Point","coordinates":[1.0,2.5],"srid":4326}',
  ],
  [
    "a map",
    { kind: "map", entries: JSON.parse('{"__proto__":1,"b":[true,"<"]}') },
    '{"__proto__":1.0,"b":[true,"\\u003c"]}',
  ],
  [
    "a node without a key",
    { kind: "node", key: null, id: "7", labels: [], properties: { a: 1n } },
    '{"_type":"node","id":"7","labels":[],"properties":{"a":1}}',
  ],
  [
    "a path",
    {
      kind: "path",
      nodes: [{ kind: "node", key: "a", id: "1", labels: ["L"], properties: {} }],
      relationships: [{ kind: "relationship", type: "T", start: "a", end: "a", properties: {} }],
    },
    '{"_type":"path","nodes":[{"_type":"node","key":"a","labels":["L"],"properties":{}}],' +
    '"relationships":[{"_type":"relationship","type":"T","start":"a","end":"a","properties":{}}]}',
  ],
];

for (const [what, value, expected] of VALUES) {
  Deno.test(`POST /api/v1/graph_query answers ${what} [S10]`, async () => {
    await using surface = new HttpSurface();
    answering(surface, value);
    const { text } = await surface.post(QUERY, { cypher: "RETURN 1 AS x" });
    assert.ok(text.startsWith(`{"results":[{"x":${expected}}],"columns":["x"]`), text);
  });
}

Deno.test("POST /api/v1/graph_delete forgets, and says how many are gone [B4]", async () => {
  await using surface = new HttpSurface();
  await surface.post(UPSERT, PEOPLE);
  const forget = (body: object) => surface.post(DELETE, body, ADMIN);
  const held = await forget({ nodes: ["person:ada"] });
  assert.deepEqual([held.status, held.json.code], [409, "graph_conflict"]);
  const [{ properties: _, ...identity }] = PEOPLE.relationships as [typeof PEOPLE.relationships[0]];
  const one = await forget({ relationships: [identity, { ...identity, type: "NOT_THERE" }] });
  assert.deepEqual(one.json, { nodes: 0, relationships: 1 });
  await surface.post(UPSERT, PEOPLE);
  const both = await forget({ nodes: ["person:ada", "nobody"], detach: true });
  assert.deepEqual([both.status, both.json], [200, { nodes: 1, relationships: 1 }]);
});

Deno.test("the graph keeps HTML as it is, or as entities where told to, and never twice [S31]", async () => {
  const text = `<b title="x">AT&T</b> 'quoted' &lt;`;
  const entities = "&lt;b title=&quot;x&quot;&gt;AT&amp;T&lt;/b&gt; &#39;quoted&#39; &lt;";
  for (const [html, kept] of [["keep", text], ["escape", entities]] as const) {
    await using surface = new HttpSurface();
    surface.application.html = html;
    for (let round = 0; round < 2; round += 1) {
      const properties = { text: round === 0 ? text : kept, list: [text] };
      await surface.post(UPSERT, { nodes: [{ key: "a", properties }] });
      const cypher =
        "MATCH (n {text: $text}) RETURN n.text AS text, n.list AS list, $text AS asked";
      const { json } = await surface.post(QUERY, { cypher, parameters: { text } });
      assert.deepEqual(json.results, [{ text: kept, list: [kept], asked: kept }], html);
    }
  }
});

Deno.test("each write and each reading of the graph is an event, of counts alone [S33]", async () => {
  await using surface = new HttpSurface();
  await surface.post(UPSERT, PEOPLE);
  await surface.post(QUERY, { cypher: "MATCH (p:Person) RETURN p" });
  await surface.post(DELETE, { nodes: ["person:ada"], detach: true }, ADMIN);
  const events = surface.application.auditLog.events
    .filter(({ type }) => type !== "authentication_succeeded");
  const told = events.map(({ type, userId, details }) => [type, userId, details]);
  assert.deepEqual(told, [
    ["graph_written", "dan", {
      nodes_created: 2,
      nodes_updated: 0,
      relationships_created: 1,
      relationships_updated: 0,
    }],
    ["data_accessed", "dan", { resource: "graph", owner: null, id: null }],
    ["graph_deleted", "ada", { nodes: 1, relationships: 1, detach: "yes" }],
  ]);
  assert.doesNotMatch(JSON.stringify(events), /Ada|KNOWS|Person|person:/);
});
