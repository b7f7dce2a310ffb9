import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import assert from "node:assert/strict";
import { startService } from "../fixtures/service.ts";

const CODE = "x = '😀'; print(eval('6 * 7'))\nimport socket\n";
const EVAL = {
  rule: "eval-call",
  line: 1,
  column: 16,
  message: "'eval' evaluates text as code",
};
const SOCKET = {
  rule: "network-module",
  line: 2,
  column: 8,
  message: "'socket' speaks over the network",
};

Deno.test("CODE_POLICY is to warn: the program runs, and its answer and record tell [S17]", async () => {
  await using service = await startService();
  const { status, json } = await service.execute({ code: CODE });
  assert.deepEqual([status, json.outcome, json.stdout], [200, "ok", "42\n"]);
  assert.deepEqual(json.policy_findings, [EVAL]);
  const kept = await service.get(`/api/v1/executions/${json.id}`);
  assert.deepEqual(kept.json.policy_findings, [EVAL]);
  const broken = await service.execute({ code: "eval(" });
  assert.deepEqual([broken.json.outcome, broken.json.policy_findings], ["nonzero", []]);
  const bash = await service.execute({ language: "bash", code: "eval 'echo 1'" });
  assert.deepEqual(bash.json.policy_findings, []);
});

Deno.test("CODE_POLICY=reject-strict refuses over HTTP and MCP alike, by place [S17, S35]", async () => {
  await using service = await startService({ CODE_POLICY: "reject-strict" });
  const { status, headers, json } = await service.execute({ code: CODE });
  assert.deepEqual([status, json.code, json.type], [
    422,
    "code_rejected",
    "/problems/code_rejected",
  ]);
  assert.match(headers.get("content-type") ?? "", /^application\/problem\+json/);
  assert.deepEqual(json.policy_findings, [EVAL, SOCKET]);
  assert.match(String(json.detail), /1:16 eval-call/);
  const fine = await service.execute({ code: "print(1)" });
  assert.deepEqual([fine.status, fine.json.stdout, fine.json.policy_findings], [200, "1\n", []]);
  const unread = await service.execute({ code: "# coding: utf-7\nprint(1)" });
  assert.equal(unread.status, 422);
  const metrics = await service.get("/metrics", { token: null });
  assert.match(metrics.text, /code_execution_outcomes_total\{[^}]*"rejected"[^}]*\} 2\b/);

  const client = new Client({ name: "test", version: "1" });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${service.url}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${service.token}` } },
    }),
  );
  const result = await client.callTool({ name: "execute_code", arguments: { code: CODE } });
  await client.close();
  const problem = result.structuredContent as Record<string, unknown>;
  assert.deepEqual([result.isError, problem.code], [true, "code_rejected"]);
  assert.deepEqual(problem.policy_findings, [EVAL, SOCKET]);
});

Deno.test("CODE_POLICY=reject leaves the network to the sandbox; off looks at nothing [S17]", async () => {
  await using rejecting = await startService({ CODE_POLICY: "reject" });
  assert.equal((await rejecting.execute({ code: "import socket" })).status, 200);
  assert.equal((await rejecting.execute({ code: "eval('1')" })).status, 422);
  await using off = await startService({ CODE_POLICY: "off" });
  const { status, json } = await off.execute({ code: CODE });
  assert.deepEqual([status, json.policy_findings], [200, []]);
});
