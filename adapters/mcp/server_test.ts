import type { Client } from "@modelcontextprotocol/client";
import assert from "node:assert/strict";
import { MCP_TOOLS } from "../../domain/ports/telemetry.ts";
import { endless } from "../../tests/fakes/fake_application.ts";
import { HttpSurface } from "../../tests/fakes/http_surface.ts";
import { ERAS, ServedSurface } from "../../tests/fakes/served_surface.ts";
import { mcpCall } from "../../tests/fixtures/mcp_message.ts";

/** What the protocol wants a client to take. */
const BOTH_TYPES = "application/json, text/event-stream";

interface CallResult {
  readonly isError?: boolean | undefined;
  readonly content: readonly { readonly type: string; readonly text?: string }[];
  readonly structuredContent?: unknown;
}

async function call(client: Client, args: Record<string, unknown>): Promise<CallResult> {
  return await client.callTool({ name: "execute_code", arguments: args }) as CallResult;
}

function problemIn(result: CallResult): Record<string, unknown> {
  assert.equal(result.isError, true);
  const problem = result.structuredContent as Record<string, unknown>;
  assert.deepEqual(JSON.parse(result.content[1]?.text ?? ""), problem);
  assert.equal(result.content[0]?.text, problem.detail);
  return problem;
}

for (const era of ERAS) {
  Deno.test(`/mcp lists execute_code to a ${era.name} client with the HTTP schemas [S22]`, async () => {
    await using served = new ServedSurface();
    await using connected = await served.connect(era);
    assert.equal(connected.client.getNegotiatedProtocolVersion(), era.version);
    const { tools } = await connected.client.listTools();
    const names = tools.map(({ name }) => name);
    assert.deepEqual(names, [
      "execute_code",
      "graph_upsert",
      "graph_query",
      "lint_code",
      "run_tests",
      "generate_code",
    ]);
    assert.deepEqual(names.toSorted(), MCP_TOOLS, "each of them is measured");
    const [tool] = tools;
    assert.deepEqual(tool?.annotations, {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: false,
    });
    const { json } = await served.surface.send("/openapi.json");
    const routes = json.paths as Record<string, Record<string, Record<string, unknown>>>;
    const body = routes["/api/v1/execute_code"]?.post?.requestBody as {
      content: { "application/json": { schema: { properties: object; required: string[] } } };
    };
    const schema = body.content["application/json"].schema;
    const properties = Object.keys(schema.properties);
    assert.deepEqual(Object.keys(tool?.inputSchema.properties ?? {}), properties);
    assert.deepEqual(tool?.inputSchema.required, schema.required);
    assert.equal(tool?.inputSchema.additionalProperties, false);
    assert.ok(Object.keys(tool?.outputSchema?.properties ?? {}).includes("stdout"));
  });

  Deno.test(`/mcp runs execute_code for a ${era.name} client as its principal [S22]`, async () => {
    await using served = new ServedSurface();
    await using connected = await served.connect(era);
    const result = await call(connected.client, { code: "<b>&", language: "bash" });
    assert.equal(result.isError ?? false, false);
    const execution = result.structuredContent as Record<string, unknown>;
    assert.deepEqual([execution.stdout, execution.language], ["<b>&", "bash"]);
    const texts = result.content.map(({ text }) => text);
    assert.deepEqual(texts, ["<b>&", "Ended 'ok' with return code 0 after 0.011 s."]);
    const record = served.surface.application.records.get(String(execution.id));
    assert.equal(record?.owner, "dan");
    assert.equal(record?.correlationId, "mcp-test-1");
  });

  Deno.test(`/mcp tells a ${era.name} client how a program failed [S22]`, async () => {
    await using served = new ServedSurface();
    served.surface.application.programs.set("loop", () => ({
      outcome: "timeout",
      returnCode: 124,
      limit: "timeout_seconds",
      stderr: "slow",
      stderrTruncated: true,
    }));
    await using connected = await served.connect(era);
    const { isError, content } = await call(connected.client, { code: "loop" });
    assert.equal(isError ?? false, false);
    assert.deepEqual(content.map(({ text }) => text), [
      "stderr:\nslow\n[stderr was truncated]",
      "Ended 'timeout' at the limit 'timeout_seconds' with return code 124 after 0.011 s.",
    ]);
  });

  Deno.test(`/mcp answers a ${era.name} client by an earlier run where that is wanted [S22, S23]`, async () => {
    await using served = new ServedSurface();
    let runs = 0;
    served.surface.application.programs.set("count", () => ({ stdout: `${runs += 1}` }));
    await using connected = await served.connect(era);
    const seen: unknown[] = [];
    for (const cache of [true, true, false]) {
      const { structuredContent } = await call(connected.client, { code: "count", cache });
      const { stdout, cached } = structuredContent as { stdout: string; cached: boolean };
      seen.push([stdout, cached]);
    }
    assert.deepEqual(seen, [["1", false], ["1", true], ["2", false]]);
  });

  Deno.test(`/mcp waits for a slow program for a ${era.name} client [S22]`, async () => {
    await using served = new ServedSurface();
    const cancelled: boolean[] = [];
    served.surface.application.programs.set("slow", async (_command, { signal }) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      cancelled.push(signal.aborted);
      return { stdout: "late" };
    });
    await using connected = await served.connect(era);
    const { structuredContent } = await call(connected.client, { code: "slow" });
    assert.equal((structuredContent as { stdout: string }).stdout, "late");
    assert.deepEqual(cancelled, [false]);
  });

  Deno.test(`/mcp gives a ${era.name} client a long output whole, twice [S22]`, async () => {
    await using served = new ServedSurface();
    const output = { stdout: "<\x01é".repeat(100_000), stderr: "y".repeat(70_000) };
    served.surface.application.programs.set("write", () => output);
    await using connected = await served.connect(era);
    const { content, structuredContent } = await call(connected.client, { code: "write" });
    const execution = structuredContent as { stdout: string; stderr: string };
    assert.ok(execution.stdout === output.stdout && execution.stderr === output.stderr);
    assert.ok(content[0]?.text === output.stdout);
    assert.ok(content[1]?.text === `stderr:\n${output.stderr}`);
  });

  Deno.test(`/mcp gives a ${era.name} client the same problems as HTTP [S35]`, async () => {
    await using served = new ServedSurface();
    served.surface.application.programs.set("break", () => Promise.reject(new Error("hunter2")));
    await using connected = await served.connect(era);
    const { client } = connected;
    const refused = problemIn(await call(client, { code: "x", language: "ruby" }));
    assert.equal(refused.code, "validation_failed");
    assert.equal(refused.correlation_id, "mcp-test-1");
    assert.deepEqual(refused.errors, [{
      pointer: "/language",
      expected: 'one of "python", "javascript", "bash"',
      found: '"ruby"',
    }]);
    const above = problemIn(await call(client, { code: "x", limits: { memory_mb: 4096 } }));
    assert.equal(above.code, "validation_failed");
    const broken = problemIn(await call(client, { code: "break" }));
    assert.equal(broken.code, "internal");
    assert.doesNotMatch(JSON.stringify(broken), /hunter2/);
    assert.ok(served.surface.lines.some(({ fields }) => fields.message === "hunter2"));
  });

  Deno.test(`/mcp refuses a ${era.name} client whose role does not allow the tool [S29]`, async () => {
    await using served = new ServedSurface();
    await using connected = await served.connect(era, "viewer-token");
    const problem = problemIn(await call(connected.client, { code: "x" }));
    assert.equal(problem.code, "forbidden");
    assert.deepEqual(problem.found, ["viewer"]);
    assert.deepEqual(problem.expected, ["developer", "admin"]);
  });

  Deno.test(`/mcp refuses a ${era.name} client without a valid token [S22]`, async () => {
    await using served = new ServedSurface();
    for (const token of [null, "forged"]) {
      await assert.rejects(served.connect(era, token));
      const finished = served.surface.measurements.at(-1);
      assert.ok(finished?.kind === "http_request_finished");
      assert.deepEqual([finished.route, finished.status], ["/mcp", 401]);
    }
  });

  Deno.test(`/mcp ends the run of a ${era.name} client that goes away [S22]`, async () => {
    await using served = new ServedSurface();
    const { program, started, ended } = endless();
    served.surface.application.programs.set("wait", program);
    const connected = await served.connect(era);
    const gone = assert.rejects(call(connected.client, { code: "wait" }));
    await started;
    await connected[Symbol.asyncDispose]();
    await gone;
    await ended;
  });
}

Deno.test("/mcp answers without live markup [S31]", async () => {
  await using surface = new HttpSurface();
  const { status, text } = await surface.post("/mcp", initialize("<b>&"), {
    host: "localhost",
    accept: BOTH_TYPES,
  });
  assert.equal(status, 200);
  assert.match(text, /ultimate-mcp/);
  const { headers, body } = mcpCall("execute_code", { code: "<script>&\u2028" });
  const run = await surface.post("/mcp", body, { ...headers, host: "localhost" });
  assert.match(run.text, /\\u003cscript\\u003e\\u0026\\u2028/);
  assert.doesNotMatch(run.text, /[<>&\u2028]/);
});

Deno.test("/mcp sends a long output in small pieces [S22]", async () => {
  await using surface = new HttpSurface();
  surface.application.programs.set("write", () => ({ stdout: "<".repeat(1_000_000) }));
  const call = mcpCall("execute_code", { code: "write" });
  const request = new Request("http://localhost/mcp", {
    method: "POST",
    headers: { ...call.headers, authorization: "Bearer developer-token", host: "localhost" },
    body: JSON.stringify(call.body),
  });
  const remoteAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
  const { body } = await surface.fetch(request, { remoteAddr });
  const sizes = await Array.fromAsync(body ?? [], (chunk) => chunk.length);
  assert.ok(sizes.length > 20 && Math.max(...sizes) <= 6 * 65_536, sizes.join());
});

Deno.test("/mcp holds bodies to the rules of every other route [S35]", async () => {
  await using surface = new HttpSurface();
  const cases = [
    ["{", {}, 400, "malformed_json"],
    ["{}", { "content-type": "text/plain" }, 415, "unsupported_media_type"],
    [" ".repeat(3_000_001), {}, 413, "body_too_large"],
    ["[".repeat(10_001), {}, 422, "validation_failed"],
    ["{}", { authorization: "Bearer forged" }, 401, "unauthenticated"],
  ] as const;
  for (const [body, headers, status, code] of cases) {
    const answer = await surface.post("/mcp", body, headers);
    assert.deepEqual([answer.status, answer.json.code], [status, code]);
  }
});

Deno.test("/mcp answers to loopback names only, whoever asks [S22]", async () => {
  await using surface = new HttpSurface();
  const accept = BOTH_TYPES;
  const statusOf = async (headers: Record<string, string>) => {
    const request = new Request("http://localhost/mcp", {
      method: "POST",
      headers: {
        authorization: "Bearer admin-token",
        "content-type": "application/json",
        host: "localhost",
        accept,
        ...headers,
      },
      body: JSON.stringify(initialize("test")),
    });
    const remoteAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
    const response = await surface.fetch(request, { remoteAddr });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await statusOf({}), 200);
  assert.equal(await statusOf({ host: "127.0.0.1:8000", origin: "http://localhost:3000" }), 200);
  assert.equal(await statusOf({ host: "evil.example" }), 403);
  assert.equal(await statusOf({ origin: "https://evil.example" }), 403);
  assert.equal(await statusOf({ origin: "null" }), 403);
});

function initialize(name: string): object {
  return {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name, version: "1" },
    },
  };
}
