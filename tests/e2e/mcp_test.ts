import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import assert from "node:assert/strict";
import { type StartedService, startService } from "../fixtures/service.ts";

/** The revisions of the protocol that a client may speak. */
const ERAS = [
  { version: "2025-11-25", mode: "legacy" },
  { version: "2026-07-28", mode: { pin: "2026-07-28" } },
] as const;

type Mode = (typeof ERAS)[number]["mode"];

/** The official client, connected over Streamable HTTP. */
async function connect(
  service: StartedService,
  mode: Mode,
  token: string | null,
): Promise<AsyncDisposable & { readonly client: Client }> {
  const client = new Client({ name: "e2e", version: "1" }, { versionNegotiation: { mode } });
  const headers: Record<string, string> = token === null
    ? {}
    : { authorization: `Bearer ${token}` };
  const url = new URL(`${service.url}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  return { client, [Symbol.asyncDispose]: () => client.close() };
}

Deno.test("the official MCP client lists and calls execute_code [S22]", async (t) => {
  await using service = await startService();
  const viewer = await service.tokenFor("vera", "viewer");
  for (const { version, mode } of ERAS) {
    await t.step(`revision ${version}: a run, kept for its caller`, async () => {
      await using connected = await connect(service, mode, service.token);
      const { client } = connected;
      assert.equal(client.getNegotiatedProtocolVersion(), version);
      const { tools } = await client.listTools();
      const names = tools.map(({ name }) => name);
      assert.deepEqual(names, ["execute_code", "graph_upsert", "graph_query", "lint_code"]);
      const result = await client.callTool({
        name: "execute_code",
        arguments: { language: "bash", code: "echo $((6 * 7))" },
      });
      const execution = result.structuredContent as Record<string, unknown>;
      assert.deepEqual([execution.stdout, execution.outcome], ["42\n", "ok"]);
      const kept = await service.get(`/api/v1/executions/${String(execution.id)}`);
      assert.deepEqual([kept.status, kept.json], [200, execution]);
    });
    await t.step(`revision ${version}: a role that may not is told so [S29]`, async () => {
      await using connected = await connect(service, mode, viewer);
      const args = { name: "execute_code", arguments: { code: "print(1)" } };
      const { isError, structuredContent } = await connected.client.callTool(args);
      const problem = structuredContent as Record<string, unknown>;
      assert.deepEqual([isError, problem.code, problem.found], [true, "forbidden", ["viewer"]]);
    });
    await t.step(`revision ${version}: without a token, or with a false one, refused`, async () => {
      for (const token of [null, "forged", `${service.token}x`]) {
        await assert.rejects(connect(service, mode, token), /401|[Uu]nauthorized/);
      }
    });
  }
});
