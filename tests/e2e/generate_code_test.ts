import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import assert from "node:assert/strict";
import { descendantsOf } from "../fixtures/processes.ts";
import { startService } from "../fixtures/service.ts";

const PATH = "/api/v1/generate_code";
const TEMPLATE = [
  "{% macro parameter(p) %}{{ p.name }}: {{ p.type }}{% endmacro -%}",
  "def {{ name | lower }}({% for p in parameters %}{{ parameter(p) }}" +
  "{{ ', ' if not loop.last }}{% endfor %}):",
  "    return {{ big + 1 }}  # <{{ __proto__ }}>",
  "",
].join("\n");
// As text: no number of JavaScript holds it, and `__proto__` in a literal would be none.
const CONTEXT = '{"name":"Area","big":9007199254740993,"__proto__":"plain",' +
  '"parameters":[{"name":"w","type":"int"},{"name":"h","type":"int"}]}';
const OUTPUT = "def area(w: int, h: int):\n    return 9007199254740994  # <plain>";

Deno.test("generate_code over HTTP and MCP: the same output, an event, no process left [S20, S22]", async () => {
  await using service = await startService();
  const headers = {
    authorization: `Bearer ${service.token}`,
    "content-type": "application/json",
  };
  const body = `{"template":${JSON.stringify(TEMPLATE)},"context":${CONTEXT},"language":"python"}`;
  const response = await fetch(service.url + PATH, { method: "POST", headers, body });
  const generated = await response.json();
  assert.deepEqual([response.status, generated.output], [200, OUTPUT]);
  assert.equal(generated.language, "python");
  const client = new Client({ name: "e2e", version: "1" });
  const url = new URL(`${service.url}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  const { big: _, ...context } = JSON.parse(CONTEXT) as Record<string, unknown>;
  const called = await client.callTool({
    name: "generate_code",
    arguments: { template: TEMPLATE, context: { ...context, big: 41 }, language: "python" },
  });
  const { output } = called.structuredContent as { output: string };
  assert.match(output, /return 42 {2}# <plain>$/);
  assert.deepEqual(called.content, [{ type: "text", text: output }]);
  await client.close();
  const { json } = await service.get("/api/v1/audit?type=code_generated");
  const [, first] = json.events as { details: Record<string, string> }[];
  assert.equal(first?.details.generation_id, generated.id);
  assert.match(first?.details.output_sha256 ?? "", /^[0-9a-f]{64}$/);
  const workers = (await descendantsOf(service.pid)).filter(({ command }) =>
    command.includes("templates/worker.ts")
  );
  assert.equal(workers.length, 1);
});

Deno.test("generate_code tells what is wrong and where, and answers the next [S20]", async () => {
  await using service = await startService();
  const faults: readonly [template: string, line?: number, name?: string][] = [
    ["a\n{{ missing }}", 2, "missing"],
    ["a\n\n{% if %}", 3],
    ["{% include 'other' %}", 1],
    ["{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", 1],
    ["{{ 'x' * 1000000000 }}"],
  ];
  for (const [template, line, name] of faults) {
    const { status, json, text } = await service.post(PATH, { template });
    assert.deepEqual([status, json.code], [422, "template_invalid"], text);
    assert.deepEqual([json.line, json.name], [line, name], text);
    const after = await service.post(PATH, { template: "{{ 6 * 7 }}" });
    assert.deepEqual([after.status, after.json.output], [200, "42"]);
  }
});
