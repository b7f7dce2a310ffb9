import assert from "node:assert/strict";
import { STAYING, write } from "../../tests/fixtures/graph.ts";
import { trialGraph } from "./engine_fixture.ts";

const LENGTH = 1_000_000;
const NODES = 140;

Deno.test("openEmbeddedGraph(): a graph of long texts is exported, whatever one answer may hold [B4]", async () => {
  await using trial = await trialGraph();
  const text = "x".repeat(LENGTH);
  for (let first = 0; first < NODES; first += 10) {
    const nodes = Array.from({ length: 10 }, (_, at) => {
      return { key: `n${first + at}`, labels: ["Long"], properties: { text } };
    });
    await write(trial.graph, { nodes });
  }
  let told = 0;
  for await (const entry of trial.graph.reader.entries(STAYING)) {
    assert.ok(entry.kind === "node" && entry.key === `n${told}`);
    assert.equal(String(entry.properties.text).length, LENGTH);
    told += 1;
  }
  assert.equal(told, NODES);
});
