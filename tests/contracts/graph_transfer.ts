import assert from "node:assert/strict";
import type { GraphEntry } from "../../domain/graph/batch.ts";
import type { GraphEngine } from "../../domain/ports/graph_engine.ts";
import {
  exportOf,
  failureOf,
  node,
  relationship,
  remove,
  rowsOf,
  STAYING,
  write,
} from "../fixtures/graph.ts";
import { type GraphFeatures, type GraphPlace, standing } from "./graph_features.ts";

interface DeletionCase {
  readonly behaviour: string;
  check(engine: GraphEngine): Promise<void>;
}

/** a -T-> b, a -U-> b, b -T-> a, b -SELF-> b, and c alone. */
async function writeFive(engine: GraphEngine): Promise<readonly string[]> {
  await write(engine, {
    nodes: [node("a", ["A"], { x: 1n }), node("b"), node("c")],
    relationships: [
      relationship("a", "T", "b", { x: 1n }),
      relationship("a", "U", "b"),
      relationship("b", "T", "a"),
      relationship("b", "SELF", "b"),
    ],
  });
  return await exportOf(engine);
}

const CASES: readonly DeletionCase[] = [
  {
    behaviour: "takes what is named, passes over what is not there, and counts each once",
    async check(engine) {
      await writeFive(engine);
      const named = { start: "a", type: "T", end: "b" };
      const counts = await remove(engine, {
        nodes: ["c", "c", "nobody"],
        relationships: [named, named, { ...named, type: "NONE" }, { ...named, start: "nobody" }],
      });
      assert.deepEqual(counts, { nodes: 1, relationships: 1 });
      assert.deepEqual(await exportOf(engine), [
        "(a:A {x: 1})",
        "(b {})",
        "[a U b {}]",
        "[b SELF b {}]",
        "[b T a {}]",
      ]);
      assert.deepEqual(await remove(engine, { nodes: ["c"], relationships: [named] }), {
        nodes: 0,
        relationships: 0,
      });
    },
  },
  {
    behaviour: "without detach fails whole where a node has relationships",
    async check(engine) {
      const before = await writeFive(engine);
      for (const nodes of [["c", "a"], ["b"], ["a", "b", "c"]]) {
        const relationships = [{ start: "a", type: "U", end: "b" }];
        const failure = await failureOf(remove(engine, { nodes, relationships }));
        assert.equal(failure.code, "graph_conflict");
        assert.deepEqual(await exportOf(engine), before);
      }
    },
  },
  {
    behaviour: "takes named relationships before nodes",
    async check(engine) {
      await writeFive(engine);
      const relationships = [
        { start: "a", type: "T", end: "b" },
        { start: "a", type: "U", end: "b" },
        { start: "b", type: "T", end: "a" },
      ];
      const counts = await remove(engine, { nodes: ["a"], relationships });
      assert.deepEqual(counts, { nodes: 1, relationships: 3 });
      assert.deepEqual(await exportOf(engine), ["(b {})", "(c {})", "[b SELF b {}]"]);
    },
  },
  {
    behaviour: "with detach takes a node's relationships along, and counts each once",
    async check(engine) {
      await writeFive(engine);
      const relationships = [{ start: "a", type: "U", end: "b" }];
      const counts = await remove(engine, { nodes: ["a", "b"], relationships, detach: true });
      assert.deepEqual(counts, { nodes: 2, relationships: 4 });
      assert.deepEqual(await exportOf(engine), ["(c {})"]);
      assert.deepEqual(await rowsOf(engine, "MATCH (n) RETURN count(n) AS c"), ["1"]);
    },
  },
  {
    behaviour: "leaves no trace: a node of the same key is new",
    async check(engine) {
      await writeFive(engine);
      await remove(engine, { nodes: ["a"], detach: true });
      const counts = await write(engine, {
        nodes: [node("a")],
        relationships: [relationship("a", "T", "b")],
      });
      assert.deepEqual(counts, {
        nodes: { created: 1, updated: 0 },
        relationships: { created: 1, updated: 0 },
      });
      const lines = await exportOf(engine);
      assert.ok(lines.includes("(a {})") && lines.includes("[a T b {}]"), lines.join("\n"));
    },
  },
  {
    behaviour: "of nothing deletes nothing, nor does that of a caller who has left",
    async check(engine) {
      const before = await writeFive(engine);
      assert.deepEqual(await remove(engine, {}), { nodes: 0, relationships: 0 });
      const deletion = { nodes: ["c"], relationships: [], detach: true };
      const left = engine.writer.delete(deletion, AbortSignal.abort());
      assert.equal((await failureOf(left)).code, "cancelled");
      assert.deepEqual(await exportOf(engine), before);
    },
  },
];

/** What deleting, exporting and closing do. */
export function graphTransferContract(
  name: string,
  place: () => Promise<GraphPlace>,
  features: GraphFeatures,
): void {
  for (const { behaviour, check } of CASES) {
    Deno.test(`${name}: delete() ${behaviour} [B4, B3]`, async () => {
      await using kept = await place();
      await using engine = await kept.open();
      await check(engine);
    });
  }

  Deno.test(`${name}: entries() written into an empty graph make the same graph [B4, B3]`, async () => {
    await copies(place);
  });

  Deno.test(`${name}: entries() may be left early, and ends for a caller who leaves [B4]`, async () => {
    await using kept = await place();
    await using engine = await kept.open();
    await leaves(engine);
  });

  const outlives = `the graph outlives the engine${standing(features.durable)}`;
  Deno.test(`${name}: ${outlives} [S9, B3]`, () => reopens(place, features.durable === true));

  Deno.test(`${name}: a closed engine is unavailable, and closing twice is once [B3]`, async () => {
    await using kept = await place();
    await closes(await kept.open());
  });
}

/**
 * 1,500 entries, of every kind of value, so that an export of pages has several. One place after the other:
 * there are engines that have one only.
 */
async function copies(place: () => Promise<GraphPlace>): Promise<void> {
  const [entries, lines] = await exportsMany(place);
  const kinds = entries.map(({ kind }) => kind);
  assert.equal(kinds.lastIndexOf("node"), 999);
  assert.equal(kinds.indexOf("relationship"), 1_000);
  const nodes = entries.filter((entry) => entry.kind === "node");
  const relationships = entries.filter((entry) => entry.kind === "relationship");
  await using kept = await place();
  await using target = await kept.open();
  assert.deepEqual(await exportOf(target), []);
  const created = await write(target, { nodes, relationships });
  assert.deepEqual(created.relationships, { created: 500, updated: 0 });
  assert.deepEqual(await exportOf(target), lines);
  const again = await write(target, { nodes, relationships });
  assert.deepEqual(again.nodes, { created: 0, updated: 1_000 });
  assert.deepEqual(await exportOf(target), lines);
}

/** The entries as they are exported, and as lines. */
async function exportsMany(
  place: () => Promise<GraphPlace>,
): Promise<[entries: readonly GraphEntry[], lines: readonly string[]]> {
  await using kept = await place();
  await using source = await kept.open();
  const odd = { s: "\"'`\\{}\n😀", i: -(2n ** 63n), f: 0.1, b: false, l: ["", "a"], e: [] };
  const many = Array.from({ length: 1_000 }, (_, at) => node(`k${at}`, [`L${at % 3}`], odd));
  const ring = Array.from({ length: 500 }, (_, at) => {
    return relationship(`k${at}`, `T${at % 2}`, `k${(at + 1) % 500}`, odd);
  });
  await write(source, { nodes: many, relationships: ring });
  const entries = await Array.fromAsync(source.reader.entries(STAYING));
  return [entries, await exportOf(source)];
}

async function leaves(engine: GraphEngine): Promise<void> {
  await writeFive(engine);
  for await (const entry of engine.reader.entries(STAYING)) {
    assert.equal(entry.kind, "node");
    break;
  }
  const aborted = (async () => {
    for await (const _ of engine.reader.entries(AbortSignal.abort()));
  })();
  assert.equal((await failureOf(aborted)).code, "cancelled");
  assert.equal((await exportOf(engine)).length, 7);
}

async function reopens(place: () => Promise<GraphPlace>, durable: boolean): Promise<void> {
  await using kept = await place();
  let before: readonly string[] = [];
  let generation = "";
  {
    await using engine = await kept.open();
    before = await writeFive(engine);
    generation = await engine.reader.generation(STAYING);
  }
  await using engine = await kept.open();
  assert.deepEqual(await exportOf(engine), durable ? before : []);
  if (!durable) return;
  assert.equal(await engine.reader.generation(STAYING), generation);
  const counts = await write(engine, { nodes: [node("a"), node("new")] });
  assert.deepEqual(counts.nodes, { created: 1, updated: 1 });
  assert.notEqual(await engine.reader.generation(STAYING), generation);
}

async function closes(engine: GraphEngine): Promise<void> {
  await engine.ping(STAYING);
  const pending = write(engine, { nodes: [node("a")] });
  await engine[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
  assert.deepEqual((await pending).nodes, { created: 1, updated: 0 });
  const calls = [
    engine.ping(STAYING),
    write(engine, { nodes: [node("b")] }),
    remove(engine, { nodes: ["a"] }),
    rowsOf(engine, "RETURN 1 AS x"),
    engine.reader.metrics(STAYING),
    engine.reader.generation(STAYING),
    exportOf(engine),
  ];
  const codes = await Promise.all(calls.map(async (call) => (await failureOf(call)).code));
  assert.deepEqual(codes, calls.map(() => "dependency_unavailable"));
}
