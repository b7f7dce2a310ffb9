import assert from "node:assert/strict";
import { INITIALIZE, McpPeer } from "../fakes/mcp_peer.ts";
import { eventually } from "../fixtures/eventually.ts";
import { type StartedService, startService } from "../fixtures/service.ts";

const HEADERS = {
  "content-type": "application/json",
  host: "localhost",
};
const EVENTS = { accept: "text/event-stream" };

/** A request whose body comes in a packet of its own, as proxies and most clients send it. */
interface Split {
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How a caller leaves. */
type Leaving = (connection: Deno.TcpConn) => Promise<void> | void;

const CLOSED: Leaving = (connection) => connection.close();
const HALF_CLOSED: Leaving = (connection) => connection.closeWrite();

async function sendSplit(
  service: StartedService,
  connection: Deno.TcpConn,
  { path, body, headers = {} }: Split,
): Promise<void> {
  const text = new TextEncoder().encode(body === undefined ? "" : JSON.stringify(body));
  const method = body === undefined ? "GET" : "POST";
  const all: Record<string, string> = {
    ...HEADERS,
    ...headers,
    authorization: `Bearer ${service.token}`,
    "content-length": String(text.length),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await write(connection, new TextEncoder().encode(`${method} ${path} HTTP/1.1\r\n${lines}\r\n`));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await write(connection, text);
}

async function write(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function connect({ url }: StartedService): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(url);
  return Deno.connect({ hostname, port: Number(port) });
}

/** Whether a program stands in the sandbox whose command has these words. */
async function isRunning(service: StartedService, words: string): Promise<boolean> {
  return (await service.forkServer()).some(({ dead, command }) => !dead && command.includes(words));
}

const SLEEP = `86400.${crypto.getRandomValues(new Uint32Array(1))[0]}`;
const SLEEPING = { language: "bash", code: `echo begun; sleep ${SLEEP}`, timeout_seconds: 60 };
const TESTING = {
  language: "javascript",
  test_framework: "deno",
  code: 'Deno.test("long", () => new Promise((resolve) => setTimeout(resolve, 60_000)));',
  timeout_seconds: 60,
};
/** So long that linting it takes a while. */
const LINTED = {
  language: "javascript",
  code: Array.from({ length: 28_000 }, (_, n) => `let v${n} = (${n} == v${n});\n`).join(""),
};

const CALLING = {
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: {
    name: "execute_code",
    arguments: SLEEPING,
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
};
const MCP_HEADERS = {
  accept: "application/json, text/event-stream",
  "mcp-protocol-version": "2026-07-28",
  "mcp-method": "tools/call",
  "mcp-name": "execute_code",
};

/** Each way to a program that lasts, and the words of its command. */
const WAYS: readonly (Split & { readonly words: string })[] = [
  { path: "/api/v1/execute_code", body: SLEEPING, words: SLEEP },
  { path: "/api/v1/execute_code", body: SLEEPING, words: SLEEP, headers: EVENTS },
  { path: "/mcp", body: CALLING, words: SLEEP, headers: MCP_HEADERS },
  { path: "/api/v1/run_tests", body: TESTING, words: "deno test " },
  { path: "/api/v1/lint_code", body: LINTED, words: "--ext=js -" },
];

Deno.test("who leaves ends his program, also where his request came in two packets [B5]", async (t) => {
  await using service = await startService({ EXECUTION_CONCURRENCY: "1", EXECUTION_QUEUE: "1" });
  const leavings = { closed: CLOSED, "half closed": HALF_CLOSED };
  for (const way of WAYS) {
    for (const [how, leave] of Object.entries(leavings)) {
      await t.step(`${way.path} ${way.headers?.accept ?? ""} ${how}`, async () => {
        using connection = await connect(service);
        await sendSplit(service, connection, way);
        const see = () => isRunning(service, way.words);
        await eventually("the program", async () => await see() || null);
        await leave(connection);
        await eventually("its end", async () => await see() ? null : true);
        const line = new RegExp(`"${way.path}","status":\\d+`, "g");
        await eventually("its request's end", () => line.test(service.log) || null);
        await eventually("a free place", async () => {
          return (await service.execute({ code: "print(1)" })).json.stdout === "1\n" || null;
        });
      });
    }
  }
  const { text } = await service.get("/metrics", { token: null });
  assert.match(text, /outcomes_total\{language="bash",outcome="cancelled"\} 6\n/);
  assert.match(text, /outcomes_total\{language="javascript",outcome="cancelled"\} 2\n/);
  assert.equal(service.log.match(/lint_code","status":499/g)?.length, 2, "neither was linted");
});
Deno.test("a client that leaves a stream of MCP on a used connection may open it again [S22, B5]", async () => {
  await using service = await startService();
  const headers = { ...MCP_HEADERS, "mcp-protocol-version": "2025-11-25" };
  using connection = await connect(service);
  const initialize = { path: "/mcp", body: { jsonrpc: "2.0", ...INITIALIZE }, headers };
  await sendSplit(service, connection, initialize);
  const begun = await heard(connection, '"serverInfo"');
  const session = /^mcp-session-id: (\S+)/im.exec(begun)?.[1] ?? "";
  assert.notEqual(session, "");
  const listening = { accept: "text/event-stream", "mcp-session-id": session };
  const path = "/mcp";
  await sendSplit(service, connection, { path, headers: { ...headers, ...listening } });
  assert.match(await heard(connection, "text/event-stream"), /HTTP\/1\.1 200/);
  const peer = new McpPeer(new URL("/mcp", service.url), service.token);
  peer.session = session;
  assert.equal(await peer.listenStatus(), 409, "there is one already");
  await connection.closeWrite();
  const again = await eventually("that it was left", async () => {
    const response = await peer.listen();
    if (response.status === 200) return response;
    await response.body?.cancel();
    return null;
  }, 5);
  await again.body?.cancel();
});

Deno.test("who asks again on one connection is not taken for gone by the end of what he asked before [B5]", async () => {
  await using service = await startService();
  using connection = await connect(service);
  for (const turn of [1, 2, 3]) {
    const body = { language: "bash", code: `sleep 0.4; echo turn ${turn}` };
    await sendSplit(service, connection, { path: "/api/v1/execute_code", body });
    assert.match(await heard(connection, `turn ${turn}`), /"outcome":"ok"/);
  }
});

/** What is said on a connection until these words are among it, and to the end of what came with them. */
async function heard(connection: Deno.TcpConn, words: string): Promise<string> {
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  while (!text.includes(words)) {
    const read = await connection.read(buffer);
    assert.ok(read !== null, `closed after '${text}'`);
    text += new TextDecoder().decode(buffer.subarray(0, read));
  }
  return text;
}
