import assert from "node:assert/strict";
import { ask, exportOf, failureOf, node, rowsOf, write } from "../../tests/fixtures/graph.ts";
import { trialGraph } from "./engine_fixture.ts";

Deno.test("openEmbeddedGraph(): INTEGER and FLOAT are told apart where one place has both [S10]", async () => {
  await using trial = await trialGraph();
  const { graph } = trial;
  const mixed = "UNWIND [1, 1.0, 0.5, [2, 2.0, [3.0]], {a: 4, b: [4.0]}, 'x', null] AS x RETURN x";
  assert.deepEqual(await rowsOf(graph, mixed), [
    "1",
    "1.0",
    "0.5",
    "[2, 2.0, [3.0]]",
    "{a: 4, b: [4.0]}",
    '"x"',
    "null",
  ]);
  await write(graph, { nodes: [node("a", [], { v: 1n }), node("b", [], { v: 1 })] });
  const sorted = "ORDER BY n.key";
  assert.deepEqual(await rowsOf(graph, `MATCH (n) RETURN n.v AS v ${sorted}`), ["1", "1.0"]);
  assert.deepEqual(await rowsOf(graph, `MATCH (n) RETURN n ${sorted}`), [
    "(a {v: 1})",
    "(b {v: 1.0})",
  ]);
});

Deno.test("openEmbeddedGraph(): names that the engine puts beside properties are refused [S9]", async () => {
  await using trial = await trialGraph();
  const { graph } = trial;
  for (const name of ["key", "_id", "_labels"]) {
    const failure = await failureOf(write(graph, { nodes: [node("a", [], { [name]: 1n })] }));
    assert.ok(failure.code === "validation_failed", name);
    assert.equal(failure.errors[0]?.found, `'${name}'`);
  }
  assert.deepEqual(await exportOf(graph), []);
});

Deno.test("openEmbeddedGraph(): an answer too large to send is refused, and the next works [S10]", async () => {
  await using trial = await trialGraph();
  const text = "x".repeat(1_000_000);
  const all = "UNWIND range(1, 200) AS i RETURN $text + toString(i) AS x";
  const failure = await failureOf(ask(trial.graph, all, { text }));
  assert.equal(failure.code, "query_invalid");
  assert.deepEqual(await rowsOf(trial.graph, "RETURN 1 AS x"), ["1"]);
});

Deno.test("openEmbeddedGraph(): an unnamed aggregate over nothing keeps its rows and groups [S10]", async () => {
  await using trial = await trialGraph();
  const { graph } = trial;
  assert.deepEqual(await rowsOf(graph, "MATCH (n) RETURN collect(n), max(n.x)"), ["[], null"]);
  assert.deepEqual(await rowsOf(graph, "MATCH (n) RETURN n, collect(n)"), []);
  const twice = "UNWIND [1, 1, 2] AS umcp_named RETURN umcp_named, collect(umcp_named)";
  const { columns, rows } = await ask(graph, twice);
  assert.deepEqual(columns, ["umcp_named", "collect(umcp_named)"]);
  assert.deepEqual(rows, [[1n, [1n, 1n]], [2n, [2n]]]);
  await write(graph, { nodes: [node("a"), node("b"), node("c")] });
  const ordered = "MATCH (n) // RETURN\nreturn/**/n, count(*), 'RETURN (' " +
    "ORDER BY count(*) DESC, n.key DESC SKIP 1 LIMIT 1";
  assert.deepEqual(await rowsOf(graph, ordered), ['(b {}), 1, "RETURN ("']);
});

Deno.test("openEmbeddedGraph(): an unnamed aggregate is asked for a name where it cannot be given one [S10]", async () => {
  await using trial = await trialGraph();
  const { graph } = trial;
  await write(graph, { nodes: [node("a")] });
  const unnamed = "MATCH (n) RETURN n, count(*)";
  for (const statement of [`CALL { ${unnamed} } RETURN *`, `${unnamed} UNION ${unnamed}`]) {
    const failure = await failureOf(ask(graph, statement), statement);
    assert.ok(failure.code === "query_invalid", failure.code);
    assert.match(failure.message, /name, by AS/);
    const named = statement.replaceAll("count(*)", "count(*) AS c");
    assert.deepEqual(await rowsOf(graph, named), ["(a {}), 1"]);
  }
  assert.deepEqual(await rowsOf(graph, "RETURN count(*) UNION RETURN count(*)"), ["1"]);
});

Deno.test("openEmbeddedGraph(): an answer has 64 levels at most [S10]", async () => {
  await using trial = await trialGraph();
  const nested = (more: number) => `RETURN reduce(s = [], i IN range(1, ${more}) | [s]) AS s`;
  const answer = await rowsOf(trial.graph, nested(63));
  assert.deepEqual(answer, ["[".repeat(64) + "]".repeat(64)]);
  const failure = await failureOf(ask(trial.graph, nested(64)));
  assert.ok(failure.code === "query_invalid");
  assert.match(failure.message, /at most 64 levels/);
});
