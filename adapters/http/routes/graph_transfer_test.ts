import assert from "node:assert/strict";
import { DomainError, type Failure } from "../../../domain/errors.ts";
import type { GraphEntry } from "../../../domain/graph/batch.ts";
import type { FakeApplication } from "../../../tests/fakes/fake_application.ts";
import { type Answer, HttpSurface } from "../../../tests/fakes/http_surface.ts";

const EXPORT = "/api/v1/graph/export";
const IMPORT = "/api/v1/graph/import";
const NDJSON = "application/x-ndjson";
const ADMIN = { authorization: "Bearer admin-token" };
const SIGNAL = new AbortController().signal;
const AWAY: Failure = {
  code: "dependency_unavailable",
  dependency: "the graph",
  reason: "it is away",
  remedy: null,
  retryAfterSeconds: 2,
};

const LINES = [
  '{"kind":"node","key":"a","labels":["L"],"properties":{"i":9223372036854775807,"f":1.0,"s":"<&>"}}',
  '{"kind":"node","key":"b","labels":[],"properties":{"list":[-1,0],"none":[],"t":true}}',
  '{"kind":"relationship","start":"a","end":"b","type":"T","properties":{"f":-0.0}}',
  '{"kind":"end","nodes":2,"relationships":1}',
];

function file(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

function importOf(
  surface: HttpSurface,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<Answer> {
  const headers = { ...ADMIN, "content-type": NDJSON };
  return surface.send(IMPORT, { method: "POST", headers, body });
}

function exportOf(surface: HttpSurface): Promise<Answer> {
  return surface.send(EXPORT, { headers: ADMIN });
}

async function entriesOf({ graph }: FakeApplication): Promise<GraphEntry[]> {
  return await Array.fromAsync(graph.reader.entries(SIGNAL));
}

Deno.test("an export imported is the same graph, and once more changes nothing [B4]", async () => {
  await using surface = new HttpSurface();
  const first = await importOf(surface, file(LINES));
  assert.deepEqual([first.status, first.json], [200, {
    nodes: { created: 2, updated: 0 },
    relationships: { created: 1, updated: 0 },
    lines: 3,
  }]);
  const { status, headers, text } = await exportOf(surface);
  assert.deepEqual([status, headers.get("content-type")], [200, NDJSON]);
  assert.equal(text.replaceAll("\\u003c\\u0026\\u003e", "<&>"), file(LINES));
  const before = await entriesOf(surface.application);
  const again = await importOf(surface, text);
  assert.deepEqual(again.json.nodes, { created: 0, updated: 2 });
  assert.deepEqual(await entriesOf(surface.application), before);
  await using other = new HttpSurface();
  await importOf(other, text);
  assert.deepEqual(await entriesOf(other.application), before);
});

Deno.test("an export of nothing is an end alone, and is imported as nothing [B4]", async () => {
  await using surface = new HttpSurface();
  const { text } = await exportOf(surface);
  assert.equal(text, '{"kind":"end","nodes":0,"relationships":0}\n');
  const { status, json } = await importOf(surface, text);
  assert.deepEqual([status, json.lines], [200, 0]);
});

Deno.test("an import takes its lines however they are cut, with CR LF and without the last LF [B4]", async () => {
  await using surface = new HttpSurface();
  const bytes = new TextEncoder().encode(LINES.join("\r\n\r\n"));
  const chunks = Array.from(
    { length: Math.ceil(bytes.length / 7) },
    (_, at) => bytes.slice(at * 7, at * 7 + 7),
  );
  const { status, text } = await importOf(surface, ReadableStream.from(chunks));
  assert.equal(status, 200, text);
  assert.equal((await entriesOf(surface.application)).length, 3);
});

Deno.test("an import keeps HTML as it is, whatever is done with what callers write [B4, S31]", async () => {
  await using surface = new HttpSurface();
  surface.application.html = "escape";
  await importOf(surface, file(LINES));
  const [a] = await entriesOf(surface.application);
  assert.equal(a?.properties.s, "<&>");
});

const WRONG: readonly (readonly [what: string, line: string, pointer: string])[] = [
  ["no JSON", "{", ""],
  ["a list", "[]", "/kind"],
  ["null", "null", "/kind"],
  ["another kind", '{"kind":"edge"}', "/kind"],
  ["a field too many", '{"kind":"node","key":"c","id":1}', "/id"],
  ["a bad key", '{"kind":"node","key":"1"}', "/key"],
  ["a bad value", '{"kind":"node","key":"c","properties":{"a":{}}}', "/properties/a"],
  ["the internal label", '{"kind":"node","key":"c","labels":["GraphNode"]}', "/labels/0"],
  ["no end of a relationship", '{"kind":"relationship","start":"a","type":"T"}', "/end"],
  ["a problem", '{"kind":"problem","problem":{}}', "/kind"],
  ["an end that counts otherwise", '{"kind":"end","nodes":3,"relationships":0}', ""],
  ["a count that is none", '{"kind":"end","nodes":2.5,"relationships":0}', "/nodes"],
];

for (const [what, line, pointer] of WRONG) {
  Deno.test(`an import stops at ${what}, names the line, and keeps what stands before it [B4]`, async () => {
    await using surface = new HttpSurface();
    const { status, json, text } = await importOf(surface, file([...LINES.slice(0, 2), line, "{"]));
    assert.deepEqual([status, json.code, json.line], [422, "import_stopped", 3], text);
    const [fault] = json.errors as { pointer: string }[];
    assert.equal(fault?.pointer, pointer);
    assert.deepEqual(json.written, {
      nodes: { created: 2, updated: 0 },
      relationships: { created: 0, updated: 0 },
    });
    assert.equal((await entriesOf(surface.application)).length, 2);
  });
}

Deno.test("an import of a file that was cut off says so, after all that it has [B4]", async () => {
  for (const lines of [[], LINES.slice(0, 1), LINES.slice(0, 3)]) {
    await using surface = new HttpSurface();
    const { status, json } = await importOf(surface, file(lines));
    assert.deepEqual([status, json.code, json.line], [422, "import_stopped", lines.length + 1]);
    assert.equal((await entriesOf(surface.application)).length, lines.length);
  }
});

Deno.test("an import takes nothing after the end [B4]", async () => {
  await using surface = new HttpSurface();
  const { json } = await importOf(surface, file([...LINES, LINES[0] ?? ""]));
  assert.deepEqual([json.code, json.line], ["import_stopped", 5]);
});

Deno.test("an import stops where relationships have no nodes, and names their keys [B4]", async () => {
  await using surface = new HttpSurface();
  const gone = '{"kind":"relationship","start":"a","end":"gone","type":"T"}';
  const { status, json } = await importOf(surface, file([LINES[0] ?? "", gone]));
  assert.deepEqual([status, json.code, json.line], [422, "import_stopped", 1]);
  const [fault] = json.errors as { found: string }[];
  assert.equal(fault?.found, "no node with the key 'gone'");
});

Deno.test("an import stops where the engine cannot hold what the lines say [B4]", async () => {
  await using surface = new HttpSurface();
  const { application } = surface;
  const errors = [{ pointer: "/nodes/0/key", expected: "another key", found: '"a"' }];
  application.graphWriter = {
    ...application.graphWriter,
    upsert: () => Promise.reject(new DomainError({ code: "validation_failed", errors })),
  };
  const { status, json } = await importOf(surface, file(LINES));
  assert.deepEqual([status, json.code, json.line, json.errors], [422, "import_stopped", 1, errors]);
});

Deno.test("an import stops at a line that is too long, too deep, too wide, or no UTF-8 [B4]", async () => {
  const wrong = [
    new TextEncoder().encode(`{"kind":"node","key":"${"x".repeat(3_000_001)}`),
    new TextEncoder().encode(`{"kind":${"[".repeat(65)}\n`),
    new TextEncoder().encode(`[${"1,".repeat(20_001)}\n`),
    new Uint8Array([0x7b, 0xff, 0x0a]),
  ];
  for (const bytes of wrong) {
    await using surface = new HttpSurface();
    const { json } = await importOf(surface, bytes);
    assert.deepEqual([json.code, json.line], ["import_stopped", 1]);
  }
});

Deno.test("an import writes batches of 5,000 lines at most while the file still comes [B4]", async () => {
  await using surface = new HttpSurface();
  const { application } = surface;
  const sizes: number[] = [];
  const { writer } = application.graph;
  application.graphWriter = {
    ...writer,
    upsert(batch, signal) {
      sizes.push(batch.nodes.length);
      return writer.upsert(batch, signal);
    },
  };
  const encoder = new TextEncoder();
  let sent = 0;
  const heldAt: number[] = [];
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (sent === 12_000) {
        heldAt.push(sizes.length);
        controller.enqueue(encoder.encode('{"kind":"end","nodes":12000,"relationships":0}\n'));
        return controller.close();
      }
      const lines = Array.from({ length: 1000 }, () => `{"kind":"node","key":"n${sent++}"}`);
      controller.enqueue(encoder.encode(file(lines)));
    },
  }, { highWaterMark: 0 });
  const { status, json } = await importOf(surface, body);
  assert.deepEqual([status, json.lines], [200, 12_000]);
  assert.deepEqual([sizes, heldAt], [[5000, 5000, 2000], [2]]);
});

Deno.test("an import that the graph's engine leaves is a 503, and the audit knows how far it came [B4, S33]", async () => {
  await using surface = new HttpSurface();
  const { application } = surface;
  application.graphWriter = {
    ...application.graphWriter,
    upsert: () => Promise.reject(new DomainError(AWAY)),
  };
  const { status, json, headers } = await importOf(surface, file(LINES));
  assert.deepEqual([status, json.code], [503, "dependency_unavailable"]);
  assert.equal(headers.get("retry-after"), "2");
  const { type, details } = application.auditLog.events.at(-1) ?? {};
  assert.deepEqual([type, (details as { ended: string }).ended], [
    "graph_imported",
    "dependency_unavailable",
  ]);
});

Deno.test("an export that cannot begin is a 503 [B4]", async () => {
  await using surface = new HttpSurface();
  const { application } = surface;
  application.graphReader = {
    ...application.graphReader,
    // deno-lint-ignore require-yield -- it fails before it has anything to give
    async *entries() {
      await Promise.reject(new DomainError(AWAY));
    },
  };
  const { status, json } = await exportOf(surface);
  assert.deepEqual([status, json.code], [503, "dependency_unavailable"]);
});

Deno.test("an export that breaks off ends with its problem, and is not taken for a whole one [B4]", async () => {
  await using surface = new HttpSurface();
  const { application } = surface;
  await importOf(surface, file(LINES));
  const { entries } = application.graph.reader;
  application.graphReader = {
    ...application.graphReader,
    async *entries(signal) {
      for await (const entry of entries(signal)) {
        yield entry;
        if (entry.kind === "relationship") throw new DomainError(AWAY);
      }
    },
  };
  const { status, text } = await exportOf(surface);
  assert.equal(status, 200);
  const lines = text.trimEnd().split("\n");
  assert.equal(lines.length, 4);
  const { kind, problem } = JSON.parse(lines[3] ?? "");
  assert.deepEqual([kind, problem.code, problem.status], [
    "problem",
    "dependency_unavailable",
    503,
  ]);
  assert.ok(surface.lines.some(({ event }) => event === "graph_export_failed"));
  await using other = new HttpSurface();
  const taken = await importOf(other, text);
  assert.deepEqual([taken.json.code, taken.json.line], ["import_stopped", 4]);
  const { details } = application.auditLog.events.at(-1) ?? {};
  assert.deepEqual(details, { nodes: 2, relationships: 1, ended: "dependency_unavailable" });
});

Deno.test("HEAD of an export reads nothing of the graph [B4]", async () => {
  await using surface = new HttpSurface();
  const { status, headers, text } = await surface.send(EXPORT, { method: "HEAD", headers: ADMIN });
  assert.deepEqual([status, headers.get("content-type"), text], [200, NDJSON, ""]);
  const types = surface.application.auditLog.events.map(({ type }) => type);
  assert.deepEqual(types, ["authentication_succeeded"]);
});

Deno.test("export and import refuse other types, and say which they have [B4, S35]", async () => {
  await using surface = new HttpSurface();
  const json = { ...ADMIN, "content-type": "application/json" };
  const body = await surface.send(IMPORT, { method: "POST", headers: json, body: file(LINES) });
  assert.deepEqual([body.status, body.json.code, body.json.expected], [
    415,
    "unsupported_media_type",
    [NDJSON],
  ]);
  const accept = await surface.send(EXPORT, { headers: { ...ADMIN, accept: "application/json" } });
  assert.deepEqual([accept.status, accept.json.code, accept.json.expected], [
    406,
    "not_acceptable",
    [NDJSON],
  ]);
});
