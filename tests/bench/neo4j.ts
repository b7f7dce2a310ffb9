import neo4j, { type Driver, type ManagedTransaction } from "neo4j-driver";
import { placeAt } from "../fixtures/neo4j_graph.ts";
import { neo4jService } from "../fixtures/services.ts";
import { median } from "./statistics.ts";

const { signal } = new AbortController();
const NODES = 1000;
const RELATIONSHIPS = 2000;
const ROUNDS = 7;
const SINGLE_CALLS = 300;

const nodes = Array.from({ length: NODES }, (_, n) => ({
  key: `n${n}`,
  labels: ["Person"],
  properties: { name: `name ${n}`, rank: `${n % 10}` },
}));
const relationships = Array.from({ length: RELATIONSHIPS }, (_, n) => ({
  start: `n${n % NODES}`,
  // Each once: what the service finds twice in a batch it writes once.
  end: `n${(n * 7 + 1 + Math.floor(n / NODES)) % NODES}`,
  type: "KNOWS",
  properties: { since: `${n}` },
}));

const WRITE_NODES = "UNWIND $rows AS row MERGE (n:GraphNode {key: row.key}) " +
  "SET n:Person, n += row.properties";
const WRITE_RELATIONSHIPS = "UNWIND $rows AS row MATCH (a:GraphNode {key: row.start}) " +
  "MATCH (b:GraphNode {key: row.end}) MERGE (a)-[r:KNOWS]->(b) SET r += row.properties";
const READ = "MATCH (n:Person {key: $key}) RETURN n";

/** What one side does, by what is measured. */
interface Side {
  batch(): Promise<unknown>;
  one(at: number): Promise<unknown>;
  read(at: number): Promise<unknown>;
}

/** The driver and the fewest statements, as its own manual has them. */
function driverAlone(driver: Driver): Side {
  const within = async (
    mode: "executeRead" | "executeWrite",
    work: (transaction: ManagedTransaction) => Promise<unknown>,
  ) => {
    await using session = driver.session({ database: "neo4j" });
    return await session[mode](work);
  };
  return {
    batch: () =>
      within("executeWrite", async (transaction) => {
        await transaction.run(WRITE_NODES, { rows: nodes });
        await transaction.run(WRITE_RELATIONSHIPS, { rows: relationships });
      }),
    one: (at) =>
      within("executeWrite", (transaction) => transaction.run(WRITE_NODES, { rows: [nodes[at]] })),
    read: (at) =>
      within("executeRead", (transaction) => transaction.run(READ, { key: nodes[at]?.key })),
  };
}

/** A statement and a transaction for each node and each relationship. */
async function eachInATurn(driver: Driver): Promise<void> {
  const parts = [
    ...nodes.map((node) => [WRITE_NODES, node] as const),
    ...relationships.map((one) => [WRITE_RELATIONSHIPS, one] as const),
  ];
  await using session = driver.session({ database: "neo4j" });
  for (const [statement, row] of parts) {
    await session.executeWrite((transaction) => transaction.run(statement, { rows: [row] }));
  }
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function eachTime(work: (at: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < SINGLE_CALLS; at += 1) times.push(await milliseconds(() => work(at)));
  return median(times);
}

/**
 * What the graph in Neo4j costs beside the driver alone: writing 1,000 nodes and 2,000 relationships, one
 * node, and reading one; and that write beside a transaction each. Sides take turns; ratios are within a
 * round, and figures medians. Needs `deno task services:up neo4j`, whose graph it empties.
 */
export async function benchNeo4j(write: (line: string) => Promise<void>): Promise<void> {
  const service = await neo4jService();
  await using driver = neo4j.driver(
    service.uri,
    neo4j.auth.basic(service.user, service.password),
  );
  await using graph = await placeAt(service).open();
  const ours: Side = {
    batch: () => graph.writer.upsert({ nodes, relationships }, signal),
    one: (at) => graph.writer.upsert({ nodes: nodes.slice(at, at + 1), relationships: [] }, signal),
    read: (at) =>
      graph.reader.query({
        statement: READ,
        parameters: { key: `n${at}` },
        limit: 100,
        timeoutSeconds: 5,
      }, signal),
  };
  const sides = { ours, alone: driverAlone(driver) };
  const empty = () => driver.executeQuery("MATCH (n) DETACH DELETE n", {}, { database: "neo4j" });
  const took = new Map<string, number[]>();
  const note = (name: string, time: number) => took.set(name, [...took.get(name) ?? [], time]);
  for (let round = 0; round <= ROUNDS; round += 1) {
    const order = (["ours", "alone"] as const).toSorted(() => round % 2 === 0 ? 1 : -1);
    // The first round warms the database up.
    const kept = round === 0 ? () => {} : note;
    for (const side of order) {
      await empty();
      kept(`first ${side}`, await milliseconds(sides[side].batch));
      kept(`again ${side}`, await milliseconds(sides[side].batch));
      kept(`one ${side}`, await eachTime(sides[side].one));
      kept(`read ${side}`, await eachTime(sides[side].read));
    }
    await empty();
    kept("first each", await milliseconds(() => eachInATurn(driver)));
    kept("again each", await milliseconds(() => eachInATurn(driver)));
  }
  const row = async (what: string, name: string, beside: string) => {
    const [own = [], other = []] = [took.get(`${name} ours`), took.get(`${name} ${beside}`)];
    const ratio = median(own.map((time, round) => time / (other[round] ?? NaN)));
    const figures = `(${median(own).toPrecision(3)} / ${median(other).toPrecision(3)} ms)`;
    await write(`neo4j  ${what.padEnd(46)} ${ratio.toFixed(3)} ${figures}`);
  };
  for (const when of ["first", "again"]) {
    await row(`upsert, ${when}, beside UNWIND by the driver`, when, "alone");
    await row(`upsert, ${when}, beside one at a time`, when, "each");
  }
  await row("upsert of one node beside the driver", "one", "alone");
  await row("a read by key beside the driver", "read", "alone");
}
