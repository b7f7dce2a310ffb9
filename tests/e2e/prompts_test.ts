import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import assert from "node:assert/strict";
import { PROMPTS } from "../../domain/prompts/catalogue.ts";
import { removeNodes } from "../fixtures/empty_neo4j.ts";
import { takeApart } from "../fixtures/markdown_fences.ts";
import { refusalOf } from "../fixtures/protocol_refusal.ts";
import { type Settings, type StartedService, startService } from "../fixtures/service.ts";
import { areRunning, neo4jService } from "../fixtures/services.ts";

const ERAS = [{ mode: "legacy" }, { mode: { pin: "2026-07-28" } }] as const;
const BASE = "ultimate-mcp://";

async function connect(
  { url }: StartedService,
  token: string,
  { mode }: (typeof ERAS)[number] = ERAS[1],
): Promise<AsyncDisposable & { readonly client: Client }> {
  const client = new Client({ name: "e2e", version: "1" }, { versionNegotiation: { mode } });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit }));
  return { client, [Symbol.asyncDispose]: () => client.close() };
}

async function call(client: Client, name: string, args: Record<string, unknown>) {
  const { isError, structuredContent } = await client.callTool({ name, arguments: args });
  assert.equal(isError ?? false, false, JSON.stringify([args, structuredContent]));
  return structuredContent as Readonly<Record<string, unknown>>;
}

async function readJson(client: Client, path: string): Promise<Readonly<Record<string, unknown>>> {
  const { contents } = await client.readResource({ uri: BASE + path });
  const [content] = contents;
  assert.ok(content !== undefined && "text" in content);
  return JSON.parse(content.text);
}

/** The examples that the prompts show, of one language. */
function examples(language: string): readonly string[] {
  const shown = PROMPTS.flatMap(({ text }) => takeApart(text).fences)
    .filter(({ info }) => info === language).map(({ text }) => text);
  return [...new Set(shown)];
}

/** What the statements in prompts ask for, of what the batch in `remember` writes. */
const PARAMETERS = {
  key: "person:ada-lovelace",
  keys: ["person:ada-lovelace"],
  names: ["Analytical Engine"],
  part: "lovelace",
};

/** Does what the prompts show, and looks at what comes of it. */
async function tryExamples(settings: Settings): Promise<void> {
  await using service = await startService(settings);
  await using connected = await connect(service, service.token);
  const { client } = connected;
  const [batch] = examples("json");
  const { nodes } = await call(client, "graph_upsert", JSON.parse(batch ?? ""));
  assert.deepEqual(nodes, { created: 2, updated: 0 });
  const statements = examples("cypher");
  assert.ok(statements.length >= 5, statements.join("\n"));
  for (const statement of statements) {
    const cypher = statement.replace("{{label}}", "Person");
    const used = Object.entries(PARAMETERS).filter(([name]) => cypher.includes(`$${name}`));
    const asked = { cypher, parameters: Object.fromEntries(used) };
    const { results } = await call(client, "graph_query", asked);
    assert.ok((results as unknown[]).length > 0, cypher);
    assert.doesNotMatch(JSON.stringify(results), /GraphNode|_umcp_/, cypher);
  }
  const counts = { labels: { Person: 1, Machine: 1 }, relationship_types: { WROTE_FOR: 1 } };
  assert.deepEqual(await readJson(client, "graph/schema"), {
    ...counts,
    omitted: { labels: 0, relationship_types: 0 },
    indexes: [{ properties: ["key"], unique: true }],
  });
  assert.deepEqual(await readJson(client, "graph/labels/Person"), {
    label: "Person",
    sampled_nodes: 1,
    properties: { born: 1, key: 1, name: 1 },
  });
  const { completion } = await client.complete({
    ref: { type: "ref/prompt", name: "recall" },
    argument: { name: "label", value: "pe" },
  });
  assert.deepEqual(completion.values, ["Person"]);
}

Deno.test("the examples in prompts work as they stand, in the embedded graph [S22, S9, S10]", async () => {
  await tryExamples({});
});

Deno.test({
  name: "the examples in prompts work as they stand, in Neo4j (needs Neo4j) [S22, S9, S10]",
  ignore: !(await areRunning("neo4j")),
  async fn() {
    const neo4j = await neo4jService();
    await removeNodes(neo4j);
    await tryExamples({ NEO4J_URI: neo4j.uri, NEO4J_PASSWORD: neo4j.password });
  },
});

Deno.test("the official client reads what the service tells of itself and of runs [S22, S29]", async (t) => {
  await using service = await startService();
  const { json: status } = await service.get("/status");
  const [ada, bob] = await Promise.all([
    service.tokenFor("ada", "developer"),
    service.tokenFor("bob", "developer"),
  ]);
  for (const era of ERAS) {
    await t.step(`in the mode ${JSON.stringify(era.mode)}`, async () => {
      await using owner = await connect(service, ada, era);
      await using other = await connect(service, bob, era);
      assert.deepEqual(await readJson(owner.client, "sandbox"), status.sandbox);
      const run = {
        language: "bash",
        code: "mkdir out; echo é > out/a.txt; printf '\\377\\0' > 'out/b c'; echo done",
        outputs: ["out/*"],
      };
      const { id } = await call(owner.client, "execute_code", run);
      const { files, ...told } = await readJson(owner.client, `executions/${id}`);
      const kept = await service.get(`/api/v1/executions/${id}`, { token: ada });
      assert.deepEqual({ ...told, files: kept.json.files }, kept.json);
      const uris = (files as readonly { uri: string }[]).map(({ uri }) => uri);
      const place = `${BASE}executions/${id}/files/out`;
      assert.deepEqual(uris, [`${place}/a.txt`, `${place}/b%20c`]);
      const found = await Promise.all(uris.map((uri) => owner.client.readResource({ uri })));
      assert.deepEqual(found.flatMap(({ contents }) => contents), [
        { uri: uris[0], mimeType: "text/plain", text: "é\n" },
        { uri: uris[1], mimeType: "application/octet-stream", blob: "/wA=" },
      ]);
      for (const uri of [`${BASE}executions/${id}`, ...uris]) {
        const refusal = await refusalOf(other.client.readResource({ uri }));
        assert.deepEqual([refusal.code, refusal.data], [-32602, { uri }]);
      }
    });
  }
});
