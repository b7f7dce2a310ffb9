import assert from "node:assert/strict";
import type { GraphQuery } from "../../domain/graph/query.ts";
import type { GraphEngine } from "../../domain/ports/graph_engine.ts";
import { eventually } from "../../tests/fixtures/eventually.ts";
import {
  ask,
  failureOf,
  node,
  relationship,
  rowsOf,
  STAYING,
  write,
} from "../../tests/fixtures/graph.ts";
import { trialGraph } from "./engine_fixture.ts";

const RUNAWAY = "MATCH (a), (b), (c), (d), (e), (f) RETURN count(*) AS c";
/** Takes some seconds beside others. */
const SLOW = "MATCH (a), (b), (c), (d) WHERE a.key < b.key RETURN count(*) AS c";

const SIXTY = { nodes: Array.from({ length: 60 }, (_, at) => node(`n${at}`)) };

function large(mark: string) {
  const keys = Array.from({ length: 5_000 }, (_, at) => `${mark}${at}`);
  return {
    nodes: keys.map((key) => node(key, ["M"], { key2: key })),
    relationships: keys.map((key, at) => relationship(key, "T", keys[at - 1] ?? key)),
  };
}

function runAway(
  graph: GraphEngine,
  bounds: Partial<GraphQuery>,
  signal = STAYING,
): Promise<unknown> {
  const query = { statement: RUNAWAY, parameters: {}, limit: 1, timeoutSeconds: 30, ...bounds };
  return failureOf(graph.reader.query(query, signal));
}

/** Lets statements run away one after another, three at once, until it is told to stop. */
function storm(graph: GraphEngine): { stop(): Promise<void> } {
  const going = { on: true };
  const lanes = Array.from({ length: 3 }, async () => {
    while (going.on) await runAway(graph, { timeoutSeconds: 0.1, caller: "mallory" });
  });
  return {
    async stop() {
      going.on = false;
      await Promise.all(lanes);
    },
  };
}

Deno.test("openEmbeddedGraph(): writes go through, one after another, while reads run away without end [S9, S10, B3]", async () => {
  await using trial = await trialGraph();
  const { graph } = trial;
  await write(graph, SIXTY);
  const reads = storm(graph);
  try {
    for (const mark of ["x", "y", "z"]) {
      const { nodes, relationships } = await write(graph, large(mark));
      assert.equal(nodes.created + nodes.updated, 5_000);
      assert.equal(relationships.created + relationships.updated, 5_000);
    }
  } finally {
    await reads.stop();
  }
  assert.ok(trial.lines.some(({ event }) => event === "graph_child_lost"), "none was ended");
});

Deno.test("openEmbeddedGraph(): a read of seconds ends though others' reads run away without end [S10, B3]", async () => {
  await using trial = await trialGraph();
  const { graph } = trial;
  await write(graph, SIXTY);
  const reads = storm(graph);
  try {
    assert.equal((await rowsOf(graph, SLOW)).length, 1);
  } finally {
    await reads.stop();
  }
});

Deno.test("openEmbeddedGraph(): one caller's runaways leave room for another's reads [S10, B3]", async () => {
  await using trial = await trialGraph();
  const { graph } = trial;
  await write(graph, SIXTY);
  const leaving = new AbortController();
  const away = Array.from({ length: 6 }, () => {
    return runAway(graph, { caller: "mallory" }, leaving.signal);
  });
  const query = { statement: "RETURN 1 AS x", parameters: {}, limit: 1, timeoutSeconds: 20 };
  const { rows } = await graph.reader.query({ ...query, caller: "ada" }, STAYING);
  assert.deepEqual(rows, [[1n]]);
  leaving.abort();
  await Promise.all(away);
});

Deno.test("openEmbeddedGraph(): reads whose callers have left give their places back soon [S10, B3]", async () => {
  await using trial = await trialGraph();
  const { graph } = trial;
  await write(graph, SIXTY);
  const first = graph.pid;
  const leaving = new AbortController();
  const away = Array.from({ length: 4 }, () => runAway(graph, {}, leaving.signal));
  await graph.ping(STAYING);
  leaving.abort();
  await Promise.all(away);
  const { rows } = await ask(graph, "RETURN 1 AS x", {}, { timeoutSeconds: 20 });
  assert.deepEqual(rows, [[1n]]);
  assert.notEqual(graph.pid, first);
});

Deno.test("openEmbeddedGraph(): an engine that is ended is replaced before anything is asked [B3]", async () => {
  await using trial = await trialGraph();
  const { graph } = trial;
  await write(graph, SIXTY);
  const first = graph.pid;
  await runAway(graph, { timeoutSeconds: 0.2 });
  const next = await eventually("an engine", () => graph.pid === first ? null : graph.pid);
  assert.notEqual(next, first);
});
