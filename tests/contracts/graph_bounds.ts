import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { GraphEngine } from "../../domain/ports/graph_engine.ts";
import { ask, exportOf, failureOf, node, rowsOf, STAYING, write } from "../fixtures/graph.ts";
import { type GraphFeatures, type GraphPlace, standing, testedIn } from "./graph_features.ts";

/** Over 60 nodes: 13 million rows, and 47 thousand million more than anybody waits for, to be looked at. */
const MANY_ROWS = "MATCH (a), (b), (c), (d) RETURN a.key AS a, b.key AS b, c.key AS c, d.key AS d";
const RUNAWAY = "MATCH (a), (b), (c), (d), (e), (f) WHERE a.key <> f.key RETURN count(*) AS c";

/** Answers of one row, or of few, that nobody can be kept waiting for while they are read. */
const HUGE: readonly string[] = [
  "RETURN range(1, 3000000) AS x",
  "UNWIND range(1, 100) AS i RETURN range(1, 100000) AS x",
  "RETURN {a: {b: [1, {c: range(1, 1000000)}]}} AS x",
];

/** And in a language at large. */
const HUGE_CYPHER: readonly string[] = [
  "RETURN [i IN range(1, 1000) | range(1, 1000)] AS x",
  `RETURN ${Array.from({ length: 9 }, () => "$text").join(" + ")} AS x`,
];

/** What no engine can read, and where the first fault is. */
const MISWRITTEN: readonly [statement: string, line: number, column: number][] = [
  ["RETRUN 1", 1, 1],
  ["MATCH (n)\nRETRUN n", 2, 1],
  ["MATCH (n)\n  WHERE n.x = 1\n  RETRUN n", 3, 3],
  ["MATCH (n) /* 😀 */\n\tRETRUN n", 2, 2],
];

/** What is refused as it stands, with or without a place. */
const REFUSED: readonly string[] = [
  "",
  " ",
  "hello",
  "MATCH (n)",
  "MATCH (n RETURN n",
  "MATCH (n) RETURN",
  "MATCH (n) RETURN m",
  "MATCH (n) RETURN n.",
  "RETURN 'open",
  "RETURN `open",
  "RETURN /* open",
  "RETURN 1 AS",
  "RETURN 1 1",
  "RETURN [1, 2",
  "RETURN {a: }",
  "RETURN nosuchfunction(1) AS x",
  "RETURN 1; RETURN 2",
  "RETURN 1 AS x\0",
  "RETURN $missing AS x",
  "SELECT 1",
  "{ nodes { key } }",
];

async function writeSixty(engine: GraphEngine): Promise<void> {
  await write(engine, { nodes: Array.from({ length: 60 }, (_, at) => node(`n${at}`)) });
}

/** What a query is held to: its limit, its time, its caller, and the language. */
export function graphBoundsContract(
  name: string,
  place: () => Promise<GraphPlace>,
  features: GraphFeatures,
): void {
  const tested = testedIn(place);

  Deno.test(`${name}: an answer is cut at its limit, and says so [S10, B3]`, () => tested(cuts));

  Deno.test(`${name}: an answer of millions of rows is cut at its limit [S10, B3]`, () => {
    return tested(cutsMillions);
  });

  Deno.test(`${name}: an answer of one huge row is refused, and the next works [S10, B3]`, () => {
    return tested((engine) => refusesHuge(engine, features.cypher));
  });

  Deno.test(`${name}: a query is ended at its timeout, and the next works [S10, B3]`, () => {
    return tested(timesOut);
  });

  Deno.test(`${name}: a query whose caller leaves is ended, and the next works [S10, B3]`, () => {
    return tested(cancels);
  });

  Deno.test(`${name}: others are answered though queries run away [S10, B3]`, () => tested(shares));

  const places = `what cannot be read is query_invalid with its place${
    standing(features.position)
  }`;
  Deno.test(`${name}: ${places} [S10, B3]`, () => {
    return tested((engine) => placesFaults(engine, features.position === true));
  });

  Deno.test(`${name}: what is no statement is query_invalid, in words [S10, B3]`, () => {
    return tested(refuses);
  });
}

async function cuts(engine: GraphEngine): Promise<void> {
  const list = "UNWIND range(1, 10) AS x RETURN x";
  const cut = async (statement: string, limit: number) => {
    const { rows, truncated } = await ask(engine, statement, {}, { limit });
    return [rows.flat(), truncated];
  };
  const ten = Array.from({ length: 10 }, (_, at) => BigInt(at + 1));
  assert.deepEqual(await cut(list, 11), [ten, false]);
  assert.deepEqual(await cut(list, 10), [ten, false]);
  assert.deepEqual(await cut(list, 9), [ten.slice(0, 9), true]);
  assert.deepEqual(await cut(list, 1), [[1n], true]);
  assert.deepEqual(await cut(`${list} LIMIT 3`, 5), [[1n, 2n, 3n], false]);
  assert.deepEqual(await cut(`${list} LIMIT 3`, 2), [[1n, 2n], true]);
  assert.deepEqual(await cut(`${list} SKIP 8`, 5), [[9n, 10n], false]);
  assert.deepEqual(await cut(`${list} ORDER BY x DESC`, 2), [[10n, 9n], true]);
  assert.deepEqual(await cut(`${list};`, 2), [[1n, 2n], true]);
  assert.deepEqual(await cut(`${list} // LIMIT 1`, 2), [[1n, 2n], true]);
  assert.deepEqual(await cut("MATCH (n) RETURN n", 1), [[], false]);
  assert.deepEqual(await cut("MATCH (n) RETURN count(n) AS c", 1), [[0n], false]);
}

async function cutsMillions(engine: GraphEngine): Promise<void> {
  await writeSixty(engine);
  const answer = await ask(engine, MANY_ROWS, {}, { limit: 3 });
  assert.deepEqual([answer.rows.length, answer.truncated], [3, true]);
  assert.deepEqual(answer.columns, ["a", "b", "c", "d"]);
}

async function refusesHuge(engine: GraphEngine, cypher: GraphFeatures["cypher"]): Promise<void> {
  const parameters = { text: "é".repeat(500_000) };
  for (const statement of cypher === true ? [...HUGE, ...HUGE_CYPHER] : HUGE) {
    const failure = await failureOf(ask(engine, statement, parameters), statement);
    assert.ok(failure.code === "query_invalid", `${statement}: ${failure.code}`);
    assert.match(failure.message, /^expected an answer of at most (200000 values|8388608 bytes)/);
    assert.deepEqual(await rowsOf(engine, "RETURN 1 AS x"), ["1"]);
  }
  const { rows } = await ask(engine, "RETURN range(1, 150000) AS x");
  assert.ok(Array.isArray(rows[0]?.[0]) && rows[0][0].length === 150_000);
}

async function timesOut(engine: GraphEngine): Promise<void> {
  await writeSixty(engine);
  const before = await exportOf(engine);
  for (const timeoutSeconds of [0.1, 0.5]) {
    const failure = await failureOf(ask(engine, RUNAWAY, {}, { timeoutSeconds }));
    assert.deepEqual(failure, { code: "query_timeout", timeoutSeconds });
    assert.deepEqual(await rowsOf(engine, "MATCH (n) RETURN count(n) AS c"), ["60"]);
  }
  assert.deepEqual((await write(engine, { nodes: [node("n0")] })).nodes, {
    created: 0,
    updated: 1,
  });
  assert.deepEqual(await exportOf(engine), before);
}

async function cancels(engine: GraphEngine): Promise<void> {
  await writeSixty(engine);
  const query = { statement: RUNAWAY, parameters: {}, limit: 1, timeoutSeconds: 30 };
  const early = engine.reader.query(query, AbortSignal.abort());
  assert.equal((await failureOf(early)).code, "cancelled");
  const caller = new AbortController();
  const running = failureOf(engine.reader.query(query, caller.signal));
  await delay(200);
  caller.abort();
  assert.equal((await running).code, "cancelled");
  assert.deepEqual(await rowsOf(engine, "MATCH (n) RETURN count(n) AS c"), ["60"]);
}

async function shares(engine: GraphEngine): Promise<void> {
  await writeSixty(engine);
  const runaways = [1, 2, 3].map(() =>
    failureOf(ask(engine, RUNAWAY, {}, { timeoutSeconds: 0.3 }))
  );
  const reads = Array.from({ length: 10 }, () => rowsOf(engine, "RETURN 1 AS x"));
  const [failures, answers, written] = await Promise.all([
    Promise.all(runaways),
    Promise.all(reads),
    write(engine, { nodes: [node("n60")] }),
  ]);
  assert.deepEqual(failures.map(({ code }) => code), runaways.map(() => "query_timeout"));
  assert.deepEqual(answers, reads.map(() => ["1"]));
  assert.deepEqual(written.nodes, { created: 1, updated: 0 });
  assert.equal((await exportOf(engine)).length, 61);
}

async function placesFaults(engine: GraphEngine, told: boolean): Promise<void> {
  for (const [statement, line, column] of MISWRITTEN) {
    const failure = await failureOf(ask(engine, statement), statement);
    assert.ok(failure.code === "query_invalid", `${statement}: ${failure.code}`);
    const place = [failure.line, failure.column];
    assert.deepEqual(place, told ? [line, column] : [null, null], statement);
  }
}

async function refuses(engine: GraphEngine): Promise<void> {
  for (const statement of REFUSED) {
    const failure = await failureOf(ask(engine, statement), statement);
    assert.ok(failure.code === "query_invalid", `${JSON.stringify(statement)}: ${failure.code}`);
    assert.ok(failure.message.length > 0, statement);
    for (const place of [failure.line, failure.column]) assert.ok(place === null || place >= 1);
  }
  await engine.ping(STAYING);
  assert.deepEqual(await rowsOf(engine, "RETURN 1 AS x"), ["1"]);
}
