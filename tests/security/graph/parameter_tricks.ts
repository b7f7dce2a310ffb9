import type { Attempt } from "./attempts.ts";

const INJECTED = "x'}) DETACH DELETE n WITH 1 AS x MATCH (m {key: 'x";

/** What is an honest read or not by what ends a comment or a text in the engine's eyes. */
const AMBIGUOUS: readonly string[] = [
  "RETURN 1 AS x /*",
  "RETURN '\\u0027 AS x UNION CREATE (n) RETURN \\u0027' AS x",
  "RETURN 'a\\\\' AS x UNION CREATE (n) RETURN 'b' AS x",
  "RETURN 'a'' AS x UNION CREATE (n) RETURN ''b' AS x",
  "RETURN \"a'\" AS x, 'b\"' AS y",
  "RETURN 1 AS x // \rUNION CREATE (n) RETURN 1 AS x",
  "RETURN 1 AS x // \u2028UNION CREATE (n) RETURN 1 AS x",
  "RETURN 1 AS x // \u0085UNION CREATE (n) RETURN 1 AS x",
  "RETURN 1 AS x // \\nUNION CREATE (n) RETURN 1 AS x",
  "RETURN 1 AS x // \\u000aUNION CREATE (n) RETURN 1 AS x",
];

/** Reading procedures, which an engine may allow, or not; what is the service's own stays hidden either way. */
const LISTS: readonly string[] = [
  "CALL db.labels()",
  "CALL db.labels() YIELD label RETURN label",
  "CALL db.labels() YIELD label AS l RETURN collect(l) AS ls",
  "CALL db.labels() YIELD label RETURN label + '' AS x",
  "CALL db.labels() YIELD label RETURN count(label) AS c",
  "CALL db.propertyKeys()",
  "CALL db.relationshipTypes() YIELD relationshipType RETURN relationshipType",
  "MATCH (n) CALL db.labels() YIELD label RETURN n, label",
  "MATCH (n) UNWIND labels(n) AS l RETURN DISTINCT l + '' AS x",
  "MATCH (n) RETURN reduce(s = '', l IN labels(n) | s + l) AS x",
  "MATCH (n) RETURN [l IN labels(n) | toLower(l)] AS x",
  "MATCH (n) RETURN apoc.node.labels(n) AS x",
];

/** Honest statements with parameters, or texts, that would do harm if they were put into a statement. */
export const PARAMETER_TRICKS: readonly Attempt[] = [
  ...LISTS.map((statement): Attempt => ({ kind: "list of names", statement, answerable: true })),
  ...AMBIGUOUS.map((statement): Attempt => ({
    kind: "ambiguous",
    statement,
    answerable: true,
  })),
  ...[
    INJECTED,
    "' OR 1 = 1 //",
    "\\' OR true //",
    "\\u0027 OR true //",
    "`) CREATE (n) //",
    "$key",
    "$$CREATE (n)$$",
    "{file}",
    "file://{file}",
    "{url}",
    '"; CREATE (n); //',
    "*/ CREATE (n) /*",
  ].map((key): Attempt => ({
    kind: "parameter",
    statement: "MATCH (n {key: $key}) RETURN n",
    parameters: { key },
    answerable: true,
  })),
  ...[
    "LOAD CSV FROM $x AS line RETURN line",
    "LOAD CSV FROM $x[0] AS line RETURN line",
    "CALL $x()",
    "CALL dbms.listConfig($x)",
    "CREATE (n $x)",
    "MATCH (n) SET n += $x",
    "MATCH (n) SET n = $x RETURN n",
    "MERGE (n {key: $x})",
    "CREATE (n:$($x))",
    "MATCH (n) SET n:$($x)",
    "MATCH (n) SET n[$x] = 1",
    "MATCH (n) REMOVE n[$x]",
    "USE $x RETURN 1 AS x",
    "$x",
  ].map((statement): Attempt => ({
    kind: "parameter",
    statement,
    parameters: { x: "{file}" },
  })),
  ...[
    { "x} DETACH DELETE n //": 1n },
    { "__proto__ ": { polluted: true } },
    Object.fromEntries([["__proto__", { polluted: "yes" }], ["constructor", "x"]]),
    { "`": "`", "'": "'" },
    { "$literal": "x" },
    { "statement": "CREATE (n)", "language": "gql", "query": "CREATE (n)" },
  ].map((parameters): Attempt => ({
    kind: "parameter name",
    statement: "MATCH (n {key: 'nobody'}) RETURN n",
    parameters,
    answerable: true,
  })),
];
