import { loadavg } from "node:os";
import { shownBreakers } from "../fixtures/breaker_counts.ts";
import { eventually } from "../fixtures/eventually.ts";
import { startPrivateNeo4j } from "../fixtures/private_neo4j.ts";
import { type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";
import { LeanConnection, requestBytes } from "./lean_connection.ts";
import { quantile } from "./statistics.ts";

const ANSWERS = 2000;
const WARM = 500;
const READ = { cypher: "RETURN 1 AS n", timeout_seconds: 1 };
const WRITE = { nodes: [{ key: "a", labels: ["A"], properties: {} }], relationships: [] };

/** Asks until a breaker has opened: a frozen database is known after some seconds. */
async function opened(service: StartedService, name: string, ask: () => Promise<unknown>) {
  await eventually(`${name} open`, async () => {
    await Promise.all(Array.from({ length: 5 }, ask));
    const found = (await shownBreakers(service)).find((breaker) => breaker.name === name);
    return found?.state === "open" ? true : null;
  }, 120);
}

/** Milliseconds of each answer; one that is not of the open circuit ends the measurement. */
async function timed(service: StartedService, request: Uint8Array): Promise<number[]> {
  using connection = await LeanConnection.to(new URL(service.url));
  const times: number[] = [];
  for (let at = 0; at < WARM + ANSWERS; at += 1) {
    const began = performance.now();
    const { status, body } = await connection.exchange(request);
    const took = performance.now() - began;
    if (status !== 503 || !body.includes('"circuit_open"')) throw new Error(`${status} ${body}`);
    if (at >= WARM) times.push(took);
  }
  return times;
}

/**
 * What an answer of an open circuit takes through the whole service while its database is frozen, one
 * after another on one connection. Needs the programs of `deno task services:up neo4j`.
 */
export async function benchOpenCircuit(write: (line: string) => Promise<void>): Promise<void> {
  await using database = await startPrivateNeo4j();
  const { uri, password } = database;
  const long = { BREAKER_READ: "5/2/600", BREAKER_WRITE: "3/2/600" } as const;
  await using service = await startService({
    ...{ ...UNLIMITED, ...long, NEO4J_URI: uri, NEO4J_PASSWORD: password },
    ...{ RETRY_ATTEMPTS: "1", LOG_FORMAT: "json" },
  });
  await service.post("/api/v1/graph_query", READ);
  await database.freeze();
  const kinds = [["graph_read", "graph_query", READ], [
    "graph_write",
    "graph_upsert",
    WRITE,
  ]] as const;
  for (const [breaker, route, body] of kinds) {
    const path = `/api/v1/${route}`;
    await opened(service, breaker, () => service.post(path, body));
    const url = new URL(path, service.url);
    const times = await timed(service, requestBytes(url, service.token, JSON.stringify(body)));
    const shown = [[0.5, "p50"], [0.99, "p99"], [1, "worst"]] as const;
    const figures = shown.map(([share, name]) => `${name} ${quantile(times, share).toFixed(2)} ms`);
    await write(
      `circuit  ${breaker.padEnd(11)}  ${ANSWERS} answers  ${figures.join("  ")}` +
        `  load average ${loadavg()[0]?.toFixed(1)}`,
    );
  }
}
