import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { listProcesses } from "../fixtures/processes.ts";
import { type StartedService, startService } from "../fixtures/service.ts";

const HEADERS = {
  "content-type": "application/json",
  accept: "application/json",
  host: "localhost",
};
const EVENTS = { accept: "text/event-stream" };
const MODERN = {
  accept: "application/json, text/event-stream",
  "mcp-protocol-version": "2026-07-28",
  "mcp-method": "tools/call",
};

/** A request whose body comes in a packet of its own, as proxies and most clients send it. */
interface Split {
  readonly path: string;
  readonly body: object;
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
  const text = new TextEncoder().encode(JSON.stringify(body));
  const all: Record<string, string> = {
    ...HEADERS,
    ...headers,
    authorization: `Bearer ${service.token}`,
    "content-length": String(text.length),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await write(connection, new TextEncoder().encode(`POST ${path} HTTP/1.1\r\n${lines}\r\n`));
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

/** A length of sleep by which a program can be found among the machine's processes. */
function newMark(): string {
  return `86400.${crypto.getRandomValues(new Uint32Array(1))[0]}`;
}

async function isRunning(mark: string): Promise<boolean> {
  return (await listProcesses()).some(({ dead, command }) => !dead && command.includes(mark));
}

const sleeping = (mark: string) => ({
  language: "bash",
  code: `echo begun; sleep ${mark}`,
  timeout_seconds: 60,
});

const calling = (name: string, args: object) => ({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: {
    name,
    arguments: args,
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
});

const suite = (mark: string) => ({
  language: "javascript",
  test_framework: "deno",
  code: `Deno.test("long", async () => {
    await new Deno.Command("sleep", { args: ["${mark}"] }).output();
  });`,
  timeout_seconds: 60,
});

const RUN = { path: "/api/v1/execute_code" };

/** Each way to a program that lasts, with its mark in it. */
const WAYS: Readonly<Record<string, (mark: string) => Split>> = {
  "execute_code": (mark) => ({ ...RUN, body: sleeping(mark) }),
  "execute_code by events": (mark) => ({ ...RUN, body: sleeping(mark), headers: EVENTS }),
  "run_tests": (mark) => ({ path: "/api/v1/run_tests", body: suite(mark) }),
  "MCP's execute_code": (mark) => ({
    path: "/mcp",
    body: calling("execute_code", sleeping(mark)),
    headers: { ...MODERN, "mcp-name": "execute_code" },
  }),
};

Deno.test("a caller who leaves ends his program, also where its request came in two packets [B5]", async (t) => {
  // One place: whoever comes next runs only if the last has given it back.
  await using service = await startService({ EXECUTION_CONCURRENCY: "1", EXECUTION_QUEUE: "1" });
  const leavings = { closed: CLOSED, "half closed": HALF_CLOSED };
  for (const [way, split] of Object.entries(WAYS)) {
    for (const [how, leave] of Object.entries(leavings)) {
      await t.step(`${way}, ${how}`, async () => {
        const mark = newMark();
        const connection = await connect(service);
        try {
          await sendSplit(service, connection, split(mark));
          await eventually("the program", async () => await isRunning(mark) || null);
          await leave(connection);
          await eventually("its end", async () => await isRunning(mark) ? null : true, 5);
        } finally {
          if (leave !== CLOSED) connection.close();
        }
        assert.equal((await service.execute({ code: "print(1)" })).json.stdout, "1\n");
      });
    }
  }
});
