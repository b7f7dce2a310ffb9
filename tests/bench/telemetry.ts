import { loadavg } from "node:os";
import { startOtlpReceiver } from "../fixtures/otlp_receiver.ts";
import { bash } from "../fixtures/processes.ts";
import { temporaryFolder, UNLIMITED } from "../fixtures/service.ts";
import { mixedGraph, mixedRequests } from "./graph_mix.ts";
import { LeanConnection, requestBytes } from "./lean_connection.ts";
import { median, quantile } from "./statistics.ts";

type Write = (line: string) => Promise<void>;

const CONNECTIONS = 8;
const ROUNDS = 4;
/** One kind of request, and how many of it a round has. */
interface Work {
  readonly name: string;
  readonly requests: number;
  /** The same again and again, or without end. */
  readonly of: (side: Side) => Iterator<Uint8Array>;
}

/** What makes telemetry dearest, requests that do little else, and what agents mostly do. */
const WORKS: readonly Work[] = [
  { name: "status", requests: 4000, of: repeated("/status", null) },
  {
    name: "graph, cached",
    requests: 2000,
    of: repeated("/api/v1/graph_query", { cypher: "RETURN 1 AS n" }),
  },
  {
    name: "graph, mixed",
    requests: 1000,
    *of({ url, token }) {
      for (const { bytes } of mixedRequests(url.href, [token])) yield bytes;
    },
  },
  {
    name: "execute_code",
    requests: 300,
    of: repeated("/api/v1/execute_code", { language: "bash", code: "echo 1" }),
  },
];

/** Three ways to run the service. */
const SIDES = ["none", "off", "full"] as const;
type SideName = (typeof SIDES)[number];

/** So often the metrics are read and pushed: by default it is each 15 s and each minute. */
const TOLD_MS = 5000;
/** The share of traces that are recorded and sent. */
const SAMPLED = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.1" };
const OFF = { LOG_LEVEL: "error", LOG_FORMAT: "json", OTEL_SDK_DISABLED: "true" };
const FULL = {
  LOG_LEVEL: "info",
  LOG_FORMAT: "json",
  OTEL_METRIC_EXPORT_INTERVAL: String(TOLD_MS),
  ...SAMPLED,
};
/** Nobody is limited, but everybody is counted. */
const ROOM = { RATE_LIMIT_PER_MINUTE: "10000000", RATE_LIMIT_BURST: "10000000" };

/** A service in a process of its own. */
interface Side extends AsyncDisposable {
  readonly url: URL;
  readonly pid: number;
  readonly token: string;
}

async function startSide(side: SideName, settings: Record<string, string>): Promise<Side> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const script = new URL("./telemetry_side.ts", import.meta.url).pathname;
  const args = ["run", "--quiet", "--no-check", "--allow-all", script, side];
  const env = { ...UNLIMITED, ...ROOM, ...settings, DATA_DIR: folder.path, OTEL_DENO: "false" };
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

function repeated(path: string, body: unknown): Work["of"] {
  const text = body === null ? null : JSON.stringify(body);
  return function* ({ url, token }) {
    const request = requestBytes(new URL(path, url), token, text);
    while (true) yield request;
  };
}

/** Asks so often over that many connections; milliseconds of each. */
async function load(
  { url }: Side,
  requests: Iterator<Uint8Array>,
  count: number,
  connections: number,
): Promise<number[]> {
  const times: number[] = [];
  const left = Array(count).keys();
  await Promise.all(Array.from({ length: connections }, async () => {
    using connection = await LeanConnection.to(url);
    while (!left.next().done) {
      const began = performance.now();
      const { status, body } = await connection.exchange(requests.next().value);
      if (status !== 200) throw new Error(body);
      times.push(performance.now() - began);
    }
  }));
  return times;
}

/** Has the metrics read, as Prometheus would more rarely. */
function scraping({ url, token }: Side): Disposable {
  const headers = { authorization: `Bearer ${token}` };
  const scrape = () => void fetch(new URL("/metrics", url), { headers }).then((it) => it.text());
  const timer = setInterval(scrape, TOLD_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/**
 * Milliseconds of the service's CPU for one request, of each side: all are up at once and take turns, so
 * that what else the machine does falls on all of them.
 */
async function costs(work: Work, endpoint: string): Promise<Record<SideName, number>> {
  await using stack = new AsyncDisposableStack();
  const full = { ...FULL, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
  const sides = [];
  for (const name of SIDES) {
    const side = stack.use(await startSide(name, name === "full" ? full : OFF));
    if (name === "full") stack.use(scraping(side));
    const body = JSON.stringify(mixedGraph());
    const graph = requestBytes(new URL("/api/v1/graph_upsert", side.url), side.token, body);
    await load(side, [graph].values(), 1, 1);
    const requests = work.of(side);
    await load(side, requests, 2 * work.requests, CONNECTIONS);
    sides.push({ name, side, requests });
  }
  const spent: Record<SideName, number> = { none: 0, off: 0, full: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, side, requests } of round % 2 === 0 ? sides : sides.toReversed()) {
      const before = await cpuSeconds(side.pid);
      await load(side, requests, work.requests, CONNECTIONS);
      spent[name] += 1000 * (await cpuSeconds(side.pid) - before) / work.requests / ROUNDS;
    }
  }
  return spent;
}

/**
 * `none`: nothing is measured, logged or traced; `off`: what the settings can turn off, which leaves the
 * measuring; `full`: the log, metrics that are read and pushed, and a tenth of the traces.
 */
async function benchCost(write: Write, pairs: number): Promise<void> {
  await using receiver = await startOtlpReceiver();
  for (const work of WORKS) {
    const all: Record<SideName, number>[] = [];
    for (let pair = 0; pair < pairs; pair += 1) all.push(await costs(work, receiver.url));
    const middle = (of: (cost: Record<SideName, number>) => number) => median(all.map(of));
    const ms = SIDES.map((name) => `${name} ${middle((it) => it[name]).toFixed(3)} ms`).join(", ");
    await write(
      `${work.name.padEnd(14)} cpu of full ${
        middle((it) => it.full / it.none).toFixed(2)
      } of none, ` +
        `${middle((it) => it.full / it.off).toFixed(2)} of off (${ms})  ` +
        `${receiver.spans.length} spans  load ${loadavg()[0]?.toFixed(1)}`,
    );
    receiver.spans.length = 0;
  }
}

/** Latencies one after another, with every trace recorded, to a collector that is not well. */
async function benchLatency(write: Write): Promise<void> {
  await using receiver = await startOtlpReceiver();
  const dead = await startOtlpReceiver();
  const endpoints = { none: "", live: receiver.url, hangs: receiver.url, dead: dead.url };
  await dead[Symbol.asyncDispose]();
  for (const [name, endpoint] of Object.entries(endpoints)) {
    receiver.manner = name === "hangs" ? "hangs" : "takes";
    const settings = { LOG_FORMAT: "json", OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
    await using side = await startSide("full", settings);
    const requests = repeated("/status", null)(side);
    await load(side, requests, 3000, 1);
    const times = await load(side, requests, 6000, 1);
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
