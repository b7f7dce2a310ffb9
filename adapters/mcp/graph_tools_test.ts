import type { Client } from "@modelcontextprotocol/client";
import assert from "node:assert/strict";
import { DomainError } from "../../domain/errors.ts";
import { HttpSurface } from "../../tests/fakes/http_surface.ts";
import { ERAS, ServedSurface } from "../../tests/fakes/served_surface.ts";
import { mcpCall } from "../../tests/fixtures/mcp_message.ts";

interface CallResult {
  readonly isError?: boolean | undefined;
  readonly content: readonly { readonly text?: string }[];
  readonly structuredContent?: Readonly<Record<string, unknown>>;
}

async function call(client: Client, name: string, args: Record<string, unknown>) {
  return await client.callTool({ name, arguments: args }) as CallResult;
}

const BATCH = {
  nodes: [
    { key: "ada", labels: ["Person"], properties: { name: "<Ada>" } },
    { key: "charles", labels: ["Person"] },
  ],
  relationships: [{ start: "ada", end: "charles", type: "KNOWS" }],
};

for (const era of ERAS) {
  Deno.test(`/mcp shows a ${era.name} client the graph's tools with the HTTP schemas [S22, S9]`, async () => {
    await using served = new ServedSurface();
    await using connected = await served.connect(era);
    const { tools } = await connected.client.listTools();
    const schemaOf = (name: string) => tools.find((tool) => tool.name === name)?.inputSchema;
    const upsert = schemaOf("graph_upsert");
    assert.deepEqual(Object.keys(upsert?.properties ?? {}), ["nodes", "relationships"]);
    assert.equal(upsert?.additionalProperties, false);
    const { items, maxItems } = upsert?.properties?.nodes as {
      items: { properties: object; required: string[] };
      maxItems: number;
    };
    assert.deepEqual(Object.keys(items.properties), ["key", "labels", "properties"]);
    assert.deepEqual([items.required, maxItems], [["key"], 10_000]);
    const query = schemaOf("graph_query");
    const names = ["cypher", "parameters", "limit", "timeout_seconds"];
    assert.deepEqual(Object.keys(query?.properties ?? {}), names);
    assert.deepEqual(query?.required, ["cypher"]);
    const hints = tools.filter(({ name }) => name.startsWith("graph_"))
      .map(({ name, annotations }) => [name, annotations?.readOnlyHint]);
    assert.deepEqual(hints, [
      ["graph_upsert", false],
      ["graph_query", true],
    ]);
  });

  Deno.test(`/mcp writes and asks the graph for a ${era.name} client as its principal [S22, S9, S10]`, async () => {
    await using served = new ServedSurface();
    await using connected = await served.connect(era);
    const written = await call(connected.client, "graph_upsert", BATCH);
    assert.equal(written.isError ?? false, false, JSON.stringify(written));
    assert.deepEqual(written.structuredContent?.nodes, { created: 2, updated: 0 });
    assert.match(written.content[0]?.text ?? "", /^Nodes: 2 created, 0 updated\./);
    const cypher = "MATCH (p:Person {key: $key}) RETURN p";
    const found = await call(connected.client, "graph_query", {
      cypher,
      parameters: { key: "ada" },
    });
    const ada = { _type: "node", key: "ada", labels: ["Person"], properties: { name: "<Ada>" } };
    assert.deepEqual(found.structuredContent?.results, [{ p: ada }]);
    assert.deepEqual(JSON.parse(found.content[0]?.text ?? ""), [{ p: ada }]);
    assert.equal(found.content[1]?.text, "1 row.");
    const events = served.surface.application.auditLog.events;
    const told = events.slice(-2).map(({ type, userId, correlationId }) =>
      `${type} ${userId} ${correlationId}`
    );
    assert.deepEqual(told, ["graph_written dan mcp-test-1", "data_accessed dan mcp-test-1"]);
  });

  Deno.test(`/mcp gives a ${era.name} client the graph's problems as over HTTP [S22, S35]`, async () => {
    await using served = new ServedSurface();
    await using connected = await served.connect(era);
    const { client } = connected;
    const problemOf = async (name: string, args: Record<string, unknown>) => {
      const { isError, content, structuredContent } = await call(client, name, args);
      assert.equal(isError, true);
      assert.deepEqual(JSON.parse(content[1]?.text ?? ""), structuredContent);
      return structuredContent ?? {};
    };
    const invalid = await problemOf("graph_upsert", { nodes: [{ key: "1" }] });
    const [fault] = invalid.errors as { pointer: string }[];
    assert.deepEqual([invalid.code, fault?.pointer], ["validation_failed", "/nodes/0/key"]);
    const unknown = await problemOf("graph_query", { query: "RETURN 1 AS x" });
    assert.equal(unknown.code, "validation_failed");
    const relationships = [{ start: "x", end: "y", type: "T" }];
    const missing = await problemOf("graph_upsert", { relationships });
    assert.deepEqual([missing.code, missing.keys], ["missing_endpoints", ["x", "y"]]);
    const writes = await problemOf("graph_query", { cypher: "CREATE (n) RETURN n" });
    assert.equal(writes.code, "query_not_read_only");
    served.surface.application.graphReader = {
      ...served.surface.application.graphReader,
      query: () => Promise.reject(new DomainError({ code: "query_timeout", timeoutSeconds: 5 })),
    };
    const late = await problemOf("graph_query", { cypher: "RETURN 1 AS x" });
    assert.deepEqual([late.status, late.timeout_seconds], [504, 5]);
  });
}

Deno.test("/mcp tells INTEGER from FLOAT for the graph's tools, in and out [S22, S10]", async () => {
  await using surface = new HttpSurface();
  const parameters = '{"i":1,"f":1.0,"big":9007199254740993,"list":[1.0,-0.0]}';
  const cypher = "RETURN $i AS i, $f AS f, $big AS big, $list AS list, $s AS s";
  const args = `{"cypher":"${cypher}","parameters":${parameters.slice(0, -1)},"s":"<"},"limit":5}`;
  const { headers, body } = mcpCall("graph_query", { here: "args" });
  const message = JSON.stringify(body).replace('{"here":"args"}', args);
  const { text } = await surface.post("/mcp", message, { ...headers, host: "localhost" });
  const row = '{"i":1,"f":1.0,"big":"9007199254740993","list":[1.0,-0.0],"s":"\\u003c"}';
  assert.ok(text.includes(`"results":[${row}]`), text);
  const readable = JSON.stringify(`[${row.replace("\\u003c", "<")}]`).replace("<", "\\u003c");
  assert.ok(text.includes(`"text":${readable}`), text);
});

Deno.test("/mcp gives a long answer of the graph whole, in small pieces [S22, S10]", async () => {
  await using surface = new HttpSurface();
  const properties = { text: "<".repeat(300_000) };
  await surface.post("/api/v1/graph_upsert", { nodes: [{ key: "a", properties }] });
  const cypher = "MATCH (n {key: 'a'}) RETURN n.text AS text";
  const { headers, body } = mcpCall("graph_query", { cypher });
  const request = new Request("http://localhost/mcp", {
    method: "POST",
    headers: { ...headers, authorization: "Bearer viewer-token", host: "localhost" },
    body: JSON.stringify(body),
  });
  const remoteAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
  const response = await surface.fetch(request, { remoteAddr });
  const chunks = await Array.fromAsync(response.body ?? []);
  assert.ok(Math.max(...chunks.map((chunk) => chunk.length)) <= 6 * 65_536);
  const text = await new Blob(chunks).text();
  const { result } = JSON.parse(text);
  assert.deepEqual(result.structuredContent.results, [properties]);
  assert.deepEqual(JSON.parse(result.content[0].text), [properties]);
});

Deno.test("/mcp says rows a second time as text only as far as there is room [S22, S10]", async () => {
  await using served = new ServedSurface();
  await using connected = await served.connect(ERAS[0]);
  const row = ["x".repeat(400_000)];
  served.surface.application.graphReader = {
    ...served.surface.application.graphReader,
    query: () => {
      const rows = Array.from({ length: 5 }, () => row);
      return Promise.resolve({
        columns: ["x"],
        rows,
        truncated: true,
        repeatable: true,
        generation: "1",
      });
    },
  };
  const found = await call(connected.client, "graph_query", { cypher: "RETURN 1 AS x" });
  const shown = JSON.parse(found.content[0]?.text ?? "") as { x: string }[];
  assert.deepEqual(shown.map(({ x }) => x.length), [400_000, 400_000]);
  const words = "5 rows. There were more. The text has the first 2, structuredContent has all.";
  assert.equal(found.content[1]?.text, words);
  assert.equal((found.structuredContent?.results as object[]).length, 5);
});
