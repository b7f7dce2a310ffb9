import assert from "node:assert/strict";
import { INITIALIZE, McpPeer } from "../fakes/mcp_peer.ts";
import { eventually } from "../fixtures/eventually.ts";
import { seen, sleepOf } from "../fixtures/sleeping.ts";
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
  /** In one packet all the same. */
  readonly isWhole?: boolean;
}

/** How a caller leaves. */
type Leaving = (connection: Deno.TcpConn) => Promise<void> | void;

const CLOSED: Leaving = (connection) => connection.close();
const HALF_CLOSED: Leaving = (connection) => connection.closeWrite();

async function sendSplit(
  service: StartedService,
  connection: Deno.TcpConn,
  { path, body, headers = {}, isWhole = false }: Split,
): Promise<void> {
  const text = body === undefined ? "" : JSON.stringify(body);
  const method = body === undefined ? "GET" : "POST";
  const all: Record<string, string> = {
    ...HEADERS,
    ...headers,
    authorization: `Bearer ${service.token}`,
    "content-length": String(text.length),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = `${method} ${path} HTTP/1.1\r\n${lines}\r\n`;
  if (isWhole) return await write(connection, head + text);
  await write(connection, head);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await write(connection, text);
}

async function write(connection: Deno.TcpConn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
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

const SESSION_HEADERS = { ...MCP_HEADERS, "mcp-protocol-version": "2025-11-25" };

interface Way extends Split {
  /** Among the words of its program's command. */
  readonly words: string;
  readonly leave?: Leaving;
}

const EXECUTE = { path: "/api/v1/execute_code", body: SLEEPING, words: SLEEP };

/** Each way to a program that lasts. */
const WAYS: Readonly<Record<string, Way>> = {
  "execute_code": EXECUTE,
  "execute_code, half closed": { ...EXECUTE, leave: HALF_CLOSED },
  "execute_code, one packet": {
    ...EXECUTE,
    body: { ...SLEEPING, code: SLEEPING.code + "\n".repeat(5000) },
    isWhole: true,
  },
  "execute_code, streamed": { ...EXECUTE, headers: EVENTS },
  "a call of 2026-07-28": { path: "/mcp", body: CALLING, words: SLEEP, headers: MCP_HEADERS },
  "run_tests": { path: "/api/v1/run_tests", body: TESTING, words: "deno test " },
  "lint_code": { path: "/api/v1/lint_code", body: LINTED, words: "--ext=js -" },
};

function requestsTold(service: StartedService, { path }: Split): number {
  return service.log.match(new RegExp(`"${path}","status":\\d+`, "g"))?.length ?? 0;
}

async function leaves(service: StartedService, way: Way): Promise<void> {
  const told = requestsTold(service, way);
  using connection = await connect(service);
  await sendSplit(service, connection, way);
  const see = () => isRunning(service, way.words);
  await eventually("the program", async () => await see() || null);
  await (way.leave ?? CLOSED)(connection);
  await eventually("its end", async () => await see() ? null : true);
  await eventually("its request's end", () => requestsTold(service, way) > told || null);
  await eventually("a free place", async () => {
    return (await service.execute({ code: "print(1)" })).json.stdout === "1\n" || null;
  });
}

/** So large that no socket takes it whole. */
async function fillGraph(service: StartedService): Promise<void> {
  const text = "x".repeat(250_000);
  for (let batch = 0; batch < 4; batch += 1) {
    const nodes = Array.from({ length: 16 }, (_, n) => {
      return { key: `n${batch}-${n}`, labels: [], properties: { text } };
    });
    const { status, text: told } = await service.post("/api/v1/graph_upsert", {
      nodes,
      relationships: [],
    });
    assert.equal(status, 200, told);
  }
}

/** Leaves in the midst of an export. */
async function leaveExport(service: StartedService): Promise<void> {
  await fillGraph(service);
  const connection = await connect(service);
  await sendSplit(service, connection, { path: "/api/v1/graph/export" });
  await heard(connection, '"kind":"node"');
  connection.close();
  await eventually("the export's end", async () => {
    const { text } = await service.get("/api/v1/audit?type=graph_exported");
    return text.includes('"ended":"cancelled"') || null;
  });
}

/** Runs a program in a session, over a connection that is then lost, which that revision does not call a cancellation. */
async function lose(service: StartedService, words: string): Promise<void> {
  const peer = new McpPeer(new URL("/mcp", service.url), service.token);
  await peer.initialize();
  using connection = await connect(service);
  const call = { language: "bash", code: `${words}; true`, timeout_seconds: 60 };
  const params = { name: "execute_code", arguments: call };
  const body = { jsonrpc: "2.0", id: 1, method: "tools/call", params };
  const headers = { ...SESSION_HEADERS, "mcp-session-id": peer.session };
  await sendSplit(service, connection, { path: "/mcp", body, headers });
  await eventually("the session's program", async () => await isRunning(service, words) || null);
}

Deno.test("who leaves ends what he asked for, also where his request came in two packets [B5]", async (t) => {
  await using service = await startService({ EXECUTION_CONCURRENCY: "2", EXECUTION_QUEUE: "1" });
  const lost = sleepOf(86_401);
  // It has ten seconds to be asked for again; meanwhile one place is left for all others.
  await t.step("a call in a session", () => lose(service, lost));
  for (const [name, way] of Object.entries(WAYS)) {
    await t.step(name, () => leaves(service, way));
  }
  await t.step("an export", () => leaveExport(service));
  await t.step("the call in a session, at last", () => seen(lost, false));
  const metrics = await eventually("all places", async () => {
    const { text } = await service.get("/metrics", { token: null });
    return /executions_in_flight 0\n/.test(text) ? text : null;
  });
  const bash = 1 + Object.values(WAYS).filter(({ words }) => words === SLEEP).length;
  assert.match(
    metrics,
    new RegExp(`outcomes_total{language="bash",outcome="cancelled"} ${bash}\n`),
  );
  assert.match(metrics, /outcomes_total\{language="javascript",outcome="cancelled"\} 1\n/);
  assert.match(service.log, /lint_code","status":499/, "it was not linted");
});

Deno.test("a client that leaves a stream of MCP on a used connection may open it again [S22, B5]", async () => {
  await using service = await startService();
  const headers = SESSION_HEADERS;
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
