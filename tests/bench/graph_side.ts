/**
 * One side of `deno task bench graph`: `graph_side.ts SIDE` prints, as JSON, the milliseconds of what that
 * side does with 1,000 nodes and 2,000 relationships: `engine` is Grafeo in this process and the fewest
 * statements, `single` a transaction for each node and relationship, `ours` the adapter that the service
 * has, with its child process.
 */

import grafeo from "@grafeo-db/js";
import { openEmbeddedGraph } from "../../adapters/embedded/engine.ts";
import { MemoryCache } from "../../adapters/memory/cache.ts";
import { systemClock } from "../../adapters/system/clock.ts";
import { sha256 } from "../../adapters/system/digest.ts";
import { LoadCounts } from "../../application/decorators/cached.ts";
import { cachedReader } from "../../application/decorators/cached_graph.ts";
import { median } from "./statistics.ts";

const { signal } = new AbortController();
const NODES = 1000;
const RELATIONSHIPS = 2000;
const ASKED = 200;

const nodes = Array.from({ length: NODES }, (_, n) => ({
  key: `n${n}`,
  labels: ["Person"],
  properties: { name: `name ${n}`, rank: `${n % 10}` },
}));
const relationships = Array.from({ length: RELATIONSHIPS }, (_, n) => ({
  start: `n${n % NODES}`,
  end: `n${(n * 7 + 1 + Math.floor(n / NODES)) % NODES}`,
  type: "KNOWS",
  properties: { since: `${n}` },
}));

const WRITE_NODES = "UNWIND $rows AS row MERGE (n:Person {key: row.key}) SET n += row.properties";
const WRITE_RELATIONSHIPS = "UNWIND $rows AS row MATCH (a:Person {key: row.start}) " +
  "MATCH (b:Person {key: row.end}) MERGE (a)-[r:KNOWS]->(b) SET r += row.properties";

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function eachInATurn(path: string, batches: readonly (readonly object[])[][]) {
  const database = grafeo.GrafeoDB.create(path);
  await database.executeCypher("CREATE INDEX node_key IF NOT EXISTS FOR (n:Person) ON (n.key)");
  const write = async () => {
    for (const parts of batches) {
      const transaction = database.beginTransaction();
      const [some = [], others = []] = parts;
      if (some.length > 0) await transaction.executeCypher(WRITE_NODES, { rows: some });
      if (others.length > 0) await transaction.executeCypher(WRITE_RELATIONSHIPS, { rows: others });
      transaction.commit();
    }
  };
  return { first: await milliseconds(write), again: await milliseconds(write) };
}

async function ours(path: string) {
  await using graph = await openEmbeddedGraph({
    path,
    deno: Deno.execPath(),
    log: { write: () => {} },
    clock: systemClock,
  });
  const write = () => graph.writer.upsert({ nodes, relationships }, signal);
  const [first, again] = [await milliseconds(write), await milliseconds(write)];
  const kept = <Value>() => ({
    named: {
      cache: new MemoryCache<Value>({ maxSize: 500, monotonic: () => performance.now() }),
      counts: new LoadCounts(),
    },
    ttlSeconds: 60,
  });
  const cached = cachedReader(graph.reader, { queries: kept(), metrics: kept(), sha256 });
  const each = async (ask: () => Promise<unknown>) => {
    await ask();
    const times: number[] = [];
    for (let n = 0; n < ASKED; n += 1) times.push(await milliseconds(ask));
    return median(times);
  };
  const statement = "MATCH (n:Person) RETURN n.rank AS rank, count(n) AS people";
  const query = { statement, parameters: {}, limit: 100, timeoutSeconds: 5 };
  return {
    first,
    again,
    metrics: await each(() => graph.reader.metrics(signal)),
    cachedMetrics: await each(() => cached.metrics(signal)),
    query: await each(() => graph.reader.query(query, signal)),
    cachedQuery: await each(() => cached.query(query, signal)),
  };
}

const folder = await Deno.makeTempDir({ prefix: "graph-bench-" });
const path = `${folder}/graph.grafeo`;
const SIDES: Readonly<Record<string, () => Promise<object>>> = {
  engine: () => eachInATurn(path, [[nodes, relationships]]),
  single: () =>
    eachInATurn(path, [
      ...nodes.map((node) => [[node]]),
      ...relationships.map((one) => [[], [one]]),
    ]),
  ours: () => ours(path),
};
const [side = ""] = Deno.args;
const took = await SIDES[side]?.();
await Deno.remove(folder, { recursive: true });
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(took)));
Deno.exit(0);
