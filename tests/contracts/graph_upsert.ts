import assert from "node:assert/strict";
import type { GraphEngine } from "../../domain/ports/graph_engine.ts";
import {
  exportOf,
  failureOf,
  node,
  relationship,
  rowsOf,
  STAYING,
  write,
} from "../fixtures/graph.ts";
import type { GraphPlace } from "./graph_features.ts";

interface UpsertCase {
  readonly behaviour: string;
  check(engine: GraphEngine): Promise<void>;
}

const COUNTED = (created: number, updated: number) => ({ created, updated });

const NODE_CASES: readonly UpsertCase[] = [
  {
    behaviour: "an empty batch writes nothing",
    async check(engine) {
      const counts = await write(engine, {});
      assert.deepEqual(counts, { nodes: COUNTED(0, 0), relationships: COUNTED(0, 0) });
      assert.deepEqual(await exportOf(engine), []);
    },
  },
  {
    behaviour: "nodes are made, and found again by their key",
    async check(engine) {
      const nodes = [node("a", ["A"], { x: 1n }), node("b", ["A", "B"]), node("c")];
      const counts = await write(engine, { nodes });
      assert.deepEqual(counts, { nodes: COUNTED(3, 0), relationships: COUNTED(0, 0) });
      assert.deepEqual(await exportOf(engine), ["(a:A {x: 1})", "(b:A:B {})", "(c {})"]);
      assert.deepEqual(await rowsOf(engine, "MATCH (n {key: 'b'}) RETURN n"), ["(b:A:B {})"]);
    },
  },
  {
    behaviour: "a batch may have many sets of labels and many types, and is counted",
    async check(engine) {
      const nodes = Array.from(
        { length: 300 },
        (_, at) => node(`n${at}`, [`A${at % 20}`, `B${Math.floor(at / 20)}`], { at: BigInt(at) }),
      );
      const relationships = Array.from(
        { length: 60 },
        (_, at) => relationship(`n${at}`, `T${at % 30}`, "n299", { at: BigInt(at) }),
      );
      for (const counts of [[300, 0, 60, 0], [0, 300, 0, 60]] as const) {
        const written = await engine.writer.upsert({ nodes, relationships }, STAYING);
        assert.deepEqual(written.counts.nodes, COUNTED(counts[0], counts[1]));
        assert.deepEqual(written.counts.relationships, COUNTED(counts[2], counts[3]));
        const { labels, relationshipTypes } = written.metrics;
        assert.deepEqual([Object.keys(labels).length, labels.A3, labels.B3], [35, 15, 20]);
        assert.deepEqual([Object.keys(relationshipTypes).length, relationshipTypes.T29], [30, 2]);
      }
      const found = "MATCH (n:A19:B14)<-[r:T7]-(m) RETURN n.at, r.at, m.key ORDER BY r.at";
      assert.deepEqual(await rowsOf(engine, found), ['299, 7, "n7"', '299, 37, "n37"']);
    },
  },
  {
    behaviour: "labels are added to those that are there, and none is taken away",
    async check(engine) {
      await write(engine, { nodes: [node("a", ["A"])] });
      const counts = await write(engine, { nodes: [node("a", ["B"])] });
      assert.deepEqual(counts.nodes, COUNTED(0, 1));
      assert.deepEqual(await exportOf(engine), ["(a:A:B {})"]);
      await write(engine, { nodes: [node("a")] });
      await write(engine, { nodes: [node("a", ["A", "A", "C"])] });
      assert.deepEqual(await exportOf(engine), ["(a:A:B:C {})"]);
    },
  },
  {
    behaviour: "properties are merged, and a null takes one away",
    async check(engine) {
      await write(engine, { nodes: [node("a", [], { x: 1n, y: "y", z: true })] });
      await write(engine, { nodes: [node("a", [], { x: "1", z: null, w: 0.5, v: null })] });
      assert.deepEqual(await exportOf(engine), ['(a {w: 0.5, x: "1", y: "y"})']);
      await write(engine, { nodes: [node("a", [], { w: null, x: null, y: null })] });
      assert.deepEqual(await exportOf(engine), ["(a {})"]);
    },
  },
  {
    behaviour: "a list is replaced whole",
    async check(engine) {
      await write(engine, { nodes: [node("a", [], { x: [1n, 2n, 3n] })] });
      await write(engine, { nodes: [node("a", [], { x: [4n] })] });
      assert.deepEqual(await exportOf(engine), ["(a {x: [4]})"]);
    },
  },
  {
    behaviour: "a key twice in a batch is one node: later adds to earlier, and counts once",
    async check(engine) {
      const nodes = [
        node("a", ["A"], { x: 1n, y: 1n, z: 1n }),
        node("b", ["A"], { x: 1n }),
        node("a", ["B"], { x: 2n, y: null }),
        node("a", ["A"], { y: 3n, z: null }),
      ];
      assert.deepEqual((await write(engine, { nodes })).nodes, COUNTED(2, 0));
      assert.deepEqual(await exportOf(engine), ["(a:A:B {x: 2, y: 3})", "(b:A {x: 1})"]);
      assert.deepEqual((await write(engine, { nodes })).nodes, COUNTED(0, 2));
      assert.deepEqual(await exportOf(engine), ["(a:A:B {x: 2, y: 3})", "(b:A {x: 1})"]);
    },
  },
  {
    behaviour: "one key with other labels is the same node, never a second one",
    async check(engine) {
      await write(engine, { nodes: [node("a", ["A"], { x: 1n })] });
      await write(engine, { nodes: [node("a", ["B"], { y: 2n }), node("a")] });
      assert.deepEqual(await exportOf(engine), ["(a:A:B {x: 1, y: 2})"]);
      assert.deepEqual(await rowsOf(engine, "MATCH (n) RETURN count(n) AS c"), ["1"]);
    },
  },
  {
    behaviour: "keys that differ in case or by a letter are different nodes",
    async check(engine) {
      const keys = ["a", "A", "a_", "a-", "a:b", "_", "a".repeat(64)];
      await write(engine, { nodes: keys.map((key) => node(key)) });
      const counts = await write(engine, { nodes: keys.map((key) => node(key)) });
      assert.deepEqual(counts.nodes, COUNTED(0, keys.length));
      assert.deepEqual(await exportOf(engine), keys.map((key) => `(${key} {})`).sort());
    },
  },
  {
    behaviour: "names that the language has words for are names like others",
    async check(engine) {
      const words = [
        "MATCH",
        "__proto__",
        "delete",
        "null",
        "true",
        "count",
        "constructor",
        "toString",
        "id",
      ];
      const properties = Object.fromEntries(words.map((word) => [word, word]));
      const nodes = [node("a", words, properties)];
      const relationships = words.map((word) => relationship("a", word, "a", properties));
      await write(engine, { nodes, relationships });
      const [first, ...others] = await exportOf(engine);
      assert.ok(first?.startsWith(`(a${[...words].sort().map((word) => `:${word}`).join("")} {`));
      assert.equal(others.length, words.length);
      for (const word of words) {
        assert.deepEqual(
          await rowsOf(engine, `MATCH (n:\`${word}\`) RETURN n.\`${word}\` AS x`),
          [JSON.stringify(word)],
        );
      }
    },
  },
];

const RELATIONSHIP_CASES: readonly UpsertCase[] = [
  {
    behaviour: "relationships are one for each start, type and end",
    async check(engine) {
      const nodes = [node("a"), node("b")];
      const relationships = [
        relationship("a", "T", "b", { x: 1n, y: 1n }),
        relationship("a", "T", "b", { x: 2n, y: null }),
        relationship("a", "U", "b"),
        relationship("b", "T", "a", { x: 3n }),
      ];
      const counts = await write(engine, { nodes, relationships });
      assert.deepEqual(counts, { nodes: COUNTED(2, 0), relationships: COUNTED(3, 0) });
      const again = await write(engine, { relationships: relationships.slice(1) });
      assert.deepEqual(again, { nodes: COUNTED(0, 0), relationships: COUNTED(0, 3) });
      assert.deepEqual((await exportOf(engine)).slice(2), [
        "[a T b {x: 2}]",
        "[a U b {}]",
        "[b T a {x: 3}]",
      ]);
    },
  },
  {
    behaviour: "a relationship's properties are merged, and a null takes one away",
    async check(engine) {
      const nodes = [node("a"), node("b")];
      await write(engine, {
        nodes,
        relationships: [relationship("a", "T", "b", { x: 1n, y: 1n })],
      });
      await write(engine, { relationships: [relationship("a", "T", "b", { x: null, z: [true] })] });
      assert.deepEqual((await exportOf(engine)).slice(2), ["[a T b {y: 1, z: [true]}]"]);
    },
  },
  {
    behaviour: "a node may be related to itself",
    async check(engine) {
      const relationships = [relationship("a", "T", "a", { x: 1n }), relationship("a", "T", "a")];
      const counts = await write(engine, { nodes: [node("a")], relationships });
      assert.deepEqual(counts.relationships, COUNTED(1, 0));
      assert.deepEqual(await exportOf(engine), ["(a {})", "[a T a {x: 1}]"]);
      assert.deepEqual(await rowsOf(engine, "MATCH (a)-[r]->(b) RETURN a.key AS a, b.key AS b"), [
        '"a", "a"',
      ]);
    },
  },
  {
    behaviour: "ends may be in the batch or in the graph",
    async check(engine) {
      await write(engine, { nodes: [node("old")] });
      const relationships = [relationship("new", "T", "old"), relationship("old", "T", "new")];
      const counts = await write(engine, { nodes: [node("new")], relationships });
      assert.deepEqual(counts, { nodes: COUNTED(1, 0), relationships: COUNTED(2, 0) });
    },
  },
  {
    behaviour: "missing ends are named, each once, and nothing of the batch is written",
    async check(engine) {
      await write(engine, { nodes: [node("a", ["A"], { x: 1n })] });
      const before = await exportOf(engine);
      const batch = {
        nodes: [node("a", ["B"], { x: 2n }), node("b")],
        relationships: [
          relationship("a", "T", "b"),
          relationship("a", "T", "gone"),
          relationship("lost", "T", "gone"),
          relationship("lost", "U", "lost"),
        ],
      };
      const failure = await failureOf(write(engine, batch));
      assert.ok(failure.code === "missing_endpoints", failure.code);
      assert.deepEqual([...failure.keys].sort(), ["gone", "lost"]);
      assert.deepEqual(await exportOf(engine), before);
      const mended = { ...batch, nodes: [...batch.nodes, node("gone"), node("lost")] };
      assert.deepEqual((await write(engine, mended)).relationships, COUNTED(4, 0));
    },
  },
  {
    behaviour: "a caller who has left writes nothing",
    async check(engine) {
      const upsert = engine.writer.upsert(
        { nodes: [node("a")], relationships: [] },
        AbortSignal.abort(),
      );
      assert.equal((await failureOf(upsert)).code, "cancelled");
      assert.deepEqual(await exportOf(engine), []);
    },
  },
  {
    behaviour: "the caller's objects are not kept",
    async check(engine) {
      const list = [1n];
      const properties = { x: list };
      await engine.writer.upsert(
        { nodes: [node("a", [], properties)], relationships: [] },
        STAYING,
      );
      list.push(2n);
      assert.deepEqual(await exportOf(engine), ["(a {x: [1]})"]);
    },
  },
];

/** What writing does: S9 to the letter. */
export function graphUpsertContract(name: string, place: () => Promise<GraphPlace>): void {
  for (const { behaviour, check } of [...NODE_CASES, ...RELATIONSHIP_CASES]) {
    Deno.test(`${name}: upsert(): ${behaviour} [S9, B3]`, async () => {
      await using kept = await place();
      await using engine = await kept.open();
      await check(engine);
    });
  }
  Deno.test(`${name}: upsert() of thousands, of many shapes, is exact [S9, B3]`, async () => {
    await using kept = await place();
    await using engine = await kept.open();
    await writesMany(engine);
  });
}

/** More than a statement of an engine may hold, in an order that grouping by shape would disturb. */
async function writesMany(engine: GraphEngine): Promise<void> {
  const count = 6_000;
  const nodes = Array.from({ length: count }, (_, at) => {
    const labels = at % 3 === 0 ? ["Third"] : at % 2 === 0 ? ["Even", "Second"] : [];
    return node(`n${at}`, labels, { at: BigInt(at) });
  });
  const relationships = Array.from({ length: count }, (_, at) => {
    return relationship(`n${at}`, at % 2 === 0 ? "NEXT" : "AFTER", `n${(at + 1) % count}`, {
      at: BigInt(at),
    });
  });
  const batch = { nodes: [...nodes, node("n0", ["Last"], { at: -1n })], relationships };
  const made = await write(engine, batch);
  assert.deepEqual(made, { nodes: COUNTED(count, 0), relationships: COUNTED(count, 0) });
  const found = await write(engine, batch);
  assert.deepEqual(found, { nodes: COUNTED(0, count), relationships: COUNTED(0, count) });
  const lines = new Set(await exportOf(engine));
  assert.equal(lines.size, 2 * count);
  for (const line of ["(n0:Last:Third {at: -1})", "(n2:Even:Second {at: 2})", "(n5 {at: 5})"]) {
    assert.ok(lines.has(line), line);
  }
  assert.ok(lines.has("[n5999 AFTER n0 {at: 5999}]"));
}
