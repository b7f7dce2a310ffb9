/**
 * `deno run --no-prompt -P=bench tests/bench/http_path.ts [REQUESTS] [PAIRS]`: what a request's way
 * through the service costs (token, rate limit, Host, headers, log line, metrics) beside a Hono server
 * that answers the same JSON and does nothing else. Each side is a fresh process, the sides take turns;
 * throughput is what eight connections get, one request after another on each, and CPU is the serving
 * process's own.
 */
import { bash } from "../fixtures/processes.ts";
import {
  type StartedService,
  startService,
  temporaryFolder,
  UNLIMITED,
} from "../fixtures/service.ts";
import { median } from "./statistics.ts";

interface Cost {
  readonly perSecond: number;
  /** Microseconds of the serving process for one request. */
  readonly cpu: number;
}

const CONNECTIONS = 8;
const [requests = 10_000, pairs = 5] = Deno.args.map(Number);
/** The limit counts and decides, and never refuses. */
const SETTINGS = {
  ...UNLIMITED,
  RATE_LIMIT_PER_MINUTE: "10000000",
  RATE_LIMIT_BURST: "10000000",
  LOG_FORMAT: "json",
};

async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await bash("-c", `cat /proc/${pid}/stat`)).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function worker(port: number, request: Uint8Array, left: Iterator<number>): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.setNoDelay(true);
  const buffer = new Uint8Array(64 * 1024);
  const decoder = new TextDecoder();
  while (!left.next().done) {
    await connection.write(request);
    for (let text = "";;) {
      const read = await connection.read(buffer);
      if (read === null) throw new Error("the server closed the connection");
      text += decoder.decode(buffer.subarray(0, read));
      const end = text.indexOf("\r\n\r\n") + 4;
      const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? NaN);
      if (!text.startsWith("HTTP/1.1 200")) throw new Error(text);
      if (text.length >= end + length) break;
    }
  }
}

async function load(port: number, head: string, count: number): Promise<void> {
  const request = new TextEncoder().encode(head);
  const left = Array(count).keys();
  await Promise.all(Array.from({ length: CONNECTIONS }, () => worker(port, request, left)));
}

async function measured(
  { port, pid }: { readonly port: number; readonly pid: number },
  head: string,
): Promise<Cost> {
  await load(port, head, requests / 4);
  const [before, from] = [await cpuSeconds(pid), performance.now()];
  await load(port, head, requests);
  const wall = (performance.now() - from) / 1000;
  const cpu = await cpuSeconds(pid) - before;
  return { perSecond: requests / wall, cpu: 1e6 * cpu / requests };
}

function headOf(path: string, token: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`;
}

async function pathOf(service: StartedService, route: string): Promise<string> {
  if (!route.includes("{id}")) return route;
  const { json } = await service.execute({ code: "print(1)" });
  return route.replace("{id}", String(json.id));
}

async function ours(route: string): Promise<Cost & { readonly answer: string }> {
  await using service = await startService(SETTINGS);
  const path = await pathOf(service, route);
  const answer = (await service.get(path)).text;
  const port = Number(new URL(service.url).port);
  return { answer, ...await measured({ port, pid: service.pid }, headOf(path, service.token)) };
}

async function bare(answer: string): Promise<Cost> {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/answer.json`, answer);
  const script = new URL("./bare_hono.ts", import.meta.url).pathname;
  const args = ["run", "--no-prompt", "-P=bench", script, "/answer", `${folder.path}/answer.json`];
  await using child = new Deno.Command("deno", { args, stdout: "piped" }).spawn();
  const { value } = await child.stdout.getReader().read();
  const port = Number(new TextDecoder().decode(value));
  const cost = await measured({ port, pid: child.pid }, headOf("/answer", "x"));
  child.kill("SIGKILL");
  return cost;
}

for (const route of ["/status", "/api/v1/executions/{id}"]) {
  const all: { readonly ours: Cost; readonly bare: Cost }[] = [];
  let { answer } = await ours(route);
  for (let pair = 0; pair < pairs; pair += 1) {
    const first = pair % 2 === 0 ? await bare(answer) : null;
    const side = await ours(route);
    answer = side.answer;
    all.push({ ours: side, bare: first ?? await bare(answer) });
  }
  const middle = (of: (pair: (typeof all)[number]) => number) => median(all.map(of));
  const line = [
    route.padEnd(24),
    `throughput ${middle((pair) => pair.ours.perSecond / pair.bare.perSecond).toFixed(2)}`,
    `(${middle((p) => p.ours.perSecond).toFixed(0)} / ${
      middle((p) => p.bare.perSecond).toFixed(0)
    } a second)`,
    `cpu ${middle((p) => p.ours.cpu).toFixed(0)} / ${middle((p) => p.bare.cpu).toFixed(0)} µs`,
  ].join("  ");
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}
