import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import assert from "node:assert/strict";
import { McpPeer, streamOf } from "../fakes/mcp_peer.ts";
import { stoppableFetch } from "../fixtures/stoppable_fetch.ts";
import { seen, sleepOf } from "../fixtures/sleeping.ts";
import { type StartedService, startService } from "../fixtures/service.ts";
import { callEveryTool } from "../fixtures/tool_calls.ts";

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
  await client.connect(
    new StreamableHTTPClientTransport(url, { requestInit: { headers }, fetch: stoppableFetch }),
  );
  return { client, [Symbol.asyncDispose]: () => client.close() };
}

/** Begins a run that would last a minute and cancels it once it has said that it runs. */
async function cancelMidRun(client: Client): Promise<readonly string[]> {
  const program = sleepOf(60);
  const heard: string[] = [];
  const caller = new AbortController();
  const begun = Promise.withResolvers<void>();
  const args = { language: "bash", code: `echo begun; ${program}`, timeout_seconds: 60 };
  const call = client.callTool({ name: "execute_code", arguments: args }, {
    signal: caller.signal,
    onprogress: ({ message = "" }) => {
      heard.push(message);
      if (message === "begun\n") begun.resolve();
    },
  });
  const refused = assert.rejects(call);
  await begun.promise;
  await seen(program, true);
  caller.abort("enough");
  await refused;
  await seen(program, false);
  return heard;
}

Deno.test("the official MCP client calls every tool over HTTP, cancels one, hears progress [S22]", async (t) => {
  await using service = await startService();
  const viewer = await service.tokenFor("vera", "viewer");
  for (const { version, mode } of ERAS) {
    await t.step(`revision ${version}: every tool`, async () => {
      await using connected = await connect(service, mode, service.token);
      assert.equal(connected.client.getNegotiatedProtocolVersion(), version);
      const names = await callEveryTool(connected.client);
      assert.ok(
        ["execute_code", "graph_upsert", "graph_query"].every((name) => names.includes(name)),
      );
    });
    await t.step(`revision ${version}: a run is kept for its caller`, async () => {
      await using connected = await connect(service, mode, service.token);
      const { structuredContent } = await connected.client.callTool({
        name: "execute_code",
        arguments: { language: "bash", code: "echo kept" },
      });
      const execution = structuredContent as Record<string, unknown>;
      const kept = await service.get(`/api/v1/executions/${String(execution.id)}`);
      assert.deepEqual([kept.status, kept.json], [200, execution]);
    });
    await t.step(`revision ${version}: a run that is cancelled is dead [B5]`, async () => {
      await using connected = await connect(service, mode, service.token);
      assert.deepEqual(await cancelMidRun(connected.client), ["started", "begun\n"]);
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
  await t.step("sessions and results are one user's own", () => requireApart(service));
  await t.step(
    "a stop does not wait for streams that nobody needs",
    () => requireQuickStop(service),
  );
});

async function requireApart(service: StartedService): Promise<void> {
  const url = new URL(`${service.url}/mcp`);
  const tokens = [
    await service.tokenFor("ann", "developer"),
    await service.tokenFor("ben", "developer"),
  ];
  const [ann, ben] = tokens.map((token) => new McpPeer(url, token)) as [McpPeer, McpPeer];
  await ann.initialize();
  await ben.initialize();
  const run = await ann.run(1, "print('ann')");
  const first = await run.next();
  const { result } = await run.message();
  const { id } = result?.structuredContent as { readonly id: string };
  const path = `/api/v1/executions/${id}`;
  const [annToken = "", benToken = ""] = tokens;
  assert.equal((await service.get(path, { token: annToken })).status, 200);
  assert.equal((await service.get(path, { token: benToken })).status, 404);
  assert.equal(await ben.listenStatus(first?.id), 400, "no stream of another's session");
  const own = ben.session;
  ben.session = ann.session;
  assert.equal(await ben.statusOf("POST", { id: 2, method: "tools/list" }), 404);
  assert.equal(await ben.listenStatus(first?.id), 404);
  assert.equal(await ben.statusOf("DELETE"), 404);
  ben.session = own;
  assert.equal(await ann.statusOf("POST", { id: 2, method: "tools/list" }), 200);
}

async function requireQuickStop(service: StartedService): Promise<void> {
  const peer = new McpPeer(new URL(`${service.url}/mcp`), service.token);
  await peer.initialize();
  const open = streamOf(await peer.listen());
  const code = service.stop();
  assert.equal(await open.next(), null);
  assert.equal(await code, 0);
  assert.ok(!service.log.includes("internal_error"), service.log);
}
