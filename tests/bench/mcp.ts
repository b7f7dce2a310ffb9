import { loadavg } from "node:os";
import { bash, listProcesses } from "../fixtures/processes.ts";
import { isRunning, sleepOf } from "../fixtures/sleeping.ts";
import { mcpCall } from "../fixtures/mcp_message.ts";
import { eventually } from "../fixtures/eventually.ts";
import { type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";
import { McpPeer } from "../fakes/mcp_peer.ts";
import { ChunkedConnection, postBytes } from "./chunked_connection.ts";
import { median, quantile } from "./statistics.ts";

type Write = (line: string) => Promise<void>;

const CONNECTIONS = 8;
const PAIRS = 5;
const KILLS = 20;
/** V8 compiles for about so long. */
const WARM = 1500;
const TOOLS = [
  { name: "graph_query", args: { cypher: "RETURN 1 AS n" }, calls: 1000 },
  { name: "execute_code", args: { language: "bash", code: "echo 1" }, calls: 300 },
] as const;
const JSON_HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};
const INITIALIZE = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "bench", version: "1" },
  },
};

/** Somewhere that tools can be called. */
interface Place {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/** The request to send on each connection, again and again. */
type Requests = (at: number) => Promise<Uint8Array>;

/** Calls a second that eight connections get, one after another on each. */
async function perSecond({ url }: Place, requests: Requests, calls: number): Promise<number> {
  const bytes = await Promise.all(Array.from({ length: CONNECTIONS }, (_, at) => requests(at)));
  using stack = new DisposableStack();
  const connections = await Promise.all(bytes.map(() => ChunkedConnection.to(url)));
  for (const connection of connections) stack.use(connection);
  const each = async (count: number) => {
    const left = Array(count).keys();
    await Promise.all(connections.map(async (connection, at) => {
      for (const _ of left) {
        const answer = await connection.ask(bytes[at]!);
        if (answer.includes('"isError":true')) throw new Error(answer);
      }
    }));
  };
  await each(CONNECTIONS);
  const began = performance.now();
  await each(calls);
  return 1000 * calls / (performance.now() - began);
}

/** A tool's call in a session of each connection's own. */
function inSession(place: Place, name: string, args: object): Requests {
  return async () => {
    using connection = await ChunkedConnection.to(place.url);
    const headers = { ...place.headers, ...JSON_HEADERS };
    const answer = await connection.ask(postBytes(place.url, headers, INITIALIZE));
    const session = /^mcp-session-id: (\S+)/im.exec(answer)?.[1] ?? "";
    const own = { ...headers, "mcp-session-id": session, "mcp-protocol-version": "2025-11-25" };
    const params = { name, arguments: args };
    return postBytes(place.url, own, { jsonrpc: "2.0", id: 1, method: "tools/call", params });
  };
}

/** A tool's call without a session. */
function sessionless(place: Place, name: string, args: object): Requests {
  const { headers, body } = mcpCall(name, args);
  return () => Promise.resolve(postBytes(place.url, { ...place.headers, ...headers }, body));
}

/** The same tool by its route. */
function overHttp(place: Place, name: string, args: object): [Place, Requests] {
  const url = new URL(`/api/v1/${name}`, place.url);
  const bytes = postBytes(url, { ...place.headers, ...JSON_HEADERS }, args);
  return [{ ...place, url }, () => Promise.resolve(bytes)];
}

/** Both figures of each pair, taken by turns. */
async function pairs(
  ours: () => Promise<number>,
  other: () => Promise<number>,
): Promise<{ readonly ours: number; readonly other: number; readonly ratio: number }> {
  const all: [number, number][] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    if (pair % 2 === 0) all.push([await ours(), await other()]);
    else {all.push(
        ([await other(), await ours()] as [number, number]).reverse() as [number, number],
      );}
  }
  return {
    ours: median(all.map(([one]) => one)),
    other: median(all.map(([, two]) => two)),
    ratio: median(all.map(([one, two]) => one / two)),
  };
}

async function compare(write: Write, place: Place, bare: Place): Promise<void> {
  const eras = { "2025-11-25": inSession, "2026-07-28": sessionless };
  for (const { name, args, calls } of TOOLS) {
    for (const [revision, requests] of Object.entries(eras)) {
      const ours = () => perSecond(place, requests(place, name, args), calls);
      const [route, post] = overHttp(place, name, args);
      await perSecond(place, requests(place, name, args), WARM);
      await perSecond(route, post, WARM);
      await perSecond(bare, requests(bare, "empty", {}), WARM);
      const http = await pairs(ours, () => perSecond(route, post, calls));
      const empty = await pairs(ours, () => perSecond(bare, requests(bare, "empty", {}), calls));
      await write(
        `mcp  ${name.padEnd(12)}  ${revision}  ${http.ours.toFixed(0)} calls/s  ` +
          `of HTTP's ${http.other.toFixed(0)}: ${http.ratio.toFixed(2)}  ` +
          `of the SDK's empty tool's ${empty.other.toFixed(0)}: ${empty.ratio.toFixed(2)}  ` +
          `load average ${loadavg()[0]?.toFixed(1)}`,
      );
    }
  }
}

/** Milliseconds from a cancellation until the program is dead. */
async function untilDead(program: string, cancel: () => Promise<unknown>): Promise<number> {
  const pid = await eventually(`'${program}'`, async () => {
    const all = await listProcesses();
    return all.find(({ command, dead }) => command === program && !dead)?.pid ?? null;
  });
  // Nothing is sent: it only looks, each two milliseconds.
  const gone = bash("-c", 'while kill -0 "$0" 2>/dev/null; do sleep 0.002; done', `${pid}`);
  const began = performance.now();
  const told = cancel();
  await gone;
  const took = performance.now() - began;
  await told;
  if (await isRunning(program)) throw new Error(`'${program}' still runs`);
  return took;
}

async function benchKills(write: Write, service: StartedService): Promise<void> {
  const url = new URL(`${service.url}/mcp`);
  const ways: Readonly<Record<string, (program: string) => Promise<number>>> = {
    "2025-11-25, notifications/cancelled": async (program) => {
      const peer = new McpPeer(url, service.token);
      await peer.initialize();
      const call = { name: "execute_code", arguments: runOf(program) };
      const stream = await peer.ask(1, "tools/call", call);
      const cancel = () => peer.tell("notifications/cancelled", { requestId: 1 });
      const took = await untilDead(program, cancel);
      await stream.leave();
      await peer.statusOf("DELETE");
      return took;
    },
    "2026-07-28, the connection closed": async (program) => {
      const left = new AbortController();
      const { headers, body } = mcpCall("execute_code", runOf(program));
      const asked = service.post("/mcp", body, { headers, signal: left.signal }).catch(() => {});
      return await untilDead(program, () => {
        left.abort();
        return asked;
      });
    },
  };
  for (const [way, run] of Object.entries(ways)) {
    const times: number[] = [];
    for (let at = 0; at < KILLS; at += 1) times.push(await run(sleepOf(60)));
    const shown = [[0.5, "p50"], [0.9, "p90"], [1, "worst"]] as const;
    const figures = shown.map(([share, name]) => `${name} ${quantile(times, share).toFixed(1)} ms`);
    await write(`mcp  dead after ${way}: ${figures.join("  ")}  (${KILLS} runs)`);
  }
}

function runOf(program: string): object {
  return { language: "bash", code: `${program}; true`, timeout_seconds: 60 };
}

/**
 * Tool calls a second over `/mcp`, beside the same tool over HTTP and beside an empty tool of the SDK
 * alone; and how soon a cancelled program is dead.
 */
export async function benchMcp(write: Write): Promise<void> {
  await using service = await startService({ ...UNLIMITED, LOG_FORMAT: "json" });
  const script = new URL("bare_mcp.ts", import.meta.url).pathname;
  const child = new Deno.Command("deno", {
    args: ["run", "--quiet", "--no-prompt", "-P=bench", script],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  try {
    const reader = child.stdout.getReader();
    const port = new TextDecoder().decode((await reader.read()).value).trim();
    const headers = { authorization: `Bearer ${service.token}` };
    const bare = { url: new URL(`http://127.0.0.1:${port}/mcp`), headers: {} };
    await compare(write, { url: new URL(`${service.url}/mcp`), headers }, bare);
    reader.releaseLock();
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await child.stdout.cancel();
  }
  await benchKills(write, service);
}
