import assert from "node:assert/strict";
import { DomainError, type Failure } from "../../../domain/errors.ts";
import { HttpSurface } from "../../../tests/fakes/http_surface.ts";

const UPSERT = "/api/v1/graph_upsert";
const QUERY = "/api/v1/graph_query";
const DELETE = "/api/v1/graph_delete";
const ADMIN = { authorization: "Bearer admin-token" };

interface Fault {
  readonly pointer: string;
  readonly expected: string;
  readonly found: string;
}

/** The faults of a body that has to be refused, and change nothing. */
async function faultsOf(path: string, body: unknown): Promise<readonly Fault[]> {
  await using surface = new HttpSurface();
  const { status, json, text } = await surface.post(path, body, ADMIN);
  assert.deepEqual([status, json.code], [422, "validation_failed"], text.slice(0, 500));
  const signal = new AbortController().signal;
  assert.deepEqual(await Array.fromAsync(surface.application.graph.reader.entries(signal)), []);
  return json.errors as readonly Fault[];
}

function node(properties: unknown, more: object = {}): object {
  return { nodes: [{ key: "a", properties, ...more }] };
}

function relationship(more: object): object {
  const relationships = [{ start: "a", end: "a", type: "T", ...more }];
  return { nodes: [{ key: "a" }], relationships };
}

const WRONG_BATCHES: readonly (readonly [body: unknown, pointer: string])[] = [
  [[], ""],
  [null, ""],
  [{ nodes: {} }, "/nodes"],
  [{ nodes: [null] }, "/nodes/0"],
  [{ nodes: ["a"] }, "/nodes/0"],
  [{ nodes: [{}] }, "/nodes/0/key"],
  [{ nodes: [{ key: 1 }] }, "/nodes/0/key"],
  [{ nodes: [{ key: "a" }, { key: "1a" }] }, "/nodes/1/key"],
  [{ nodes: [{ key: "" }] }, "/nodes/0/key"],
  [{ nodes: [{ key: "x".repeat(65) }] }, "/nodes/0/key"],
  [{ nodes: [{ key: "a` DETACH DELETE n //" }] }, "/nodes/0/key"],
  [node({}, { labels: "Person" }), "/nodes/0/labels"],
  [node({}, { labels: ["A", 1] }), "/nodes/0/labels/1"],
  [node({}, { labels: ["GraphNode"] }), "/nodes/0/labels/0"],
  [node({}, { labels: ["_umcp_state"] }), "/nodes/0/labels/0"],
  [node({}, { labels: ["A`:B"] }), "/nodes/0/labels/0"],
  [node({}, { labels: ["Ä"] }), "/nodes/0/labels/0"],
  [node({}, { labels: Array(65).fill("A") }), "/nodes/0/labels"],
  [node({}, { extra: 1 }), "/nodes/0/extra"],
  [node([]), "/nodes/0/properties"],
  [node("x"), "/nodes/0/properties"],
  [node({ key: "b" }), "/nodes/0/properties/key"],
  [node({ "_umcp_x": 1 }), "/nodes/0/properties/_umcp_x"],
  [node({ "a.b": 1 }), "/nodes/0/properties/a.b"],
  [node({ "a/b~c": 1 }), "/nodes/0/properties/a~1b~0c"],
  [node({ "": 1 }), "/nodes/0/properties/"],
  ['{"nodes":[{"key":"a","properties":{"__proto__":1}}]}', "/nodes/0/properties/__proto__"],
  [node({ a: {} }), "/nodes/0/properties/a"],
  [node({ a: { b: 1 } }), "/nodes/0/properties/a"],
  [node({ a: [1, null] }), "/nodes/0/properties/a/1"],
  [node({ a: [1, "x"] }), "/nodes/0/properties/a/1"],
  [node({ a: [1, 1.5] }), "/nodes/0/properties/a/1"],
  [node({ a: [[1]] }), "/nodes/0/properties/a/0"],
  [node({ a: [{}] }), "/nodes/0/properties/a/0"],
  [node({ a: "\0" }), "/nodes/0/properties/a"],
  [node({ a: ["x", "\x1b"] }), "/nodes/0/properties/a/1"],
  [node({ a: "x".repeat(1_048_577) }), "/nodes/0/properties/a"],
  [node({ a: Array(10_001).fill(1) }), "/nodes/0/properties/a"],
  [
    node(Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`p${at}`, 1]))),
    "/nodes/0/properties",
  ],
  ['{"nodes":[{"key":"a","properties":{"a":"\\ud800"}}]}', "/nodes/0/properties/a"],
  ['{"nodes":[{"key":"a","properties":{"a":9223372036854775808}}]}', "/nodes/0/properties/a"],
  ['{"nodes":[{"key":"a","properties":{"a":-9223372036854775809}}]}', "/nodes/0/properties/a"],
  ['{"nodes":[{"key":"a","properties":{"a":1e999}}]}', "/nodes/0/properties/a"],
  [relationship({ type: "a-b" }), "/relationships/0/type"],
  [relationship({ type: "_umcp_next" }), "/relationships/0/type"],
  [relationship({ start: "b c" }), "/relationships/0/start"],
  [relationship({ end: 5 }), "/relationships/0/end"],
  [relationship({ properties: { "1": 1 } }), "/relationships/0/properties/1"],
  [relationship({ key: "a" }), "/relationships/0/key"],
  [{ nodes: [], edges: [] }, "/edges"],
  [{ nodes: Array(10_001).fill({ key: "a" }) }, "/nodes"],
];

for (const [body, pointer] of WRONG_BATCHES) {
  const shown = (typeof body === "string" ? body : JSON.stringify(body)).slice(0, 70);
  Deno.test(`graph_upsert refuses ${shown} at '${pointer}' [S9, S32]`, async () => {
    const faults = await faultsOf(UPSERT, body);
    assert.deepEqual(faults.map((fault) => fault.pointer), [pointer]);
  });
}

Deno.test("graph_upsert names what it refuses of values by kind, and repeats none [S9]", async () => {
  const secret = { a: [1, "hunter2"], b: "hunter2\0", c: { hunter2: 1 } };
  const faults = await faultsOf(UPSERT, node(secret));
  assert.deepEqual(faults, [
    {
      pointer: "/nodes/0/properties/a/1",
      expected: "an INTEGER, as the list's first item is",
      found: "a string",
    },
    {
      pointer: "/nodes/0/properties/b",
      expected: "text without control characters",
      found: "a string of 8 characters",
    },
    {
      pointer: "/nodes/0/properties/c",
      expected: "a string, a number, a boolean, or a list of one of them",
      found: "a map",
    },
  ]);
});

Deno.test("graph_upsert tells the first twenty faults of many [S9, S35]", async () => {
  const wrong = Array.from({ length: 10_000 }, () => ({ key: "1" }));
  assert.equal((await faultsOf(UPSERT, { nodes: wrong })).length, 20);
  const unshaped = Array.from({ length: 10_000 }, () => ({ x: 1, y: 2 }));
  assert.equal((await faultsOf(UPSERT, { nodes: unshaped })).length, 20);
});

const WRONG_QUERIES: readonly (readonly [body: unknown, pointer: string])[] = [
  [{}, "/cypher"],
  [{ cypher: "" }, "/cypher"],
  [{ cypher: 1 }, "/cypher"],
  [{ cypher: "x".repeat(65_537) }, "/cypher"],
  [{ cypher: "RETURN '\0' AS x" }, "/cypher"],
  ['{"cypher":"RETURN \'\\ud800\' AS x"}', "/cypher"],
  [{ cypher: "RETURN 1 AS x", limit: 0 }, "/limit"],
  [{ cypher: "RETURN 1 AS x", limit: 10_001 }, "/limit"],
  [{ cypher: "RETURN 1 AS x", limit: 1.5 }, "/limit"],
  [{ cypher: "RETURN 1 AS x", limit: "1" }, "/limit"],
  [{ cypher: "RETURN 1 AS x", timeout_seconds: 0.05 }, "/timeout_seconds"],
  [{ cypher: "RETURN 1 AS x", timeout_seconds: 31 }, "/timeout_seconds"],
  [{ cypher: "RETURN 1 AS x", parameters: [] }, "/parameters"],
  [{ cypher: "RETURN 1 AS x", parameters: null }, "/parameters"],
  [{ cypher: "RETURN 1 AS x", parameters: { a: [{ b: "\0" }] } }, "/parameters/a/0/b"],
  [
    { cypher: "RETURN 1 AS x", parameters: { a: { b: { c: { d: { e: {} } } } } } },
    "/parameters/a/b/c/d/e",
  ],
  ['{"cypher":"RETURN 1 AS x","parameters":{"a":{"__proto__":1}}}', "/parameters/a/__proto__"],
  ['{"cypher":"RETURN 1 AS x","parameters":{"a":9223372036854775808}}', "/parameters/a"],
  ['{"cypher":"RETURN 1 AS x","parameters":{"a":-1e999}}', "/parameters/a"],
  [{ cypher: "RETURN 1 AS x", parameters: { ["k".repeat(257)]: 1 } }, "/parameters"],
  [{ cypher: "RETURN 1 AS x", parameters: {}, readonly: true }, "/readonly"],
];

for (const [body, pointer] of WRONG_QUERIES) {
  const shown = (typeof body === "string" ? body : JSON.stringify(body)).slice(0, 70);
  Deno.test(`graph_query refuses ${shown} at '${pointer}' [S10, S32]`, async () => {
    const faults = await faultsOf(QUERY, body);
    assert.deepEqual(faults.map((fault) => fault.pointer), [pointer]);
  });
}

const WRONG_DELETIONS: readonly (readonly [body: unknown, pointer: string])[] = [
  [{ nodes: [1] }, "/nodes/0"],
  [{ nodes: ["a", "1a"] }, "/nodes/1"],
  [{ relationships: [{ start: "a", end: "b" }] }, "/relationships/0/type"],
  [
    { relationships: [{ start: "a", end: "b", type: "T", properties: {} }] },
    "/relationships/0/properties",
  ],
  [{ relationships: [{ start: "a", end: "b", type: "T`" }] }, "/relationships/0/type"],
  [{ nodes: [], detach: "yes" }, "/detach"],
  [{ nodes: Array(10_001).fill("a") }, "/nodes"],
];

for (const [body, pointer] of WRONG_DELETIONS) {
  const shown = JSON.stringify(body).slice(0, 70);
  Deno.test(`graph_delete refuses ${shown} at '${pointer}' [B4, S32]`, async () => {
    const faults = await faultsOf(DELETE, body);
    assert.deepEqual(faults.map((fault) => fault.pointer), [pointer]);
  });
}

Deno.test("relationships without their nodes are refused by key, and nothing is written [S9]", async () => {
  await using surface = new HttpSurface();
  const relationships = [{ start: "a", end: "gone", type: "T" }, {
    start: "lost",
    end: "a",
    type: "T",
  }];
  const { status, json } = await surface.post(UPSERT, { nodes: [{ key: "a" }], relationships });
  assert.deepEqual([status, json.code], [409, "missing_endpoints"]);
  assert.deepEqual([...json.keys as string[]].sort(), ["gone", "lost"]);
  const metrics = await surface.send("/api/v1/graph/metrics", { headers: ADMIN });
  assert.equal(metrics.json.node_count, 0);
});

Deno.test("what the engine refuses of a statement is told with its place [S10, S35]", async () => {
  await using surface = new HttpSurface();
  const invalid = await surface.post(QUERY, { cypher: "RETRUN 1 AS x" });
  assert.deepEqual([invalid.status, invalid.json.code, invalid.json.line], [
    422,
    "query_invalid",
    1,
  ]);
  const writes = await surface.post(QUERY, { cypher: "MATCH (n) DETACH DELETE n" });
  assert.deepEqual([writes.status, writes.json.code], [422, "query_not_read_only"]);
});

const FAILURES: readonly (readonly [Failure, status: number, retryAfter: string | null])[] = [
  [{ code: "query_timeout", timeoutSeconds: 0.5 }, 504, null],
  [{ code: "circuit_open", breaker: "graph_read", retryAfterSeconds: 12.2 }, 503, "13"],
  [
    {
      code: "dependency_unavailable",
      dependency: "the graph",
      reason: "it is away",
      remedy: null,
      retryAfterSeconds: 2,
    },
    503,
    "2",
  ],
  [{ code: "shutting_down", retryAfterSeconds: 1 }, 503, "1"],
];

for (const [failure, status, retryAfter] of FAILURES) {
  Deno.test(`the graph's ${failure.code} is a ${status} [S10, S35]`, async () => {
    await using surface = new HttpSurface();
    const { application } = surface;
    const fail = () => Promise.reject(new DomainError(failure));
    application.graphReader = { ...application.graphReader, query: fail, metrics: fail };
    application.graphWriter = { upsert: fail, delete: fail };
    const answers = [await surface.post(QUERY, { cypher: "RETURN 1 AS x" })];
    if (failure.code !== "query_timeout") {
      answers.push(
        await surface.post(UPSERT, { nodes: [] }),
        await surface.post(DELETE, {}, ADMIN),
        await surface.send("/api/v1/graph/metrics", { headers: ADMIN }),
      );
    }
    for (const { json, headers, ...answer } of answers) {
      assert.deepEqual([answer.status, json.code], [status, failure.code]);
      assert.equal(headers.get("retry-after"), retryAfter);
    }
  });
}

Deno.test("bodies that are too large, of another type or no JSON are refused by the graph's routes [S35]", async () => {
  await using surface = new HttpSurface();
  const cases = [
    ["{", {}, 400, "malformed_json"],
    ['{"nodes":[{"key":"a"},]}', {}, 400, "malformed_json"],
    [" ".repeat(3_000_001), {}, 413, "body_too_large"],
    ["{}", { "content-type": "application/x-ndjson" }, 415, "unsupported_media_type"],
    ["{}", { accept: "text/html" }, 406, "not_acceptable"],
  ] as const;
  for (const path of [UPSERT, QUERY, DELETE]) {
    for (const [body, headers, status, code] of cases) {
      const answer = await surface.post(path, body, { ...ADMIN, ...headers });
      assert.deepEqual(
        [answer.status, answer.json.code],
        [status, code],
        `${path} ${body.slice(0, 20)}`,
      );
    }
  }
});
