import assert from "node:assert/strict";
import type { Plan } from "neo4j-driver";
import { DomainError } from "../../domain/errors.ts";
import { ensurePlain, ensureReading, ensureReadingWords } from "./gate.ts";
import { tokensOf } from "./lexical.ts";

function plan(operatorType: string, details = "", ...children: Plan[]): Plan {
  return { operatorType, identifiers: [], arguments: { Details: details }, children };
}

function codeOf(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error.failure.code;
    throw error;
  }
}

Deno.test("ensureReading() lets through operators that are known to read, down to the leaves [S10]", () => {
  const leaf = plan("NodeByLabelScan@neo4j", "n:A");
  const reading = plan("ProduceResults@neo4j", "n", plan("Expand(All)@neo4j", "", leaf));
  assert.equal(codeOf(() => ensureReading("r", reading)), null);
});

Deno.test("ensureReading() refuses an operator that it does not know, wherever it stands [S10]", () => {
  for (const name of ["LoadCSV", "ShowTransactions", "TransactionApply", "Create", "Newer(All)"]) {
    const tree = plan(
      "ProduceResults@neo4j",
      "",
      plan("Apply@x", "", plan("Argument"), plan(name)),
    );
    assert.equal(codeOf(() => ensureReading("r", tree)), "query_not_read_only", name);
  }
  const call = plan("ProcedureCall@neo4j", "db.labels() :: (label :: STRING)");
  assert.equal(codeOf(() => ensureReading("r", call)), "query_not_read_only");
});

Deno.test("ensureReading() refuses what stands in the details of an operator only [S10]", () => {
  const details = [
    '[x IN $autolist_0 WHERE EXISTS { LOAD CSV FROM "file:///x" AS l RETURN l AS l } | x] AS y',
    "any(x IN n.l WHERE COUNT { ResolvedCall(db.labels() :: label) RETURN label } > 0)",
  ];
  for (const shown of details) {
    const tree = plan("Projection@neo4j", shown);
    assert.equal(codeOf(() => ensureReading("r", tree)), "query_not_read_only", shown);
  }
  assert.equal(codeOf(() => ensureReading("r", plan("Projection", "n.`LOAD CSV` AS x"))), null);
});

Deno.test("ensureReading() refuses any type but reading, and what has no plan [S10]", () => {
  for (const type of ["w", "rw", "s", ""]) {
    assert.equal(codeOf(() => ensureReading(type, plan("Argument"))), "query_not_read_only", type);
  }
  assert.equal(codeOf(() => ensureReading("r", false)), "query_not_read_only");
});

Deno.test("ensureReadingWords() finds files, procedures and plugins in whatever letters [S10]", () => {
  const refused = [
    "RETURN [x IN [1] WHERE EXISTS { LoAd /**/ cSv FROM 'x' AS l RETURN l }] AS x",
    "RETURN [x IN [1] WHERE EXISTS { L\\u004FAD CSV FROM 'x' AS l RETURN l }] AS x",
    "RETURN COUNT { CALL `a`.b() YIELD c RETURN c } AS x",
    "RETURN `apoc.version`() AS x",
    "RETURN apoc . version ( ) AS x",
    "RETURN apoc\x1c.\x1dversion\x1e() AS x",
    "RETURN COUNT { LOAD\x1fCSV FROM 'x' AS l RETURN l } AS x",
    // Sent with its escapes taken out once, the comment ends for the database where it did not before.
    "RETURN labels($n) AS x /* \\u005cu002a/, apoc.version() AS y // */",
  ];
  for (const text of refused) {
    assert.equal(codeOf(() => ensureReadingWords(text)), "query_not_read_only", text);
  }
});

Deno.test("ensureReadingWords() has nothing against such words where they mean nothing [S10]", () => {
  const honest = [
    "RETURN 'LOAD CSV' AS x, `CALL a.b()` AS y // LOAD CSV",
    "WITH 1 AS call, 2 AS load, 3 AS csv RETURN call, load, csv",
    "CALL { RETURN 1 AS x } RETURN x",
    "RETURN duration.between(date('2024-01-01'), date()) AS x, point.distance($a, $b) AS d",
    "MATCH (n) WHERE n.load = n.csv RETURN n.apoc",
    "MATCH (n:A) WHERE n.a = $a AND (n.b = $ b OR n.c IN $`c`) RETURN $any + ($all)",
  ];
  for (const text of honest) assert.equal(codeOf(() => ensureReadingWords(text)), null, text);
});

Deno.test("ensureReadingWords() refuses the service's own names and the database's options [S9, S10]", () => {
  const refused = [
    "MATCH (n:GraphNode) RETURN n",
    "MATCH (n) WHERE n:`GraphNode` RETURN n",
    "MATCH (n:Graph\\u004eode) RETURN n",
    "RETURN [_umcp_label IN [1] | 1] AS x",
    "MATCH (n {key: 'a'}) /* \\u005cu002a/ WHERE n:GraphNode // */\nRETURN n",
    "MATCH (n:$($label)) RETURN n",
    "MATCH (n:$ any (['Graph' + 'Node'])) RETURN n",
    "MATCH (n) WHERE n:A|$all($`a b`) RETURN n",
    "CYPHER debug=ast RETURN 1 AS x",
    "CYPHER 5 replan=force RETURN 1 AS x",
  ];
  for (const text of refused) {
    assert.equal(codeOf(() => ensureReadingWords(text)), "query_invalid", text);
  }
  assert.equal(
    codeOf(() => ensureReadingWords("CYPHER 5 MATCH (n) RETURN 'GraphNode' AS x")),
    null,
  );
});

const USES = [
  "USE neo4j MATCH (n) RETURN n",
  "uSe/**/`neo4j` MATCH (n) RETURN n",
  "US\\u0045 neo4j MATCH (n) RETURN n",
  "CYPHER 5 USE neo4j RETURN 1 AS x",
  "EXPLAIN USE neo4j RETURN 1 AS x",
  "USE return RETURN 1 AS x",
  "USE $x RETURN 1 AS x",
  "USE $`x` RETURN 1 AS x",
  "USE GRAPH neo4j RETURN 1 AS x",
  "USE graph.byName('neo4j') MATCH (n) RETURN n",
  "RETURN 1 AS x UNION ALL USE neo4j RETURN 2 AS x",
  "CALL { USE neo4j MATCH (n) RETURN n } RETURN n",
  "CALL { WITH `.` USE neo4j RETURN 1 AS y } RETURN y",
  "CALL { WITH x USE neo4j RETURN 1 AS y } RETURN y",
  "RETURN [x IN [1] WHERE EXISTS { use end MATCH (n) RETURN n }] AS x",
];

Deno.test("ensureReadingWords() refuses to leave the database, wherever it is asked to [S9, S10]", () => {
  for (const text of USES) {
    assert.equal(codeOf(() => ensureReadingWords(text)), "query_invalid", text);
  }
});

Deno.test("ensureReadingWords() has nothing against what is called 'use' [S10]", () => {
  const honest = [
    "MATCH (n) WHERE n.use IS NOT NULL RETURN n.use AS use ORDER BY use DESC",
    "MATCH (use:Use)-[:USE]->(b:Use {use: 1}) WHERE use.x = 1 RETURN use, b",
    "WITH 1 AS use RETURN use",
    "UNWIND [1] AS use WITH use WHERE use IN [1] AND use > 0 RETURN use AS x",
    "MATCH (n)-[use:T]->() WITH n{.*, use} AS n, use RETURN n, use",
    "RETURN CASE WHEN $use THEN $use ELSE 'USE neo4j' END AS x // USE neo4j",
    "CALL { WITH 1 AS use RETURN use } RETURN use AS `USE neo4j`",
    "RETURN {use: 1} AS use UNION ALL RETURN {use: 2} AS use",
    "MATCH (n:Use|use) RETURN n.use",
    "RETURN NOT use AND use IS NULL AS x",
  ];
  for (const text of honest) assert.equal(codeOf(() => ensureReadingWords(text)), null, text);
});

Deno.test("ensurePlain() refuses more clauses than are planned in time [S10]", () => {
  for (
    const clause of ["MATCH (n) ", "unwind [1] AS a ", "WITH 1 AS x ", "CALL { RETURN 1 AS y } "]
  ) {
    const statement = (count: number) => tokensOf(`${clause.repeat(count)}RETURN 1 AS z`);
    assert.equal(codeOf(() => ensurePlain(statement(200))), null, clause);
    assert.equal(codeOf(() => ensurePlain(statement(201))), "query_invalid", clause);
  }
});

Deno.test("ensurePlain() refuses what is nested too deeply to be planned [S10]", () => {
  const nested = (open: string, close: string, depth: number) =>
    tokensOf(`RETURN ${open.repeat(depth)}1${close.repeat(depth)} AS x`);
  for (
    const [open, close] of [["[", "]"], ["(", ")"], ["{a:", "}"], ["CASE 1 WHEN 1 THEN ", " END"]]
  ) {
    assert.equal(codeOf(() => ensurePlain(nested(open ?? "", close ?? "", 64))), null, `${open}`);
    assert.equal(codeOf(() => ensurePlain(nested(open ?? "", close ?? "", 65))), "query_invalid");
  }
});
