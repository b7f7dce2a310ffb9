import assert from "node:assert/strict";
import type { GraphEngine } from "../../domain/ports/graph_engine.ts";
import {
  ask,
  exportOf,
  failureOf,
  node,
  readWhile,
  relationship,
  remove,
  rowsOf,
  STAYING,
  write,
} from "../fixtures/graph.ts";
import { type GraphPlace, testedIn } from "./graph_features.ts";

/** Plain writes: they are named as such. */
const WRITES: readonly string[] = [
  "CREATE (n)",
  "CREATE (n:A {key: 'new'}) RETURN n",
  "MERGE (n {key: 'new'}) RETURN n",
  "MERGE (n {key: 'a'}) RETURN n",
  "MATCH (n) SET n.x = 2",
  "MATCH (n) SET n:New RETURN n",
  "MATCH (n) REMOVE n.x RETURN n",
  "MATCH (n) REMOVE n:A",
  "MATCH (n) DETACH DELETE n",
  "MATCH ()-[r]->() DELETE r",
  "MATCH (a {key: 'a'}), (b {key: 'b'}) CREATE (a)-[:NEW]->(b)",
];

/** What is neither a read of the graph nor a plain write; in which words it is refused is the engine's. */
const OTHERS: readonly string[] = [
  "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
  "CALL dbms.listConfig() YIELD name RETURN name",
  "CREATE INDEX new FOR (n:A) ON (n.x)",
  "DROP INDEX new",
  "SHOW TRANSACTIONS",
];

const HARMLESS: readonly string[] = [
  "RETURN 'CREATE (n) DETACH DELETE n' AS x",
  "RETURN 1 AS x // DELETE",
  "/* MERGE (n) */ RETURN 1 AS x",
  "MATCH (n) RETURN count(n) AS `delete`",
  "MATCH (n {key: 'SET n.x = 1'}) RETURN n",
];

const REPEATABLE: readonly string[] = [
  "RETURN 1 AS x",
  "RETURN $x AS x",
  "MATCH (n) RETURN n ORDER BY n.key",
  "MATCH (n {key: $x})-[r]->(m) RETURN n, r, m",
  "MATCH (n) RETURN count(n) AS c",
];

const CHANGING: readonly string[] = [
  "RETURN rand() AS x",
  "RETURN RAND () AS x",
  "RETURN timestamp() AS x",
  "RETURN [1, {a: rand()}] AS x",
  "MATCH (n) WHERE rand() < 2 RETURN n",
  "MATCH (n) RETURN n.key AS k ORDER BY rand()",
];

/** Further ones that change; an engine may not read them all, and one that is refused is no answer to keep. */
const CHANGING_AT_LARGE: readonly string[] = [
  "RETURN `rand`() AS x",
  "RETURN rand/**/() AS x",
  "RETURN r\\u0061nd() AS x",
  "RETURN randomUUID() AS x",
  "RETURN datetime() AS x",
  "RETURN date() AS x",
  "RETURN localdatetime() AS x",
  "RETURN time() AS x",
  "RETURN datetime.transaction() AS x",
  "RETURN [x IN [1, 2] WHERE rand() > 2] AS x",
  "CALL { RETURN rand() AS x } RETURN 1 AS y",
  "MATCH (n) WITH n, rand() AS r RETURN n.key AS k, r",
  "RETURN 1 AS x UNION RETURN rand() AS x",
  "MATCH (n) WHERE EXISTS { MATCH (n)-->() WHERE rand() > 0.5 } RETURN n",
  "MATCH (n) RETURN n.key + toString(timestamp()) AS x",
  'RETURN toUpper("a") AS a, datetime() AS r',
  "RETURN toUpper('a') AS a, datetime() AS r",
  'MATCH (n) WHERE n.key = ("a") RETURN n.x AS a, localtime() AS r',
  "RETURN date(/* '2020-01-02' */) AS x",
  "PROFILE MATCH (n) RETURN n",
  "/* timed */ profile RETURN 1 AS x",
];

async function writePair(engine: GraphEngine): Promise<void> {
  await write(engine, {
    nodes: [node("a", ["A"], { x: 1n }), node("b", ["A"])],
    relationships: [relationship("a", "T", "b")],
  });
}

/** What may not be asked, what may be kept, and what a generation is. */
export function graphGateContract(
  name: string,
  place: () => Promise<GraphPlace>,
): void {
  const tested = testedIn(place, writePair);

  Deno.test(`${name}: a write is refused as one, and changes nothing [S10, B3]`, () => {
    return tested((engine) => refusesAll(engine, WRITES, /^query_not_read_only$/));
  });

  Deno.test(`${name}: files, procedures and schema are refused [S10, B3]`, () => {
    return tested((engine) => refusesAll(engine, OTHERS, /^query_(not_read_only|invalid)$/));
  });

  Deno.test(`${name}: words of writing in texts, names and comments are harmless [S10, B3]`, () => {
    return tested(async (engine) => {
      for (const statement of HARMLESS) await ask(engine, statement);
    });
  });

  Deno.test(`${name}: answers that can be kept are told from others [S10, S12, B3]`, () => {
    return tested(tellsRepeatable);
  });

  Deno.test(`${name}: the generation moves with each write that changes something [S12, B3]`, () => {
    return tested(movesWithWrites);
  });

  Deno.test(`${name}: the generation stays with reads and with what is refused [S12, B3]`, () => {
    return tested(staysWithReads);
  });

  Deno.test(`${name}: no answer from before a write has the generation after it [S12, B3]`, () => {
    return tested(neverLater);
  });
}

async function refusesAll(
  engine: GraphEngine,
  statements: readonly string[],
  codes: RegExp,
): Promise<void> {
  const before = await exportOf(engine);
  const generation = await engine.reader.generation(STAYING);
  for (const statement of statements) {
    const failure = await failureOf(ask(engine, statement), statement);
    assert.match(failure.code, codes, statement);
    assert.deepEqual(await exportOf(engine), before, statement);
  }
  assert.equal(await engine.reader.generation(STAYING), generation);
}

async function tellsRepeatable(engine: GraphEngine): Promise<void> {
  const parameters = { x: "a" };
  for (const statement of REPEATABLE) {
    assert.equal((await ask(engine, statement, parameters)).repeatable, true, statement);
  }
  for (const statement of CHANGING) {
    assert.equal((await ask(engine, statement, parameters)).repeatable, false, statement);
  }
  for (const statement of CHANGING_AT_LARGE) {
    const asked = ask(engine, statement);
    const answer = await asked.catch(() => failureOf(asked));
    if ("code" in answer) assert.equal(answer.code, "query_invalid", statement);
    else assert.equal(answer.repeatable, false, statement);
  }
}

async function movesWithWrites(engine: GraphEngine): Promise<void> {
  const seen = [await engine.reader.generation(STAYING)];
  const writes = [
    () => write(engine, { nodes: [node("c")] }),
    () => write(engine, { nodes: [node("c", ["C"])] }),
    () => write(engine, { nodes: [node("c", [], { x: 1n })] }),
    () => write(engine, { nodes: [node("c", [], { x: null })] }),
    () => write(engine, { relationships: [relationship("c", "T", "c")] }),
    () => write(engine, { relationships: [relationship("c", "T", "c", { x: 1n })] }),
    () => remove(engine, { relationships: [{ start: "c", type: "T", end: "c" }] }),
    () => remove(engine, { nodes: ["c"] }),
    () => remove(engine, { nodes: ["a"], detach: true }),
  ];
  for (const act of writes) {
    await act();
    const generation = await engine.reader.generation(STAYING);
    assert.ok(!seen.includes(generation), `${generation} again after ${seen.join(", ")}`);
    const answer = await ask(engine, "MATCH (n) RETURN n");
    assert.equal(answer.generation, generation);
    seen.push(generation);
  }
}

async function staysWithReads(engine: GraphEngine): Promise<void> {
  const generation = await engine.reader.generation(STAYING);
  await rowsOf(engine, "MATCH (n) RETURN n");
  await engine.reader.metrics(STAYING);
  await exportOf(engine);
  await engine.ping(STAYING);
  await failureOf(ask(engine, "CREATE (n)"));
  await failureOf(ask(engine, "RETRUN"));
  await failureOf(write(engine, { relationships: [relationship("a", "T", "gone")] }));
  await failureOf(remove(engine, { nodes: ["a"] }));
  assert.equal(await engine.reader.generation(STAYING), generation);
}

/** While a writer counts up, an answer's number is never younger than its generation says. */
async function neverLater(engine: GraphEngine): Promise<void> {
  const written = new Map([[await engine.reader.generation(STAYING), 0n]]);
  const answers: { readonly generation: string; readonly x: unknown }[] = [];
  const writing = (async () => {
    for (let x = 1n; x <= 20n; x++) {
      await write(engine, { nodes: [node("b", [], { x })] });
      written.set(await engine.reader.generation(STAYING), x);
    }
  })();
  await readWhile(writing, async () => {
    const { generation, rows } = await ask(engine, "MATCH (n {key: 'b'}) RETURN n.x AS x");
    answers.push({ generation, x: rows[0]?.[0] ?? 0n });
  });
  assert.equal(written.size, 21);
  for (const { generation, x } of answers) {
    const atLeast = written.get(generation);
    assert.ok(atLeast !== undefined, `'${generation}' is no generation`);
    assert.ok(typeof x === "bigint" && x >= atLeast, `${x} at the generation of ${atLeast}`);
  }
}
