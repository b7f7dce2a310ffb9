import { loadavg } from "node:os";
import { removeNodes } from "../fixtures/empty_neo4j.ts";
import { bash } from "../fixtures/processes.ts";
import { type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";
import { neo4jService } from "../fixtures/services.ts";
import { mixedGraph, type MixedRequest, mixedRequests } from "./graph_mix.ts";
import { boundAt, bucketsOf, bucketsSince } from "./histogram.ts";
import { type Exchange, openLoop } from "./open_loop.ts";
import { quantile } from "./statistics.ts";

const PER_SECOND = 500;
const SECONDS = 60;
/** One alone does not get all connections. */
const USERS = 20;
const WARM_SECONDS = 5;
const ACQUIRE = "ultimate_mcp_graph_pool_acquire_seconds";
const SAMPLE_MS = 250;

type Write = (line: string) => Promise<void>;

/** CPU seconds that a process has had. */
async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await bash("-c", `cat /proc/${pid}/stat`)).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Looks now and then how many connections are taken, until it is told to end. */
function samplePool(service: StartedService): () => Promise<readonly number[]> {
  const samples: number[] = [];
  const ended = Promise.withResolvers<void>();
  let ends = false;
  const sampling = (async () => {
    while (!ends) {
      const { text } = await service.get("/metrics");
      const taken = /^ultimate_mcp_graph_pool_connections\{state="in_use"\} (\d+)/m.exec(text)?.[1];
      samples.push(Number(taken));
      await Promise.race([ended.promise, new Promise((done) => setTimeout(done, SAMPLE_MS))]);
    }
  })();
  return async () => {
    ends = true;
    ended.resolve();
    await sampling;
    return samples;
  };
}

/**
 * A service with a real Neo4j under mixed graph work that comes by the clock (`graph_mix.ts`), 500 requests
 * a second for a minute unless told otherwise: what it held, what the requests took from when they were due,
 * and what they waited for a connection. Needs `deno task services:up neo4j`, whose graph it empties.
 */
export async function benchGraphLoad(
  write: Write,
  perSecond: number = PER_SECOND,
  seconds: number = SECONDS,
): Promise<void> {
  const database = await neo4jService();
  await removeNodes(database);
  const { uri, password } = database;
  const settings = { ...UNLIMITED, NEO4J_URI: uri, NEO4J_PASSWORD: password, LOG_FORMAT: "json" };
  await using service = await startService(settings);
  await service.post("/api/v1/graph_upsert", mixedGraph());
  const names = Array.from({ length: USERS }, (_, at) => `user-${at}`);
  const tokens = await Promise.all(names.map((name) => service.tokenFor(name, "developer")));
  const requests = mixedRequests(service.url, tokens);
  const url = new URL(service.url);
  await openLoop(url, requests, { perSecond: perSecond / 2, seconds: WARM_SECONDS });
  const before = bucketsOf((await service.get("/metrics")).text, ACQUIRE);
  const [cpu, began, logged] = [
    await cpuSeconds(service.pid),
    performance.now(),
    service.log.length,
  ];
  const samples = samplePool(service);
  const exchanges = await openLoop(url, requests, { perSecond, seconds });
  const took = (performance.now() - began) / 1000;
  const pool = await samples();
  const spent = await cpuSeconds(service.pid) - cpu;
  const after = bucketsOf((await service.get("/metrics")).text, ACQUIRE);
  const waits = bucketsSince(before, after);
  const timeouts = service.log.slice(logged).split("no connection became free").length - 1;
  await write(
    `load  ${(exchanges.length / took).toFixed(0)} a second of ${perSecond} for ${seconds} s, ` +
      `${failuresOf(exchanges)}, load average ${loadavg()[0]?.toFixed(1)}, ` +
      `service ${(1e6 * spent / exchanges.length).toFixed(0)} µs of CPU a request`,
  );
  await write(
    `load  connections: waited for ${waits.at(-1)?.[1]} times, ` +
      `p50 ≤ ${1000 * boundAt(waits, 0.5)} ms, p99 ≤ ${1000 * boundAt(waits, 0.99)} ms, ` +
      `${timeouts} timeouts, taken ${
        (pool.reduce((sum, n) => sum + n, 0) / pool.length).toFixed(1)
      } ` +
      `of the mean, ${Math.max(...pool)} at most`,
  );
  for (const line of linesOf(exchanges)) await write(line);
}

function failuresOf(exchanges: readonly Exchange<MixedRequest>[]): string {
  const failed = exchanges.filter(({ status }) => status !== 200);
  const kinds = Map.groupBy(failed, ({ status, body }) => {
    return `${status} ${/"code":"(\w+)"/.exec(body)?.[1] ?? body}`;
  });
  const said = [...kinds].map(([kind, some]) => `${some.length} × ${kind}`);
  return `${failed.length} failed${said.length === 0 ? "" : ` (${said.join(", ")})`}`;
}

function linesOf(exchanges: readonly Exchange<MixedRequest>[]): string[] {
  const groups = new Map([["all", [...exchanges]]]);
  for (const [kind, some] of Map.groupBy(exchanges, ({ request }) => request.kind)) {
    groups.set(kind, some);
  }
  return [...groups].map(([name, some]) => {
    const times = some.map(({ milliseconds }) => milliseconds);
    const shown = ([share, what]: readonly [number, string]) =>
      `${what} ${quantile(times, share).toFixed(1)} ms`;
    const quantiles = ([[0.5, "p50"], [0.99, "p99"], [1, "worst"]] as const).map(shown);
    return `load  ${name.padEnd(14)} ${String(some.length).padStart(6)}  ${quantiles.join("  ")}`;
  });
}
