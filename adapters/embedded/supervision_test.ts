import assert from "node:assert/strict";
import { isFailure } from "../../domain/errors.ts";
import { eventually } from "../../tests/fixtures/eventually.ts";
import { ask, failureOf, node, rowsOf, STAYING, write } from "../../tests/fixtures/graph.ts";
import { killDuringWrites, startGraphProgram } from "../../tests/fixtures/graph_kills.ts";
import { killProcess } from "../../tests/fixtures/kill.ts";
import { listProcesses } from "../../tests/fixtures/processes.ts";
import { trialGraph, trialPlace } from "./engine_fixture.ts";

/** Takes half a second and more, with few rows to show for it, whatever else is written. */
const SLOW = "MATCH (a:S), (b:S), (c:S), (d:S) WHERE a.key < b.key RETURN count(*) AS c";
const RUNAWAY = "MATCH (a), (b), (c), (d), (e), (f) RETURN count(*) AS c";
/** Builds a list that no machine holds. */
const HOG = "MATCH (a), (b), (c), (d), (e) RETURN collect(a.key + b.key + c.key) AS c";

function sixty(): { nodes: ReturnType<typeof node>[] } {
  return { nodes: Array.from({ length: 60 }, (_, at) => node(`n${at}`, ["S"])) };
}

Deno.test("openEmbeddedGraph(): what was in hand when the engine is killed is done again [S9, S10, B3]", async () => {
  await using trial = await trialGraph();
  const { graph } = trial;
  await write(graph, sixty());
  const first = graph.pid ?? assert.fail("no engine");
  const slow = [rowsOf(graph, SLOW), rowsOf(graph, SLOW)];
  const many = Array.from({ length: 9_000 }, (_, at) => node(`m${at}`, ["M"], { at: BigInt(at) }));
  const written = write(graph, { nodes: many });
  await killProcess(first);
  assert.equal(new Set(await Promise.all(slow)).size, 2);
  const { nodes: { created, updated } } = await written;
  assert.equal(created + updated, 9_000);
  assert.deepEqual(await rowsOf(graph, "MATCH (m:M) RETURN count(m) AS c"), ["9000"]);
  assert.notEqual(graph.pid, first);
  assert.ok(trial.lines.some(({ event }) => event === "graph_child_lost"));
});

Deno.test("openEmbeddedGraph(): who waits beside a query that runs away gets an answer [S10, B3]", async () => {
  await using trial = await trialGraph();
  const { graph } = trial;
  await write(graph, sixty());
  const first = graph.pid;
  const away = failureOf(ask(graph, RUNAWAY, {}, { timeoutSeconds: 0.5 }));
  const beside = rowsOf(graph, SLOW);
  assert.deepEqual(await away, { code: "query_timeout", timeoutSeconds: 0.5 });
  assert.equal((await beside).length, 1);
  assert.deepEqual(await rowsOf(graph, "MATCH (n) RETURN count(n) AS c"), ["60"]);
  assert.notEqual(graph.pid, first);
});

Deno.test("openEmbeddedGraph(): a query that takes all memory is ended, and the next works [S10, B3]", async () => {
  await using trial = await trialGraph({ memoryMegabytes: 300 });
  const { graph } = trial;
  await write(graph, sixty());
  const failure = await failureOf(ask(graph, HOG, {}, { timeoutSeconds: 30 }));
  assert.ok(failure.code === "query_invalid", failure.code);
  assert.match(failure.message, /memory/);
  assert.deepEqual(await rowsOf(graph, "MATCH (n) RETURN count(n) AS c"), ["60"]);
  const lost = trial.lines.filter(({ event }) => event === "graph_child_lost");
  assert.deepEqual(lost.map(({ fields }) => fields["reason"]), ["memory"]);
});

Deno.test("openEmbeddedGraph(): a query that loses the engine twice is taken for the cause [S10, B3]", async () => {
  await using trial = await trialGraph();
  const { graph } = trial;
  await write(graph, sixty());
  const asked = failureOf(ask(graph, RUNAWAY, {}, { timeoutSeconds: 30 }));
  let seen = 0;
  for (let kills = 0; kills < 2; kills += 1) {
    seen = await eventually("an engine", () => graph.pid === seen ? null : graph.pid);
    await graph.ping(STAYING);
    await killProcess(seen);
  }
  const failure = await asked;
  assert.ok(failure.code === "query_invalid", failure.code);
  assert.deepEqual(await rowsOf(graph, "MATCH (n) RETURN count(n) AS c"), ["60"]);
});

Deno.test("openEmbeddedGraph(): the engine ends with its parent, whatever it is at work on [B3]", async () => {
  await using place = await trialPlace();
  await using program = startGraphProgram("run_away.ts", place.folder);
  const pid = Number(await program.line());
  const there = async () => (await listProcesses()).some((one) => one.pid === pid && !one.dead);
  assert.ok(await there());
  await program.kill();
  await eventually("the engine's end", async () => await there() ? null : true);
});

Deno.test("openEmbeddedGraph(): kills during writes lose nothing and halve nothing [S9, B3]", () =>
  killDuringWrites(5));

Deno.test("openEmbeddedGraph(): without its engine every call says why, and soon [B3]", async () => {
  const environment = { DENO_DIR: "/nonexistent", HOME: "/nonexistent" };
  await using trial = await trialGraph({ environment });
  assert.equal(trial.graph.pid, null);
  const failure = await failureOf(ask(trial.graph, "RETURN 1 AS x"));
  assert.ok(failure.code === "dependency_unavailable", failure.code);
  assert.equal(failure.dependency, "graph");
  assert.match(failure.reason, /ended \(exit code 1\): error: /);
  assert.ok(failure.retryAfterSeconds >= 1);
  await assert.rejects(trial.graph.ping(STAYING), (e) => isFailure(e, "dependency_unavailable"));
  assert.equal(trial.lines[0]?.event, "graph_child_said");
  assert.ok(trial.lines.some(({ event }) => event === "graph_child_not_started"));
});

Deno.test("openEmbeddedGraph(): a program that is not there is said to be missing [B3]", async () => {
  await using trial = await trialGraph({ deno: "/nonexistent/deno" });
  const failure = await failureOf(write(trial.graph, sixty()));
  assert.ok(failure.code === "dependency_unavailable", failure.code);
  assert.match(failure.reason, /its process cannot be started/);
});

Deno.test("openEmbeddedGraph(): a graph that another process holds is used once it is free [B3]", async () => {
  await using place = await trialPlace();
  const holder = await place.open();
  await using graph = await place.open();
  const refused = await failureOf(ask(graph, "RETURN 1 AS x"));
  assert.ok(refused.code === "dependency_unavailable", refused.code);
  await write(holder, sixty());
  await holder[Symbol.asyncDispose]();
  const rows = await eventually("the graph", () =>
    rowsOf(graph, "MATCH (n) RETURN 1 AS x LIMIT 1")
      .catch((error) => isFailure(error, "dependency_unavailable") ? null : Promise.reject(error)));
  assert.deepEqual(rows, ["1"]);
});

Deno.test("openEmbeddedGraph(): once closed, calls say so and a write in hand is done [S9, B3]", async () => {
  await using place = await trialPlace();
  const graph = await place.open();
  const written = write(graph, sixty());
  await graph[Symbol.asyncDispose]();
  assert.equal((await written).nodes.created, 60);
  assert.equal((await failureOf(ask(graph, "RETURN 1 AS x"))).code, "dependency_unavailable");
  await using again = await place.open();
  assert.deepEqual(await rowsOf(again, "MATCH (n) RETURN count(n) AS c"), ["60"]);
});
