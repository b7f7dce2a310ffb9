import type { Client } from "@modelcontextprotocol/client";
import assert from "node:assert/strict";
import { DomainError } from "../../domain/errors.ts";
import { sampleRecord } from "../../tests/contracts/execution_records.ts";
import { sampleJob } from "../../tests/contracts/job_queue_samples.ts";
import { ERAS, ServedSurface } from "../../tests/fakes/served_surface.ts";
import { refusalOf } from "../../tests/fixtures/protocol_refusal.ts";

const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;
const BASE = "ultimate-mcp://";
const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 1, 2, 0xff]);

type Json = Readonly<Record<string, unknown>>;

async function contentOf(client: Client, path: string) {
  const uri = BASE + path;
  const { contents } = await client.readResource({ uri });
  assert.deepEqual(contents.map((content) => content.uri), [uri]);
  return contents[0] as { mimeType?: string; text?: string; blob?: string };
}

async function read(client: Client, path: string): Promise<Json> {
  const { mimeType, text = "" } = await contentOf(client, path);
  assert.equal(mimeType, "application/json");
  return JSON.parse(text);
}

async function get(served: ServedSurface, path: string): Promise<Json> {
  const headers = { authorization: "Bearer developer-token" };
  const { status, json } = await served.surface.send(path, { headers });
  assert.equal(status, 200);
  return json;
}

const BATCH = {
  nodes: [
    { key: "ada", labels: ["Person"], properties: { name: "Ada", born: 1815n } },
    { key: "charles", labels: ["Person"], properties: { name: "Charles" } },
    { key: "engine", labels: ["Machine"], properties: {} },
  ],
  relationships: [{ start: "ada", end: "engine", type: "WROTE_FOR", properties: {} }],
};

async function remember(served: ServedSurface): Promise<void> {
  await served.surface.application.upsertGraph(BATCH, {
    principal: { subject: "ada", roles: ["admin"] },
    correlationId: "mcp-test-0",
    signal: new AbortController().signal,
  });
}

for (const era of ERAS) {
  Deno.test(`/mcp lists its resources to a ${era.name} client, and reads each as HTTP does [S22]`, async () => {
    await using served = new ServedSurface();
    await remember(served);
    await using connected = await served.connect(era);
    const { client } = connected;
    const { resources: reading, prompts, completions } = client.getServerCapabilities() ?? {};
    assert.deepEqual([reading, prompts, completions], [
      { listChanged: false },
      { listChanged: false },
      {},
    ]);
    const { resources } = await client.listResources();
    const uris = ["status", "sandbox", "graph/schema", "graph/metrics"].map((path) => BASE + path);
    assert.deepEqual(resources.map(({ uri }) => uri), uris);
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.deepEqual(resourceTemplates.map(({ uriTemplate }) => uriTemplate), [
      `${BASE}graph/labels/{label}`,
      `${BASE}executions/{id}`,
      `${BASE}executions/{id}/files/{+path}`,
    ]);
    for (const { title, description } of [...resources, ...resourceTemplates]) {
      assert.ok(title !== undefined && description !== undefined);
    }
    const status = await get(served, "/status");
    assert.deepEqual(await read(client, "status"), status);
    assert.deepEqual(await read(client, "sandbox"), status.sandbox);
    const metrics = await get(served, "/api/v1/graph/metrics");
    const omitted = { labels: 0, relationship_types: 0 };
    assert.deepEqual(await read(client, "graph/metrics"), { ...metrics, omitted });
    assert.deepEqual(await read(client, "graph/schema"), {
      labels: { Person: 2, Machine: 1 },
      relationship_types: { WROTE_FOR: 1 },
      omitted,
      indexes: [{ properties: ["key"], unique: true }],
    });
    assert.deepEqual(await read(client, "graph/labels/Person"), {
      label: "Person",
      sampled_nodes: 2,
      properties: { key: 2, name: 2, born: 1 },
    });
  });

  Deno.test(`/mcp reads a stored run to a ${era.name} client who owns it, and its files [S22, S29]`, async () => {
    await using served = new ServedSurface();
    const files = [
      { path: "out/a b#é.txt", content: new TextEncoder().encode("<é>") },
      { path: "p.png", content: PNG },
    ];
    const record = sampleRecord({
      owner: "dan",
      stdout: "😀".repeat(40_000),
      stderr: "late",
      files,
    });
    served.surface.application.records.set(record.id, record);
    await using connected = await served.connect(era);
    const { client } = connected;
    const { files: named, stdout, ...told } = await read(client, `executions/${record.id}`);
    const kept = await get(served, `/api/v1/executions/${record.id}`);
    const { files: _files, stdout: whole, ...rest } = kept;
    assert.deepEqual({ ...told, stdout_truncated: kept.stdout_truncated }, rest);
    assert.deepEqual([told.stdout_truncated, told.stderr_truncated], [true, false]);
    assert.ok(String(stdout).length === 65_536 && String(whole).startsWith(String(stdout)));
    assert.deepEqual(named, [
      {
        path: "out/a b#é.txt",
        size: 4,
        uri: `${BASE}executions/${record.id}/files/out/a%20b%23%C3%A9.txt`,
      },
      { path: "p.png", size: 12, uri: `${BASE}executions/${record.id}/files/p.png` },
    ]);
    const [text, picture] = (named as { uri: string }[]).map(({ uri }) => uri.slice(BASE.length));
    const { uri: _text, ...note } = await contentOf(client, text ?? "") as Json;
    assert.deepEqual(note, { mimeType: "text/plain", text: "<é>" });
    const { uri: _picture, ...image } = await contentOf(client, picture ?? "") as Json;
    assert.deepEqual(image, { mimeType: "image/png", blob: PNG.toBase64() });
    const job = sampleJob({ owner: "dan" });
    await served.surface.application.jobs.add(job, 1);
    const standing = await get(served, `/api/v1/executions/${job.id}`);
    assert.deepEqual(await read(client, `executions/${job.id}`), standing);
  });

  Deno.test(`/mcp reads a large file to a ${era.name} client whole [S22]`, async () => {
    await using served = new ServedSurface();
    const content = new Uint8Array(3_000_000).map((_, at) => at % 251);
    const record = sampleRecord({ owner: "dan", files: [{ path: "x.bin", content }] });
    served.surface.application.records.set(record.id, record);
    await using connected = await served.connect(era);
    const found = await contentOf(connected.client, `executions/${record.id}/files/x.bin`);
    assert.equal(found.mimeType, "application/octet-stream");
    assert.ok(found.blob === content.toBase64());
  });

  Deno.test(`/mcp finds nothing for a ${era.name} client where nothing is hers [S22, S29]`, async () => {
    await using served = new ServedSurface();
    await remember(served);
    const files = [{ path: "a.txt", content: new Uint8Array([65]) }];
    const record = sampleRecord({ owner: "dan", files });
    served.surface.application.records.set(record.id, record);
    await using other = await served.connect(era, "other-token");
    await using viewer = await served.connect(era, "viewer-token");
    await using admin = await served.connect(era, "admin-token");
    await using owner = await served.connect(era);
    const run = `executions/${record.id}`;
    const paths = [
      run,
      `${run}/files/a.txt`,
      `executions/${crypto.randomUUID()}`,
      "executions/1",
      "graph/labels/Nothing",
      "graph/labels/GraphNode",
      "graph/labels/a%60b",
      "graph/labels/%ff",
      "no/such/resource",
    ];
    for (const { client } of [other, viewer]) {
      for (const path of paths) {
        const { code, data } = await refusalOf(client.readResource({ uri: BASE + path }));
        assert.deepEqual([code, data], [INVALID_PARAMS, { uri: BASE + path }], path);
      }
    }
    for (
      const path of [`${run}/files/b.txt`, `${run}/files/out/../a.txt%00`, `${run}/files/%2e%2e/a`]
    ) {
      const { code } = await refusalOf(owner.client.readResource({ uri: BASE + path }));
      assert.equal(code, INVALID_PARAMS, path);
    }
    for (const { client } of [admin, owner]) {
      assert.equal((await read(client, run)).id, record.id);
      assert.equal((await contentOf(client, `${run}/files/a.txt`)).text, "A");
    }
    const reads = served.surface.application.auditLog.events
      .filter(({ type }) => type === "data_accessed").map(({ userId }) => userId);
    assert.deepEqual(new Set(reads), new Set(["ada", "dan", "olga", "vera"]));
  });

  Deno.test(`/mcp tells a ${era.name} client why a resource cannot be read [S22, S35]`, async () => {
    await using served = new ServedSurface();
    const { application } = served.surface;
    await using connected = await served.connect(era);
    const { client } = connected;
    const metrics = (failure: unknown) => {
      application.graphReader = {
        ...application.graphReader,
        metrics: () => Promise.reject(failure),
      };
    };
    const asked = () => refusalOf(client.readResource({ uri: `${BASE}graph/metrics` }));
    metrics(new DomainError({ code: "circuit_open", breaker: "graph_read", retryAfterSeconds: 3 }));
    const open = await asked();
    assert.deepEqual([open.code, open.data.code, open.data.retry_after_seconds], [
      INTERNAL_ERROR,
      "circuit_open",
      3,
    ]);
    metrics(
      new DomainError({
        code: "forbidden",
        permission: "graph:query",
        found: ["viewer"],
        expected: ["admin"],
      }),
    );
    const forbidden = await asked();
    assert.deepEqual(
      [forbidden.code, forbidden.data.code, forbidden.data.found, forbidden.data.expected],
      [INVALID_PARAMS, "forbidden", ["viewer"], ["admin"]],
    );
    metrics(new Error("hunter2"));
    const broken = await asked();
    assert.deepEqual([broken.code, broken.data.code], [INTERNAL_ERROR, "internal"]);
    assert.doesNotMatch(JSON.stringify(broken), /hunter2/);
  });

  Deno.test(`/mcp completes the variables of resources for a ${era.name} client [S22]`, async () => {
    await using served = new ServedSurface();
    await remember(served);
    const empty = new Uint8Array();
    const files = ["out/a.png", "out/b.png", "log"].map((path) => ({ path, content: empty }));
    const record = sampleRecord({ owner: "dan", files });
    served.surface.application.records.set(record.id, record);
    await using owner = await served.connect(era);
    await using other = await served.connect(era, "other-token");
    const complete = async (
      { client }: { client: Client },
      path: string,
      name: string,
      value: string,
    ) => {
      const { completion } = await client.complete({
        ref: { type: "ref/resource", uri: BASE + path },
        argument: { name, value },
        ...(name === "path" && { context: { arguments: { id: record.id } } }),
      });
      return completion.values;
    };
    const file = "executions/{id}/files/{+path}";
    assert.deepEqual(await complete(owner, "graph/labels/{label}", "label", ""), [
      "Person",
      "Machine",
    ]);
    assert.deepEqual(await complete(owner, "graph/labels/{label}", "label", "m"), ["Machine"]);
    assert.deepEqual(await complete(owner, file, "path", "out/"), ["out/a.png", "out/b.png"]);
    assert.deepEqual(await complete(other, file, "path", ""), []);
    assert.deepEqual(await complete(owner, "executions/{id}", "id", ""), []);
    assert.deepEqual(await complete(owner, "status", "id", ""), []);
    const unknown = await refusalOf(complete(owner, "no/{such}", "such", ""));
    assert.equal(unknown.code, INVALID_PARAMS);
  });
}
