import { loadavg } from "node:os";
import { startOtlpReceiver } from "../fixtures/otlp_receiver.ts";
import { bash } from "../fixtures/processes.ts";
import { temporaryFolder, UNLIMITED } from "../fixtures/service.ts";
import { LeanConnection, requestBytes } from "./lean_connection.ts";
import { median, quantile } from "./statistics.ts";

type Write = (line: string) => Promise<void>;

const CONNECTIONS = 8;
/** What makes telemetry dearest: requests that do little else. */
const ROUTES = [
  { path: "/status", body: null, requests: 6000 },
  { path: "/api/v1/graph_query", body: { cypher: "RETURN 1 AS n" }, requests: 3000 },
  { path: "/api/v1/execute_code", body: { language: "bash", code: "echo 1" }, requests: 400 },
] as const;
type Route = (typeof ROUTES)[number];

/** The share of traces that are recorded and sent. */
const SAMPLED = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.1" };
const NONE = { LOG_LEVEL: "error", LOG_FORMAT: "json", OTEL_SDK_DISABLED: "true" };
const FULL = {
  LOG_LEVEL: "info",
  LOG_FORMAT: "json",
  OTEL_METRIC_EXPORT_INTERVAL: "1000",
  ...SAMPLED,
};

/** A service in a process of its own. */
interface Side extends AsyncDisposable {
  readonly url: URL;
  readonly pid: number;
  readonly token: string;
}

async function startSide(side: "full" | "none", settings: Record<string, string>): Promise<Side> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const script = new URL("./telemetry_side.ts", import.meta.url).pathname;
  const args = ["run", "--quiet", "--no-check", "--allow-all", script, side];
  const env = { ...UNLIMITED, ...settings, DATA_DIR: folder.path, OTEL_DENO: "false" };
  const child = new Deno.Command("deno", { args, env, stdout: "piped", stderr: "piped" }).spawn();
  // The log is read, as it would be: a pipe that is full would stop it.
  const logged = child.stderr.pipeTo(new WritableStream());
  const reader = child.stdout.getReader();
  stack.defer(async () => {
    child.kill("SIGTERM");
    await Promise.all([child.status, logged, reader.cancel()]);
  });
  const { value } = await reader.read();
  const { port, pid, token } = JSON.parse(new TextDecoder().decode(value));
  const held = stack.move();
  const url = new URL(`http://127.0.0.1:${port}`);
  return { url, pid, token, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await bash("-c", `cat /proc/${pid}/stat`)).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Asks so often over that many connections; milliseconds of each. */
async function load(side: Side, { path, body }: Route, count: number, connections: number) {
  const text = body === null ? null : JSON.stringify(body);
  const request = requestBytes(new URL(path, side.url), side.token, text);
  const times: number[] = [];
  const left = Array(count).keys();
  await Promise.all(Array.from({ length: connections }, async () => {
    using connection = await LeanConnection.to(side.url);
    while (!left.next().done) {
      const began = performance.now();
      const { status, body } = await connection.exchange(request);
      if (status !== 200) throw new Error(body);
      times.push(performance.now() - began);
    }
  }));
  return times;
}

/** Milliseconds of the service's CPU for one request. */
async function cpuOf(side: Side, route: Route): Promise<number> {
  await load(side, route, route.requests / 2, CONNECTIONS);
  const before = await cpuSeconds(side.pid);
  await load(side, route, route.requests, CONNECTIONS);
  return 1000 * (await cpuSeconds(side.pid) - before) / route.requests;
}

/** Asks for the metrics once a second, as Prometheus would much more rarely. */
function scraping({ url, token }: Side): Disposable {
  const headers = { authorization: `Bearer ${token}` };
  const scrape = () => void fetch(new URL("/metrics", url), { headers }).then((it) => it.text());
  const timer = setInterval(scrape, 1000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function full(route: Route, endpoint: string): Promise<number> {
  await using side = await startSide("full", { ...FULL, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
  using _scraping = scraping(side);
  return await cpuOf(side, route);
}

async function none(route: Route): Promise<number> {
  await using side = await startSide("none", NONE);
  return await cpuOf(side, route);
}

async function benchCost(write: Write, pairs: number): Promise<void> {
  await using receiver = await startOtlpReceiver();
  for (const route of ROUTES) {
    const costs: { readonly full: number; readonly none: number }[] = [];
    for (let pair = 0; pair < pairs; pair += 1) {
      const first = pair % 2 === 0 ? await none(route) : null;
      const dear = await full(route, receiver.url);
      costs.push({ full: dear, none: first ?? await none(route) });
    }
    const middle = (of: (cost: (typeof costs)[number]) => number) => median(costs.map(of));
    await write(
      `${route.path.padEnd(22)} cpu ${middle((it) => it.full / it.none).toFixed(2)} ` +
        `(${middle((it) => it.full).toFixed(3)} / ${middle((it) => it.none).toFixed(3)} ms)  ` +
        `${receiver.spans.length} spans`,
    );
    receiver.spans.length = 0;
  }
}

/** Latencies one after another, with every trace recorded, to a collector that is not well. */
async function benchLatency(write: Write): Promise<void> {
  const [status] = ROUTES;
  await using receiver = await startOtlpReceiver();
  const dead = await startOtlpReceiver();
  const endpoints = { none: "", live: receiver.url, hangs: receiver.url, dead: dead.url };
  await dead[Symbol.asyncDispose]();
  for (const [name, endpoint] of Object.entries(endpoints)) {
    receiver.manner = name === "hangs" ? "hangs" : "takes";
    const settings = { LOG_FORMAT: "json", OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
    await using side = await startSide("full", settings);
    await load(side, status, 3000, 1);
    const times = await load(side, status, 6000, 1);
    const [half, most] = [0.5, 0.99].map((share) => quantile(times, share).toFixed(2));
    const memory = await bash(
      "-c",
      `awk '/^VmRSS/ {print int($2 / 1024)}' /proc/${side.pid}/status`,
    );
    await write(`collector ${name.padEnd(6)} p50 ${half} ms, p99 ${most} ms, ${memory.trim()} MiB`);
  }
}

/** What all telemetry costs beside none, and what a collector that is not well does to others. */
export async function benchTelemetry(write: Write, pairs: number): Promise<void> {
  await benchCost(write, pairs);
  await benchLatency(write);
  await write(`load ${loadavg()[0]?.toFixed(1)}`);
}
