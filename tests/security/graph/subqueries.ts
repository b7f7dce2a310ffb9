/** What must not be done anywhere; each gives rows with one column, `line`. */
const INNER: Readonly<Record<string, string>> = {
  "file in a subquery": "LOAD CSV FROM '{file}' AS line RETURN line",
  "address in a subquery": "LOAD CSV FROM '{url}' AS line RETURN line",
  "procedure in a subquery":
    "CALL db.stats.retrieve('GRAPH COUNTS') YIELD data RETURN data AS line",
};

/** Every place for a subquery, those of which a plan shows no operators among them. */
const AROUND: readonly ((inner: string) => string)[] = [
  (inner) => `CALL { ${inner} } RETURN line AS x`,
  (inner) => `MATCH (n) CALL (n) { ${inner} } RETURN line AS x`,
  (inner) => `MATCH (n) CALL { ${inner} UNION ${inner} } RETURN line AS x`,
  (inner) => `CALL { CALL { ${inner} } RETURN line } RETURN line AS x`,
  (inner) => `MATCH (n) WHERE EXISTS { ${inner} } RETURN n AS x`,
  (inner) => `MATCH (n) WHERE NOT EXISTS { ${inner} } RETURN n AS x`,
  (inner) => `RETURN EXISTS { ${inner} } AS x`,
  (inner) => `RETURN COUNT { ${inner} } AS x`,
  (inner) => `RETURN COLLECT { ${inner} } AS x`,
  (inner) => `MATCH (n) WHERE COUNT { ${inner} } > 0 RETURN n AS x`,
  (inner) => `MATCH (n) RETURN n {.key, x: COLLECT { ${inner} }} AS x`,
  (inner) => `MATCH (n) RETURN n.key AS x ORDER BY COUNT { ${inner} }`,
  (inner) => `WITH COLLECT { ${inner} } AS l UNWIND l AS x RETURN x`,
  (inner) => `UNWIND COLLECT { ${inner} } AS x RETURN x`,
  (inner) => `RETURN [x IN [1] WHERE EXISTS { ${inner} } | x] AS x`,
  (inner) => `RETURN [x IN [1] | COLLECT { ${inner} }] AS x`,
  (inner) => `RETURN [x IN COLLECT { ${inner} } | x] AS x`,
  (inner) => `RETURN reduce(s = 0, x IN [1] | s + COUNT { ${inner} }) AS x`,
  (inner) => `RETURN CASE WHEN EXISTS { ${inner} } THEN 1 ELSE 2 END AS x`,
  (inner) => `MATCH (n) RETURN CASE n.key WHEN 'ada' THEN COLLECT { ${inner} } END AS x`,
  (inner) => `RETURN any(x IN [1] WHERE EXISTS { ${inner} }) AS x`,
  (inner) => `RETURN all(x IN [1] WHERE COUNT { ${inner} } > 0) AS x`,
  (inner) => `RETURN none(x IN [1] WHERE x IN COLLECT { ${inner} }) AS x`,
  (inner) => `RETURN single(x IN [1] WHERE EXISTS { ${inner} }) AS x`,
  (inner) => `MATCH (n) RETURN [(n)-->(m) WHERE EXISTS { ${inner} } | m.key] AS x`,
  (inner) => `MATCH (n) RETURN [(n)-->(m) | COLLECT { ${inner} }] AS x`,
  (inner) => `MATCH (n {key: head(COLLECT { ${inner} })}) RETURN n AS x`,
  (inner) => `MATCH (n) WHERE n.key = head([x IN [1] | COLLECT { ${inner} }]) RETURN n AS x`,
  (inner) => `MATCH (n WHERE EXISTS { ${inner} }) RETURN n AS x`,
  (inner) => `MATCH ()-[r WHERE EXISTS { ${inner} }]->() RETURN r AS x`,
  (inner) => `MATCH (a) (()-[r]->() WHERE EXISTS { ${inner} }){1,2} (b) RETURN b AS x`,
  (inner) => `MATCH SHORTEST 1 (a)-[r WHERE EXISTS { ${inner} }]->+(b) RETURN b AS x`,
  (inner) => `RETURN [1, {a: [COLLECT { ${inner} }]}] AS x`,
  (inner) => `RETURN size([x IN [1] | [y IN [2] WHERE EXISTS { ${inner} }]]) AS x`,
  (inner) => `RETURN COUNT { MATCH (n) WHERE EXISTS { ${inner} } RETURN n } AS x`,
  (inner) => `RETURN [x IN [1] WHERE EXISTS { MATCH (n) CALL { ${inner} } RETURN n }] AS x`,
  (inner) => `RETURN 1 AS x UNION RETURN [x IN [1] WHERE EXISTS { ${inner} }] AS x`,
  (inner) => `MATCH (n) RETURN n.key AS x SKIP COUNT { ${inner} }`,
  (inner) => `MATCH (n) RETURN n.key AS x LIMIT COUNT { ${inner} }`,
  (inner) => `OPTIONAL CALL { ${inner} } RETURN line AS x`,
  (inner) => `MATCH (n) CALL (n) { ${inner} } IN TRANSACTIONS OF 1 ROW RETURN line AS x`,
  (inner) => `MATCH (n) FOREACH (x IN COLLECT { ${inner} } | SET n.x = 1)`,
  (inner) => `CALL { RETURN [1] AS line UNION ${inner} } RETURN line AS x`,
  (inner) => `${inner} AS x UNION RETURN [1] AS x`,
  (inner) => `CALL { USE neo4j ${inner} } RETURN line AS x`,
  (inner) => `USE neo4j RETURN [x IN [1] WHERE EXISTS { ${inner} }] AS x`,
  (inner) => `EXPLAIN RETURN [x IN [1] WHERE EXISTS { ${inner} }] AS x`,
  (inner) => `PROFILE RETURN [x IN [1] WHERE EXISTS { ${inner} }] AS x`,
  (inner) => `CYPHER 5 RETURN [x IN [1] WHERE EXISTS { ${inner} }] AS x`,
  (inner) => `/* x */ // y\n RETURN [x IN [1] WHERE EXISTS { /* z */ ${inner} // w\n }] AS x`,
  (inner) =>
    `RETURN [x IN [1] | [(a)-->(b) WHERE any(y IN [1] WHERE EXISTS { ${inner} }) | b]] AS x`,
  (inner) => `CALL { CALL { CALL { ${inner} } RETURN line } RETURN line } RETURN line AS x`,
  (inner) =>
    `RETURN COUNT { WITH 1 AS a WHERE EXISTS { WITH 2 AS b WHERE b IN COLLECT { ${inner} } RETURN b } RETURN a } AS x`,
  (inner) =>
    `MATCH (n) WITH n ORDER BY reduce(s = 0, x IN [1] | s + COUNT { ${inner} }) RETURN n AS x`,
  (inner) =>
    `MATCH (n) RETURN n.key AS x, count(CASE WHEN any(y IN [1] WHERE EXISTS { ${inner} }) THEN 1 END) AS c`,
  (inner) => `MATCH (n) RETURN DISTINCT [x IN [1] | {a: COLLECT { ${inner} }}] AS x`,
  (inner) =>
    `MATCH (n) WHERE elementId(n) IN [x IN [1] | head(COLLECT { ${inner} })] RETURN n AS x`,
  (inner) =>
    `MATCH p = (a)-[r*1..2]->() WHERE all(m IN nodes(p) WHERE EXISTS { ${inner} }) RETURN a AS x`,
  (inner) => `MATCH (a)-[r*1..2 {since: [x IN [1] | COLLECT { ${inner} }]}]->() RETURN a AS x`,
  (inner) =>
    `MATCH p = shortestPath((a {key: 'ada'})-[*..3]->(b {key: 'cyd'})) WHERE all(r IN relationships(p) WHERE EXISTS { ${inner} }) RETURN p AS x`,
  (inner) =>
    `MATCH (a) (()-[r]->(m WHERE any(y IN [1] WHERE EXISTS { ${inner} }))){1,2} (b) RETURN b AS x`,
];

/** A few more, of which the words too are disguised. */
const DISGUISED: readonly string[] = [
  "RETURN [x IN [1] WHERE EXISTS { LOAD/**/CSV FROM '{file}' AS l RETURN l }] AS x",
  "RETURN [x IN [1] WHERE EXISTS { LOAD // \n CSV FROM '{file}' AS l RETURN l }] AS x",
  "RETURN [x IN [1] WHERE EXISTS { L\\u004FAD CSV FROM '{file}' AS l RETURN l }] AS x",
  "RETURN [x IN [1] WHERE EXISTS { LOAD\\u0020CSV FROM '{file}' AS l RETURN l }] AS x",
  "RETURN [x IN [1] WHERE EXISTS { load csv WITH HEADERS FROM '{url}' AS l RETURN l }] AS x",
  "RETURN '\\'' AS a, [x IN [1] WHERE EXISTS { LOAD CSV FROM '{file}' AS l RETURN l }] AS x // '",
  "RETURN `'` AS a, [x IN [1] WHERE EXISTS { LOAD CSV FROM '{file}' AS l RETURN l }] AS x // '",
  "WITH 1 AS `'` RETURN [x IN [1] WHERE EXISTS { LOAD CSV FROM '{file}' AS l RETURN l }] AS x //'",
  "RETURN '/*' AS a, [x IN [1] WHERE EXISTS { LOAD CSV FROM '{file}' AS l RETURN l }] AS x /**/",
  "RETURN '\\u0027 AS a, [x IN [1] WHERE EXISTS { LOAD CSV FROM '{file}' AS l RETURN l }] AS x //'",
  "RETURN '\\\\' AS a, [x IN [1] WHERE EXISTS { LOAD CSV FROM '{file}' AS l RETURN l }] AS x //'",
  "RETURN [x IN [1] WHERE EXISTS { CALL `dbms`.`listConfig`() YIELD name RETURN name }] AS x",
  "RETURN [x IN [1] WHERE EXISTS { CALL dbms/**/.components() YIELD name RETURN name }] AS x",
  "RETURN [x IN [1] WHERE EXISTS { CALL \\u0064bms.components() YIELD name RETURN name }] AS x",
];

/** Statements that reach out of the graph from within a subquery, by what they reach for. */
export const SUBQUERIES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    Object.entries(INNER).map(([kind, inner]) => [kind, AROUND.map((around) => around(inner))]),
  ),
  "disguised subquery": DISGUISED,
};
