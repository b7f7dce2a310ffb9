import assert from "node:assert/strict";
import { HttpSurface } from "../../../tests/fakes/http_surface.ts";

const UPSERT = "/api/v1/graph_upsert";
const SIGNAL = new AbortController().signal;

/** The largest batch there is, of some 2.5 MB and 150,000 members. */
function largest(): { nodes: object[]; relationships: object[] } {
  const key = (at: number) => `n${at % 10_000}`;
  return {
    nodes: Array.from({ length: 10_000 }, (_, at) => ({
      key: key(at),
      labels: ["Person", "Thing"],
      properties: { name: `name ${at}`, at, share: at + 0.5, tags: ["a", "b"] },
    })),
    relationships: Array.from({ length: 10_000 }, (_, at) => ({
      start: key(at),
      end: key(at * 7 + 1),
      type: "KNOWS",
      properties: { at },
    })),
  };
}

Deno.test("POST /api/v1/graph_upsert takes 10,000 nodes and 10,000 relationships, each as it was sent [S9]", async () => {
  await using surface = new HttpSurface();
  const batch = largest();
  const { status, json, text } = await surface.post(UPSERT, batch);
  assert.equal(status, 200, text);
  assert.deepEqual(json.nodes, { created: 10_000, updated: 0 });
  assert.deepEqual(json.relationships, { created: 10_000, updated: 0 });
  const entries = await Array.fromAsync(surface.application.graph.reader.entries(SIGNAL));
  const numbers = (_: string, value: unknown) => typeof value === "bigint" ? Number(value) : value;
  const kept = JSON.parse(JSON.stringify(entries, numbers)) as { kind: string }[];
  const expected = [
    ...batch.nodes.map((node) => ({ kind: "node", ...node })),
    ...batch.relationships.map((relationship) => ({ kind: "relationship", ...relationship })),
  ];
  assert.deepEqual(kept, expected);
});

Deno.test("POST /api/v1/graph_upsert refuses an item of too many members before it is parsed [S35]", async () => {
  await using surface = new HttpSurface();
  const a = `[${"1,".repeat(100_000)}1]`;
  const { status, json } = await surface.post(
    UPSERT,
    `{"nodes":[{"key":"a","properties":{"a":${a}}}]}`,
  );
  assert.deepEqual([status, json.errors], [422, [{
    pointer: "",
    expected: "of items with at most 20000 keys and items each",
    found: "more",
  }]]);
});

Deno.test("POST /api/v1/graph_upsert refuses a million members and one [S35]", async () => {
  await using surface = new HttpSurface();
  const { status, json } = await surface.post(UPSERT, `{"nodes":[${"1,".repeat(1_000_000)}1]}`);
  const [fault] = json.errors as { expected: string }[];
  assert.deepEqual([status, fault?.expected], [422, "of at most 1000000 keys and items in all"]);
});

Deno.test("POST /api/v1/graph_query answers 10,000 rows whole, in pieces [S10]", async () => {
  await using surface = new HttpSurface();
  await surface.post(UPSERT, { nodes: largest().nodes });
  const body = { cypher: "MATCH (n:Person) RETURN n, n.at AS at", limit: 10_000 };
  const { status, json, text } = await surface.post("/api/v1/graph_query", body);
  assert.equal(status, 200, text.slice(0, 500));
  const rows = json.results as { n: { key: string }; at: number }[];
  assert.deepEqual(rows.map(({ at }) => at).sort((a, b) => a - b), [...Array(10_000).keys()]);
  assert.ok(rows.every(({ n, at }) => n.key === `n${at}`));
  assert.deepEqual([json.columns, json.truncated], [["n", "at"], false]);
});

Deno.test("POST /api/v1/graph/import keeps nothing of the lines that are written [B4]", async () => {
  await using surface = new HttpSurface();
  const { application } = surface;
  const nothing = { created: 0, updated: 0 };
  let most = 0;
  application.graphWriter = {
    ...application.graphWriter,
    upsert() {
      most = Math.max(most, Deno.memoryUsage().external);
      const metrics = { nodeCount: 0, relationshipCount: 0, labels: {}, relationshipTypes: {} };
      return Promise.resolve({ counts: { nodes: nothing, relationships: nothing }, metrics });
    },
  };
  const text = "x".repeat(1000);
  const encoder = new TextEncoder();
  let sent = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (sent === 100_000) {
        controller.enqueue(encoder.encode('{"kind":"end","nodes":100000,"relationships":0}\n'));
        return controller.close();
      }
      const line = () => `{"kind":"node","key":"n${sent++}","properties":{"text":"${text}"}}\n`;
      controller.enqueue(encoder.encode(Array.from({ length: 50 }, line).join("")));
    },
  }, { highWaterMark: 0 });
  const before = Deno.memoryUsage().external;
  const { status, json } = await surface.send("/api/v1/graph/import", {
    method: "POST",
    headers: { authorization: "Bearer admin-token", "content-type": "application/x-ndjson" },
    body,
  });
  assert.deepEqual([status, json.lines], [200, 100_000]);
  assert.ok(most - before < 50_000_000, `${most - before} of the 100 MB that were sent`);
});

Deno.test("an export is read no faster than its reader takes it, and ends when it leaves [B4]", async () => {
  await using surface = new HttpSurface();
  const { application } = surface;
  const told = { made: 0, ended: false };
  application.graphReader = {
    ...application.graphReader,
    async *entries() {
      try {
        for (; told.made < 1_000_000; told.made += 1) {
          yield { kind: "node", key: `n${told.made}`, labels: [], properties: {} };
          await Promise.resolve();
        }
      } finally {
        told.ended = true;
      }
    },
  };
  const request = new Request("http://localhost/api/v1/graph/export", {
    headers: { authorization: "Bearer admin-token" },
  });
  const remoteAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
  const { body } = await surface.fetch(request, { remoteAddr });
  const reader = body?.getReader();
  for (let chunk = 0; chunk < 3; chunk += 1) assert.equal((await reader?.read())?.done, false);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(told.made < 10_000, String(told.made));
  await reader?.cancel();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(told.ended, true);
  const { type, details } = application.auditLog.events.at(-1) ?? {};
  assert.deepEqual([type, (details as { ended: string }).ended], ["graph_exported", "cancelled"]);
});

Deno.test("POST /api/v1/graph_upsert refuses a number of a million digits at once [S9, S35]", async () => {
  await using surface = new HttpSurface();
  const properties = `{"a":${"9".repeat(1_000_000)}}`;
  const { status, json } = await surface.post(
    UPSERT,
    `{"nodes":[{"key":"a","properties":${properties}}]}`,
  );
  const expected = "an INTEGER of 64 bits";
  assert.deepEqual([status, json.errors], [422, [
    { pointer: "/nodes/0/properties/a", expected, found: "a larger one" },
  ]]);
});
