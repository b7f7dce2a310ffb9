import assert from "node:assert/strict";
import { ask, failureOf, node, write } from "../../tests/fixtures/graph.ts";
import { trialGraph } from "./engine_fixture.ts";

Deno.test("openEmbeddedGraph(): what is too large an answer is refused, in words [S10, B3]", async () => {
  await using trial = await trialGraph();
  const { graph } = trial;
  const text = "x".repeat(1_000_000);
  const nodes = Array.from({ length: 9 }, (_, at) => node(`n${at}`, [], { text }));
  await write(graph, { nodes });
  const name = "c".repeat(60_000);
  for (
    const statement of [
      "MATCH (n) RETURN n.text AS text",
      "MATCH (n) RETURN collect(n) AS all",
      "UNWIND range(1, 1000) AS x RETURN range(1, 1000) AS list",
      `UNWIND range(1, 1000) AS x RETURN x AS ${name}`,
    ]
  ) {
    const failure = await failureOf(ask(graph, statement));
    assert.ok(failure.code === "query_invalid", failure.code);
    assert.match(failure.message, /^expected an answer of at most \d+ (bytes|values)/);
  }
  const { rows } = await ask(graph, "MATCH (n) RETURN n.text AS text", {}, { limit: 7 });
  assert.deepEqual(rows.map(([value]) => value === text), Array(7).fill(true));
});
