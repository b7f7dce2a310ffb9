import assert from "node:assert/strict";
import type { GraphEngine } from "../../domain/ports/graph_engine.ts";
import { ask, failureOf, rowsOf, shown } from "../fixtures/graph.ts";
import { writeChain } from "./graph_answers.ts";
import { type GraphFeatures, type GraphPlace, standing, testedIn } from "./graph_features.ts";

const [A, B, T] = ["(a:A:B {x: 1})", "(b:B {x: 2})", "[a T b {x: 1}]"] as const;

/**
 * Aggregates of the chain without a name by `AS`: nodes, relationships and paths are themselves in them and
 * beside them. Neither is there a column more.
 */
const UNNAMED: readonly [statement: string, columns: readonly string[], rows: readonly string[]][] =
  [
    ["MATCH (n:A) RETURN n, count(*)", ["n", "count(*)"], [`${A}, 1`]],
    ["MATCH (n:B) RETURN DISTINCT n, count(*)", ["n", "count(*)"], [`${A}, 1`, `${B}, 1`]],
    ["MATCH (n:B) RETURN *, count(*)", ["n", "count(*)"], [`${A}, 1`, `${B}, 1`]],
    ["MATCH (n:A) RETURN collect(n)", ["collect(n)"], [`[${A}]`]],
    ["MATCH (n:A) RETURN n, max(n.x)", ["n", "max(n.x)"], [`${A}, 1`]],
    ["MATCH (n:A)-[r]->() RETURN n.key, collect(r)", ["n.key", "collect(r)"], [`"a", [${T}]`]],
    ["MATCH p = (n:A)-->() RETURN p, count(*)", ["p", "count(*)"], [`<${A}, ${T}, ${B}>, 1`]],
    ["MATCH p = (n:A)-->() RETURN collect(p)", ["collect(p)"], [`[<${A}, ${T}, ${B}>]`]],
    ["MATCH (n:A) WITH {a: n} AS m RETURN m.a, count(*)", ["m.a", "count(*)"], [`${A}, 1`]],
    ["MATCH (n:A) RETURN [n], count(*)", ["[n]", "count(*)"], [`[${A}], 1`]],
    ["MATCH (n:B) RETURN count(*)", ["count(*)"], ["2"]],
  ];

/** Those that only an engine which knows what they are of can answer; in doubt it asks for names. */
const UNNAMED_WITHIN: readonly [statement: string, rows: readonly string[]][] = [
  ["CALL { MATCH (n:A) RETURN n, count(*) } RETURN *", [`${A}, 1`]],
  ["MATCH (n:A) RETURN n, count(*) UNION MATCH (n:A) RETURN n, count(*)", [`${A}, 1`]],
];

/** Maps that look like what an engine may make of nodes, relationships and paths: statement, answer. */
const LOOKALIKES: readonly [expression: string, text: string][] = [
  ["{_id: 0, _source: 0, _target: 1, _type: 'T'}", '{_id: 0, _source: 0, _target: 1, _type: "T"}'],
  ["{_id: 0, _labels: ['A']}", '{_id: 0, _labels: ["A"]}'],
  ["[{_id: 'x', _labels: [1, {a: 2}]}]", '[{_id: "x", _labels: [1, {a: 2}]}]'],
  ["{_id: 0.5, _labels: []}", "{_id: 0.5, _labels: []}"],
  ["{_id: 7, _labels: [], x: 1}", "{_id: 7, _labels: [], x: 1}"],
  [
    "{_id: 0, _source: 'a', _target: 1, _type: null}",
    '{_id: 0, _source: "a", _target: 1, _type: null}',
  ],
  ["[{nodes: [1], edges: []}, 1]", "[{edges: [], nodes: [1]}, 1]"],
];

/** What is told for nodes, relationships and paths, however they are come by, and for what looks like them. */
export function graphEntitiesContract(
  name: string,
  place: () => Promise<GraphPlace>,
  features: GraphFeatures,
): void {
  const tested = testedIn(place);

  const unnamed = `aggregates without a name are what they say${standing(features.cypher)}`;
  Deno.test(`${name}: query(): ${unnamed} [S10, B3]`, () => {
    return tested((engine) => aggregatesUnnamed(engine, features.cypher));
  });

  const lookalikes = `maps stay maps, whatever their keys${standing(features.cypher)}`;
  Deno.test(`${name}: query(): ${lookalikes} [S10, B3]`, () => {
    return tested((engine) => keepsMaps(engine, features.cypher));
  });

  Deno.test(`${name}: query(): an answer of hundreds of levels is refused [S10, B3]`, () => {
    return tested(refusesDepth);
  });
}

async function aggregatesUnnamed(
  engine: GraphEngine,
  feature: GraphFeatures["cypher"],
): Promise<void> {
  await writeChain(engine);
  for (const [statement, columns, rows] of UNNAMED) {
    const asked = ask(engine, statement);
    const failed = await asked.then(() => null, () => failureOf(asked));
    if (failed !== null && feature !== true) {
      assert.equal(failed.code, feature.instead, statement);
      continue;
    }
    const answer = await asked;
    assert.deepEqual(answer.columns, columns, statement);
    const found = answer.rows.map((row) => row.map(shown).join(", ")).sort();
    assert.deepEqual(found, rows, statement);
  }
  for (const [statement, rows] of UNNAMED_WITHIN) {
    const asked = rowsOf(engine, statement);
    const found = await asked.catch(() => failureOf(asked));
    if (Array.isArray(found)) assert.deepEqual(found, rows, statement);
    else assert.equal(found.code, "query_invalid", statement);
  }
}

async function keepsMaps(engine: GraphEngine, feature: GraphFeatures["cypher"]): Promise<void> {
  await writeChain(engine);
  for (const [expression, text] of LOOKALIKES) {
    const asked = rowsOf(engine, `MATCH (n:A) RETURN ${expression} AS m, n`);
    const found = await asked.catch(() => failureOf(asked));
    if (Array.isArray(found)) assert.deepEqual(found, [`${text}, ${A}`], expression);
    else assert.equal(found.code, feature === true ? "" : feature.instead, expression);
  }
  const given = await rowsOf(engine, "MATCH (n:A) RETURN n, $m AS m", {
    m: { _id: 0n, _labels: [] },
  });
  assert.deepEqual(given, [`${A}, {_id: 0, _labels: []}`]);
}

async function refusesDepth(engine: GraphEngine): Promise<void> {
  const deep = "RETURN reduce(s = [], i IN range(1, 600) | [s]) AS s";
  assert.equal((await failureOf(ask(engine, deep))).code, "query_invalid");
  assert.deepEqual(await rowsOf(engine, "RETURN [[[1]]] AS x"), ["[[[1]]]"]);
}
