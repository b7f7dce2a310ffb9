import assert from "node:assert/strict";
import { averageDegree } from "../../domain/graph/metrics.ts";
import type { GraphEngine } from "../../domain/ports/graph_engine.ts";
import {
  exportOf,
  failureOf,
  node,
  readWhile,
  relationship,
  remove,
  rowsOf,
  STAYING,
  write,
} from "../fixtures/graph.ts";
import { type GraphFeatures, type GraphPlace, standing, testedIn } from "./graph_features.ts";

/** What is counted, and what many callers at once may see. */
export function graphCountsContract(
  name: string,
  place: () => Promise<GraphPlace>,
  { snapshots }: Pick<GraphFeatures, "snapshots">,
): void {
  const tested = testedIn(place);

  Deno.test(`${name}: metrics() counts exactly what is there [S11, B3]`, () => tested(counts));

  Deno.test(`${name}: upserts of one key at once make one node [S9, B3]`, () => tested(makesOne));

  Deno.test(`${name}: 20 writers at once lose nothing [S9, B3]`, () => tested(losesNothing));

  Deno.test(`${name}: a reader sees every batch that is acknowledged [S9, B3]`, () => {
    return tested(seesAcknowledged);
  });

  const whole = `a reader never sees half a batch${standing(snapshots)}`;
  Deno.test(`${name}: ${whole} [S9, B3]`, () => {
    return tested(snapshots === true ? seesWhole : seesHalfWithoutMore);
  });
}

async function counts(engine: GraphEngine): Promise<void> {
  const metrics = async (): Promise<readonly unknown[]> => {
    const { nodeCount, relationshipCount, labels, relationshipTypes } = await engine.reader.metrics(
      STAYING,
    );
    return [nodeCount, relationshipCount, { ...labels }, { ...relationshipTypes }];
  };
  assert.deepEqual(await metrics(), [0, 0, {}, {}]);
  assert.equal(averageDegree(await engine.reader.metrics(STAYING)), 0);
  await write(engine, {
    nodes: [node("a", ["A", "B"]), node("b", ["B"]), node("c"), node("d", ["constructor"])],
    relationships: [
      relationship("a", "T", "b"),
      relationship("b", "T", "a"),
      relationship("a", "U", "a"),
    ],
  });
  const all: readonly unknown[] = [4, 3, { A: 1, B: 2, constructor: 1 }, { T: 2, U: 1 }];
  assert.deepEqual(await metrics(), all);
  assert.equal(averageDegree(await engine.reader.metrics(STAYING)), 1.5);
  await write(engine, { nodes: [node("a", ["A"], { x: 1n }), node("b", ["B"])] });
  assert.deepEqual(await metrics(), all);
  await failureOf(write(engine, {
    nodes: [node("e", ["E"])],
    relationships: [relationship("e", "E", "f")],
  }));
  assert.deepEqual(await metrics(), all);
  await remove(engine, { nodes: ["a", "d"], detach: true });
  assert.deepEqual(await metrics(), [2, 0, { B: 1 }, {}]);
  await remove(engine, { nodes: ["b", "c"] });
  assert.deepEqual(await metrics(), [0, 0, {}, {}]);
}

async function makesOne(engine: GraphEngine): Promise<void> {
  const upserts = Array.from({ length: 20 }, (_, at) => {
    return write(engine, {
      nodes: [node("one", [`L${at}`], { [`p${at}`]: BigInt(at) })],
      relationships: [relationship("one", "T", "one", { [`p${at}`]: BigInt(at) })],
    });
  });
  const done = await Promise.all(upserts);
  for (const kind of ["nodes", "relationships"] as const) {
    assert.equal(done.filter((counts) => counts[kind].created === 1).length, 1);
    assert.equal(done.filter((counts) => counts[kind].updated === 1).length, 19);
  }
  const [one = "", loop = "", ...others] = await exportOf(engine);
  assert.deepEqual(others, []);
  for (let at = 0; at < 20; at++) {
    assert.ok(one.includes(`:L${at}`) && one.includes(`p${at}: ${at}`), one);
    assert.ok(loop.includes(`p${at}: ${at}`), loop);
  }
}

async function losesNothing(engine: GraphEngine): Promise<void> {
  const writers = Array.from({ length: 20 }, async (_, writer) => {
    for (let round = 0; round < 5; round++) {
      const key = `w${writer}r${round}`;
      const counts = await write(engine, {
        nodes: [node("hub", [], { [`w${writer}`]: BigInt(round) }), node(key, ["Leaf"])],
        relationships: [relationship("hub", "HAS", key)],
      });
      assert.deepEqual(counts.relationships, { created: 1, updated: 0 });
    }
  });
  await Promise.all(writers);
  const lines = await exportOf(engine);
  assert.equal(lines.length, 201);
  const hub = lines.find((line) => line.startsWith("(hub ")) ?? "";
  for (let writer = 0; writer < 20; writer++) assert.ok(hub.includes(`w${writer}: 4`), hub);
  assert.deepEqual(await rowsOf(engine, "MATCH (n {key: 'hub'})-[r]->(m) RETURN count(r) AS c"), [
    "100",
  ]);
}

const PAIRS = "MATCH (n:Pair) RETURN count(n) AS c";
const ENDS = "MATCH (a {key: 'x'}), (b {key: 'y'}) RETURN a.v AS a, b.v AS b";

/** What one statement gave beside batches that were written: its numbers, and how many there were. */
interface Look {
  readonly statement: typeof PAIRS | typeof ENDS;
  readonly found: readonly number[];
  /** Acknowledged before it was asked. */
  readonly acknowledged: number;
  /** Begun before it was answered. */
  readonly begun: number;
}

/** Batches of two nodes that say the same, 0, 1, 2 …, and of two that are new. */
async function looksBesideWrites(engine: GraphEngine): Promise<Look[]> {
  const seen: Look[] = [];
  let [begun, acknowledged] = [0, 0];
  const writing = (async () => {
    for (let v = 0n; v < 30n; v++) {
      begun += 1;
      const pair = [node("x", [], { v }), node(`l${v}`, ["Pair"]), node(`r${v}`, ["Pair"])];
      await write(engine, { nodes: [...pair, node("y", [], { v })] });
      acknowledged += 1;
    }
  })();
  await readWhile(writing, async () => {
    for (const statement of [PAIRS, ENDS] as const) {
      const before = acknowledged;
      const [row] = await rowsOf(engine, statement);
      const found = row === undefined ? [] : row.split(", ").map(Number);
      seen.push({ statement, found, acknowledged: before, begun });
    }
  });
  return seen;
}

async function seesAcknowledged(engine: GraphEngine): Promise<void> {
  for (const look of await looksBesideWrites(engine)) {
    const { statement, found, acknowledged } = look;
    const least = statement === PAIRS ? 2 * acknowledged : acknowledged - 1;
    assert.ok(acknowledged === 0 || found.length > 0, statement);
    assert.ok(found.every((value) => value >= least), JSON.stringify(look));
  }
}

/** A reader finds an even number of nodes, and one saying. */
async function seesWhole(engine: GraphEngine): Promise<void> {
  for (const { statement, found } of await looksBesideWrites(engine)) {
    const [a = 0, b] = found;
    assert.ok(statement === PAIRS ? a % 2 === 0 : a === b, `${found}`);
  }
}

/** Of the batch that is being written there may be a part, but nothing that no batch has said. */
async function seesHalfWithoutMore(engine: GraphEngine): Promise<void> {
  for (const look of await looksBesideWrites(engine)) {
    const { statement, found, begun } = look;
    const most = statement === PAIRS ? 2 * begun : begun - 1;
    assert.ok(found.every((value) => value <= most), JSON.stringify(look));
    const [a = 0, b = a] = found;
    assert.ok(Math.abs(a - b) <= begun - look.acknowledged, JSON.stringify(look));
  }
}
