import assert from "node:assert/strict";
import type { GraphEngine } from "../../domain/ports/graph_engine.ts";
import {
  ask,
  exportOf,
  failureOf,
  node,
  relationship,
  rowsOf,
  shown,
  STAYING,
  write,
} from "../fixtures/graph.ts";
import { type GraphFeatures, type GraphPlace, standing } from "./graph_features.ts";

interface AnswerCase {
  readonly behaviour: string;
  check(engine: GraphEngine): Promise<void>;
}

/** (a:A:B)-[T {x: 1}]->(b:B), (b)-[U]->(c). */
export async function writeChain(engine: GraphEngine): Promise<void> {
  await write(engine, {
    nodes: [node("a", ["A", "B"], { x: 1n }), node("b", ["B"], { x: 2n }), node("c")],
    relationships: [relationship("a", "T", "b", { x: 1n }), relationship("b", "U", "c")],
  });
}

const CASES: readonly AnswerCase[] = [
  {
    behaviour: "nodes have key, labels and properties, and no key among these",
    async check(engine) {
      await writeChain(engine);
      assert.deepEqual(await rowsOf(engine, "MATCH (n) RETURN n ORDER BY n.key"), [
        "(a:A:B {x: 1})",
        "(b:B {x: 2})",
        "(c {})",
      ]);
      assert.deepEqual(await rowsOf(engine, "MATCH (n:A) RETURN n.key AS k"), ['"a"']);
      const { rows } = await ask(engine, "MATCH (n) RETURN n");
      const ids = rows.flatMap(([value]) => {
        assert.ok(typeof value === "object" && value !== null && "kind" in value);
        return value.kind === "node" ? [value.id] : [];
      });
      assert.equal(new Set(ids).size, 3);
    },
  },
  {
    behaviour: "relationships have the keys of their ends, whichever way they are met",
    async check(engine) {
      await writeChain(engine);
      const line = "[a T b {x: 1}]";
      assert.deepEqual(await rowsOf(engine, "MATCH (m)-[r:T]->(n) RETURN r"), [line]);
      assert.deepEqual(await rowsOf(engine, "MATCH (m)<-[r:T]-(n) RETURN r"), [line]);
      assert.deepEqual(await rowsOf(engine, "MATCH ()-[r:T]-() RETURN r"), [line, line]);
      assert.deepEqual(await rowsOf(engine, "MATCH ()-[r:U]->() RETURN r, type(r) AS t"), [
        '[b U c {}], "U"',
      ]);
    },
  },
  {
    behaviour: "paths have nodes and relationships in order, the way they were walked",
    async check(engine) {
      await writeChain(engine);
      const [a, b, c] = ["(a:A:B {x: 1})", "(b:B {x: 2})", "(c {})"];
      const [t, u] = ["[a T b {x: 1}]", "[b U c {}]"];
      const walked = "MATCH p = (m {key: 'a'})-[r]->(n)-[s]->(o) RETURN p";
      assert.deepEqual(await rowsOf(engine, walked), [`<${a}, ${t}, ${b}, ${u}, ${c}>`]);
      const back = "MATCH p = (m {key: 'c'})<-[r]-(n)<-[s]-(o) RETURN p";
      assert.deepEqual(await rowsOf(engine, back), [`<${c}, ${u}, ${b}, ${t}, ${a}>`]);
    },
  },
  {
    behaviour: "what is not there is null",
    async check(engine) {
      await writeChain(engine);
      const statement = "MATCH (n {key: 'c'}) RETURN n.x AS x, n.y AS y, null AS z";
      assert.deepEqual(await rowsOf(engine, statement), ["null, null, null"]);
    },
  },
  {
    behaviour: "columns keep their order and names, also without rows",
    async check(engine) {
      await writeChain(engine);
      const answered = await ask(engine, "RETURN 1 AS b, 2 AS a, 3 AS `odd name`, 4 AS __proto__");
      assert.deepEqual(answered.columns, ["b", "a", "odd name", "__proto__"]);
      assert.deepEqual(answered.rows, [[1n, 2n, 3n, 4n]]);
      const empty = await ask(engine, "MATCH (n:None) RETURN n.key AS k, n AS n");
      assert.deepEqual([empty.columns, empty.rows, empty.truncated], [["k", "n"], [], false]);
      assert.deepEqual((await ask(engine, "MATCH (n:A) RETURN n.key")).columns, ["n.key"]);
    },
  },
  {
    behaviour: "literals are what they say",
    async check(engine) {
      const statement =
        "RETURN 1 AS a, -9223372036854775808 AS b, 9007199254740993 AS c, 'x' AS d, true AS e, 1.5 AS f";
      assert.deepEqual(await rowsOf(engine, statement), [
        '1, -9223372036854775808, 9007199254740993, "x", true, 1.5',
      ]);
      const nested = "RETURN [1, 'a', null, [2.5, []]] AS l, {a: [1, {b: null}], c: {}} AS m";
      assert.deepEqual(await rowsOf(engine, nested), [
        '[1, "a", null, [2.5, []]], {a: [1, {b: null}], c: {}}',
      ]);
    },
  },
  {
    behaviour: "ORDER BY orders numbers, texts and nulls, up and down",
    async check(engine) {
      const values = [10n, 9n, 2n ** 53n + 1n, 2n ** 53n, -1n, null];
      const ordered = (way: string) => {
        return rowsOf(engine, `UNWIND $values AS x RETURN x ORDER BY x ${way}`, { values });
      };
      const upwards = ["-1", "9", "10", "9007199254740992", "9007199254740993", "null"];
      assert.deepEqual(await ordered(""), upwards);
      assert.deepEqual(await ordered("DESC"), [...upwards].reverse());
      const texts = ["b", "a", "B", "10", "9", ""];
      assert.deepEqual(
        await rowsOf(engine, "UNWIND $texts AS x RETURN x ORDER BY x ASC", { texts }),
        ['""', '"10"', '"9"', '"B"', '"a"', '"b"'],
      );
      await writeChain(engine);
      const two = "MATCH (n:B) RETURN n.key AS k ORDER BY n.x DESC, k SKIP 1 LIMIT 1";
      assert.deepEqual(await rowsOf(engine, two), ['"a"']);
    },
  },
];

/** Values that statements make and no property holds: each statement, and the texts it may answer with. */
const TIMES: readonly [expression: string, texts: readonly string[]][] = [
  ["date('2024-02-29')", ["2024-02-29"]],
  ["time('10:11:12Z')", ["10:11:12Z"]],
  ["localtime('10:11:12')", ["10:11:12"]],
  ["datetime('2024-01-02T03:04:05Z')", ["2024-01-02T03:04:05Z", "2024-01-02T03:04:05.000Z"]],
  ["localdatetime('2024-01-02T03:04:05')", ["2024-01-02T03:04:05", "2024-01-02T03:04:05.000"]],
  ["duration('P1DT2H')", ["P1DT2H", "P0M1DT7200S"]],
];

const POINTS: readonly [expression: string, text: string][] = [
  ["point({x: 1.5, y: -2.0})", "point(7203, 1.5, -2)"],
  ["point({x: 1.5, y: 2.0, z: 3.0})", "point(9157, 1.5, 2, 3)"],
  ["point({longitude: 13.25, latitude: 52.5})", "point(4326, 13.25, 52.5)"],
  ["point({longitude: 13.25, latitude: 52.5, height: 34.0})", "point(4979, 13.25, 52.5, 34)"],
];

/** Values out: what statements answer with. */
export function graphAnswersContract(
  name: string,
  place: () => Promise<GraphPlace>,
  features: GraphFeatures,
): void {
  const tested = async (check: (engine: GraphEngine) => Promise<void>) => {
    await using kept = await place();
    await using engine = await kept.open();
    await check(engine);
  };

  for (const { behaviour, check } of CASES) {
    Deno.test(`${name}: query(): ${behaviour} [S10, B3]`, () => tested(check));
  }

  const times = `times in answers are ISO 8601${standing(features.temporal)}`;
  Deno.test(`${name}: query(): ${times} [S10, B3]`, () => {
    return tested((engine) => answersTimes(engine, features.temporal));
  });

  const points = `points in answers have their coordinates${standing(features.spatial)}`;
  Deno.test(`${name}: query(): ${points} [S10, B3]`, () => {
    return tested((engine) => answersPoints(engine, features.spatial));
  });

  const hidden = `the service's own label is nowhere seen${standing(features.labelsInExpressions)}`;
  Deno.test(`${name}: ${hidden} [S9, S10, B3]`, () => {
    return tested((engine) => hides(engine, features));
  });
}

async function answersTimes(
  engine: GraphEngine,
  feature: GraphFeatures["temporal"],
): Promise<void> {
  for (const [expression, texts] of TIMES) {
    const answer = rowsOf(engine, `RETURN ${expression} AS t, [${expression}] AS l`);
    if (feature !== true && feature.instead === "query_invalid") {
      assert.equal((await failureOf(answer)).code, "query_invalid", expression);
      continue;
    }
    const expected = texts.map((text) => feature === true ? `@${text}` : shown(text))
      .map((text) => `${text}, [${text}]`);
    const [row = ""] = await answer;
    assert.ok(expected.includes(row), `${expression}: ${row}`);
  }
}

async function answersPoints(
  engine: GraphEngine,
  feature: GraphFeatures["spatial"],
): Promise<void> {
  for (const [expression, text] of POINTS) {
    const answer = rowsOf(engine, `RETURN ${expression} AS p, {p: ${expression}} AS m`);
    if (feature === true) assert.deepEqual(await answer, [`${text}, {p: ${text}}`]);
    else assert.equal((await failureOf(answer)).code, feature.instead, expression);
  }
}

const LABEL = "GraphNode";

async function hides(engine: GraphEngine, features: GraphFeatures): Promise<void> {
  const count = (pattern: string) => rowsOf(engine, `MATCH ${pattern} RETURN count(*) AS c`);
  assert.deepEqual(await count("(n)"), ["0"]);
  await writeChain(engine);
  assert.deepEqual([await count("(n)"), await count("()-[r]->()")], [["3"], ["2"]]);
  const labelled = "MATCH (n) WHERE n.key <> 'a' RETURN labels(n) AS l ORDER BY n.key";
  assert.deepEqual(await rowsOf(engine, labelled), ['["B"]', "[]"]);
  const held = "MATCH (n {key: 'a'}) RETURN properties(n) AS p";
  assert.deepEqual(await rowsOf(engine, held), ['{key: "a", x: 1}']);
  const [keys = ""] = await rowsOf(engine, "MATCH (n {key: 'c'}) RETURN keys(n) AS k");
  assert.equal(keys, '["key"]');
  const labels = features.labelsInExpressions === true ? ["2", "1", "0"] : ["3", "2", "1"];
  const sizes = "MATCH (n) RETURN size(labels(n)) AS s ORDER BY n.key";
  assert.deepEqual(await rowsOf(engine, sizes), labels);
  for (const statement of [`MATCH (n:${LABEL}) RETURN n`, `MATCH (n:B:${LABEL}) RETURN n`]) {
    const found = await rowsOf(engine, statement).catch(() => failureOf(ask(engine, statement)));
    if (Array.isArray(found)) assert.deepEqual(found, [], statement);
    else assert.match(found.code, /^query_(invalid|not_read_only)$/);
  }
  const { labels: counted } = await engine.reader.metrics(STAYING);
  assert.deepEqual({ ...counted }, { A: 1, B: 2 });
  assert.ok(!(await exportOf(engine)).join().includes(LABEL));
}
