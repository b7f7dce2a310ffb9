import assert from "node:assert/strict";
import fc from "fast-check";
import type { GraphBatch, GraphDeletion } from "../../domain/graph/batch.ts";
import type { GraphMetrics } from "../../domain/graph/metrics.ts";
import type { GraphEngine } from "../../domain/ports/graph_engine.ts";
import { FakeGraph } from "../fakes/graph.ts";
import { exportOf, failureOf, remove, STAYING, write } from "../fixtures/graph.ts";
import type { GraphPlace } from "./graph_features.ts";

const KEYS = ["a", "b", "c", "d"];
const SEQUENCES = 40;

const key = fc.constantFrom(...KEYS);
const type = fc.constantFrom("T", "U");
const value = fc.oneof(
  fc.constantFrom(null, true, "s", "", 0.5),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.array(fc.bigInt({ min: -9n, max: 9n }), { maxLength: 3 }),
  fc.string({ unit: "grapheme", maxLength: 5 }).filter((text) => !text.includes("\0")),
);
const properties = fc.dictionary(fc.constantFrom("x", "y", "z"), value, {
  maxKeys: 3,
  noNullPrototype: true,
});
const labels = fc.subarray(["A", "B", "C"]);
const batch: fc.Arbitrary<GraphBatch> = fc.record({
  nodes: fc.array(fc.record({ key, labels, properties }), { maxLength: 6 }),
  relationships: fc.array(fc.record({ start: key, end: key, type, properties }), { maxLength: 4 }),
});
const deletion: fc.Arbitrary<GraphDeletion> = fc.record({
  nodes: fc.array(key, { maxLength: 2 }),
  relationships: fc.array(fc.record({ start: key, end: key, type }), { maxLength: 3 }),
  detach: fc.boolean(),
});

/** One write, of either kind. */
type Write = { readonly upsert: GraphBatch } | { readonly delete: GraphDeletion };

const writes: fc.Arbitrary<Write[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: batch.map((upsert) => ({ upsert })) },
    { weight: 1, arbitrary: deletion.map((deletion) => ({ delete: deletion })) },
  ),
  { minLength: 1, maxLength: 8 },
);

/** Random writes do to an engine exactly what they do to the map-backed one. */
export function graphModelContract(name: string, place: () => Promise<GraphPlace>): void {
  Deno.test(`${name}: random batches do what they do to plain maps [S9, B3, B4]`, async () => {
    await using kept = await place();
    await using engine = await kept.open();
    const property = fc.asyncProperty(writes, (sequence) => behavesLikeMaps(engine, sequence));
    await fc.assert(property, { numRuns: SEQUENCES });
  });
}

async function behavesLikeMaps(engine: GraphEngine, sequence: readonly Write[]): Promise<void> {
  await remove(engine, { nodes: KEYS, detach: true });
  await using model = new FakeGraph();
  for (const write of sequence) {
    assert.deepEqual(await outcomeOf(engine, write), await outcomeOf(model, write));
    assert.deepEqual(await exportOf(engine), await exportOf(model));
  }
  assert.deepEqual(await metricsOf(engine), await metricsOf(model));
  await copyBack(engine, model);
}

/** What a write answers: its counts, and for an upsert how much there is after it. */
async function outcomeOf(engine: GraphEngine, act: Write): Promise<unknown> {
  const done = "upsert" in act ? upserted(engine, act.upsert) : remove(engine, act.delete);
  try {
    return await done;
  } catch {
    const failure = await failureOf(done);
    const keys = failure.code === "missing_endpoints" ? [...failure.keys].sort() : [];
    return { code: failure.code, keys };
  }
}

async function upserted(engine: GraphEngine, batch: GraphBatch): Promise<unknown> {
  const { counts, metrics } = await engine.writer.upsert(batch, STAYING);
  return { counts, metrics: plain(metrics) };
}

async function metricsOf(engine: GraphEngine): Promise<unknown> {
  return plain(await engine.reader.metrics(STAYING));
}

function plain({ labels, relationshipTypes, ...counts }: GraphMetrics): unknown {
  return { ...counts, labels: { ...labels }, relationshipTypes: { ...relationshipTypes } };
}

/** What one engine exports, the other takes and exports again. */
async function copyBack(engine: GraphEngine, model: GraphEngine): Promise<void> {
  await using copy = new FakeGraph();
  for await (const entry of engine.reader.entries(STAYING)) {
    if (entry.kind === "node") await write(copy, { nodes: [entry] });
    else await write(copy, { relationships: [entry] });
  }
  assert.deepEqual(await exportOf(copy), await exportOf(model));
}
