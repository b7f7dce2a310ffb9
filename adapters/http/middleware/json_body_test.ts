import assert from "node:assert/strict";
import { HttpSurface } from "../../../tests/fakes/http_surface.ts";
import { mcpRequest } from "../../../tests/fixtures/mcp_message.ts";

const EXECUTE = "/api/v1/execute_code";
const MCP = { accept: "application/json, text/event-stream", host: "localhost" };

function nested(levels: number, where: "lists" | "objects"): string {
  const [open, close] = where === "lists" ? ["[", "]"] : ['{"a":', "}"];
  return `{"code":"x","deep":${open.repeat(levels - 1)}1${close.repeat(levels - 1)}}`;
}

Deno.test("a body of more than 64 levels is refused before it is parsed [S31, S35]", async () => {
  await using surface = new HttpSurface();
  const refusalOf = async (body: string) => {
    const { status, json } = await surface.post(EXECUTE, body);
    assert.deepEqual([status, json.code], [422, "validation_failed"]);
    return json.errors;
  };
  const tooDeep = [{ pointer: "", expected: "of at most 64 levels", found: "more" }];
  const unknown = "absent: there is no field of this name";
  for (const where of ["lists", "objects"] as const) {
    assert.deepEqual(await refusalOf(nested(65, where)), tooDeep);
    assert.deepEqual(await refusalOf(nested(9_000, where)), tooDeep);
    const [fault] = await refusalOf(nested(64, where)) as { expected: string }[];
    assert.equal(fault?.expected, unknown);
  }
  assert.deepEqual(await refusalOf("[".repeat(65)), tooDeep);
  assert.equal((await surface.post(EXECUTE, { code: "[".repeat(100) })).status, 200);
});

Deno.test("an integer that a number cannot hold is told as it was sent [S31]", async () => {
  await using surface = new HttpSurface();
  const body = '{"code":"x","limits":{"memory_mb":9007199254740993}}';
  const { status, json } = await surface.post(EXECUTE, body);
  assert.equal(status, 422);
  const pointer = "/limits/memory_mb";
  assert.deepEqual(json.errors, [{ pointer, expected: "a number", found: "9007199254740993" }]);
});

Deno.test("an MCP message with such integers is refused as one, never a 500 [S31, S35]", async () => {
  await using surface = new HttpSurface();
  const big = "9007199254740993";
  const meta = JSON.stringify(mcpRequest("any").body.params).slice(1, -1);
  const call = (args: string) => `{"name":"execute_code",${meta},"arguments":${args}}`;
  const messages: readonly (readonly [method: string, text: string])[] = [
    ["tools/list", `{"jsonrpc":"2.0","id":${big},"method":"tools/list","params":{${meta}}}`],
    ["tools/list", asked("tools/list", `{"cursor":${big},${meta}}`)],
    ["tools/list", asked("tools/list", `{${meta.slice(0, -1)},"progressToken":${big}}}`)],
    ["tools/list", asked("tools/list", `{"x":${big},${meta.slice(0, -1)},"y":${big}}}`)],
    ["tools/call", asked("tools/call", call(`{"code":${big}}`))],
    ["no/such", asked("no/such", `{"x":${big},${meta}}`)],
    ["", `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${big}}}`],
    ["", `{"jsonrpc":"2.0","id":1,"result":{"x":${big}}}`],
    ["", `[${big}]`],
    ["", big],
  ];
  for (const [method, message] of messages) {
    const named = mcpRequest(method, { name: "execute_code" });
    const headers = method === "" ? MCP : { ...named.headers, host: "localhost" };
    const { status, text } = await surface.post("/mcp", message, headers);
    assert.ok(status < 500, `${message}: ${status} ${text}`);
    assert.doesNotMatch(text, /BigInt/, message);
  }
});

function asked(method: string, params: string): string {
  return `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`;
}
