import type { GraphQuery } from "../../../domain/graph/query.ts";
import { READS_OF_VALUES } from "./reads_of_values.ts";

/** A statement that only reads the people, and its rows as `shown()` writes them. */
export type Read = readonly [
  statement: string,
  rows: readonly string[],
  parameters?: GraphQuery["parameters"],
];

const ADA =
  '(ada:Person:Scientist {alive: false, born: 1815, height: 1.5, name: "Ada", tags: ["maths", "poetry"]})';
const BOB = '(bob:Engineer:Person {alive: true, born: 1970, height: 1.75, name: "Bob"})';
const PARIS = '(paris:City {name: "Paris", population: 2102650})';

const MATCHING: readonly Read[] = [
  ["WITH 1 AS use RETURN use", ["1"]],
  ["MATCH (use:City {key: 'paris'}) WHERE use.use IS NULL RETURN use", [PARIS]],
  ["MATCH (n) RETURN count(n) AS c", ["5"]],
  ["MATCH (n:Person) RETURN count(*) AS c", ["3"]],
  ["match (n:City) return COUNT(n) as c", ["2"]],
  ["MATCH (n:Person:Engineer) RETURN n.name AS name", ['"Bob"']],
  ["MATCH (n {key: 'ada'}) RETURN n", [ADA]],
  ["MATCH (n {key: $key}) RETURN n", [BOB], { key: "bob" }],
  ["MATCH (n:City) WHERE n.population < 3000000 RETURN n", [PARIS]],
  ["MATCH (n:Person) WHERE n.born > 1900 RETURN n.name AS name ORDER BY name", ['"Bob"', '"Cyd"']],
  ["MATCH (n) WHERE n.born >= 1800 AND n.born < 1900 RETURN n.key AS k", ['"ada"']],
  [
    "MATCH (n) WHERE n.name STARTS WITH 'L' OR n.name ENDS WITH 'is' RETURN n.key AS k ORDER BY k",
    ['"london"', '"paris"'],
  ],
  ["MATCH (n) WHERE n.name CONTAINS 'o' RETURN n.key AS k ORDER BY k", ['"bob"', '"london"']],
  ["MATCH (n) WHERE n.name =~ 'A.*' RETURN n.name AS name", ['"Ada"']],
  ["MATCH (n:Person) WHERE n.height IS NULL RETURN n.key AS k", ['"cyd"']],
  ["MATCH (n) WHERE n.tags IS NOT NULL RETURN count(n) AS c", ["2"]],
  ["MATCH (n) WHERE 'poetry' IN n.tags RETURN n.key AS k", ['"ada"']],
  [
    "MATCH (n) WHERE n.key IN $keys RETURN n.key AS k ORDER BY k DESC",
    ['"cyd"', '"ada"'],
    { keys: ["ada", "cyd", "eve"] },
  ],
  ["MATCH (n) WHERE n:Person AND NOT n:Engineer RETURN n.key AS k ORDER BY k", ['"ada"', '"cyd"']],
  ["MATCH (n) WHERE n:City OR n:Engineer RETURN count(n) AS c", ["3"]],
  ["MATCH (n:Person) WHERE n.alive XOR n.born < 1900 RETURN count(n) AS c", ["3"]],
  ["MATCH (n:Nobody) RETURN n", []],
  ["MATCH (a {key: 'ada'})-[r:KNOWS]->(b) RETURN r, b.key AS k", [
    '[ada KNOWS bob {since: 1990}], "bob"',
  ]],
  ["MATCH (a)-[r {since: 2010}]->(b) RETURN a.key AS a, b.key AS b", ['"bob", "cyd"']],
  ["MATCH (a {key: 'bob'})-[:KNOWS]-(b) RETURN b.key AS k ORDER BY k", ['"ada"', '"cyd"']],
  ["MATCH (a {key: 'paris'})<-[:LIVES_IN]-(b) RETURN b.key AS k ORDER BY k", ['"bob"', '"cyd"']],
  ["MATCH (a)-[:LIVES_IN|LIKES]->(b) RETURN count(*) AS c", ["4"]],
  ["MATCH (a)-[r:LIKES]->(a) RETURN a.key AS k", ['"cyd"']],
  ["MATCH (a {key: 'ada'})-[:KNOWS*1..2]->(b) RETURN b.key AS k ORDER BY k", ['"bob"', '"cyd"']],
  ["MATCH (a {key: 'ada'})-[:KNOWS*2]->(b) RETURN b.key AS k", ['"cyd"']],
  ["MATCH (a)-[:KNOWS]->(b)-[:KNOWS]->(c) RETURN a.key AS a, c.key AS c", ['"ada", "cyd"']],
  ["MATCH (a:Person), (b:City) RETURN count(*) AS c", ["6"]],
  [
    "MATCH (a:Person)-[:LIVES_IN]->(c)<-[:LIVES_IN]-(b:Person) WHERE a.key < b.key RETURN a.key AS a, b.key AS b",
    ['"bob", "cyd"'],
  ],
  [
    "MATCH p = (a {key: 'bob'})-[:LIVES_IN]->(c) RETURN p",
    [`<${BOB}, [bob LIVES_IN paris {since: 2001}], ${PARIS}>`],
  ],
  [
    "MATCH p = (a {key: 'ada'})-[:KNOWS*]->(c) WHERE length(p) = 2 RETURN [n IN nodes(p) | n.key] AS ks, [r IN relationships(p) | r.since] AS s",
    ['["ada", "bob", "cyd"], [1990, 2010]'],
  ],
  [
    "MATCH p = shortestPath((a {key: 'ada'})-[*..4]->(b {key: 'paris'})) RETURN length(p) AS l",
    ["2"],
  ],
  ["MATCH (a)-[r]->(b) WHERE type(r) = 'LIVES_IN' RETURN count(DISTINCT b) AS c", ["2"]],
  [
    "MATCH ()-[r {since: 2001}]->() RETURN startNode(r).key AS s, endNode(r).key AS e",
    ['"bob", "paris"'],
  ],
];

const SHAPING: readonly Read[] = [
  [
    "MATCH (n:Person) OPTIONAL MATCH (n)-[:KNOWS]->(m) RETURN n.key AS n, m.key AS m ORDER BY n",
    ['"ada", "bob"', '"bob", "cyd"', '"cyd", null'],
  ],
  ["OPTIONAL MATCH (n:Nobody) RETURN n", ["null"]],
  [
    "MATCH (n:Person) RETURN n.alive AS alive, count(*) AS c ORDER BY c",
    ["false, 1", "true, 2"],
  ],
  ["MATCH (n:Person) RETURN min(n.born) AS a, max(n.born) AS b, sum(n.born) AS c", [
    "1815, 1990, 5775",
  ]],
  ["MATCH (n:Person) RETURN avg(n.height) AS a, count(n.height) AS c", ["1.625, 2"]],
  ["MATCH (n:City) WITH n ORDER BY n.key RETURN collect(n.key) AS ks", ['["london", "paris"]']],
  ["MATCH (n) RETURN count(DISTINCT n.alive) AS c", ["2"]],
  [
    "MATCH (n:Person) RETURN DISTINCT n.alive AS a ORDER BY a",
    ["false", "true"],
  ],
  [
    "MATCH (n:Person)-[:LIVES_IN]->(c) WITH c, count(n) AS people WHERE people > 1 RETURN c.key AS k, people",
    ['"paris", 2'],
  ],
  ["MATCH (n) WITH n ORDER BY n.key DESC LIMIT 2 RETURN n.key AS k ORDER BY k", [
    '"london"',
    '"paris"',
  ]],
  ["MATCH (n:Person) RETURN n.key AS k ORDER BY n.born DESC SKIP 1 LIMIT 1", ['"bob"']],
  [
    "MATCH (n) RETURN n.key AS k ORDER BY k SKIP $skip LIMIT $limit",
    ['"bob"', '"cyd"'],
    { skip: 1n, limit: 2n },
  ],
  ["MATCH (n {key: 'ada'}) RETURN n {.key, .born, extra: 1} AS m", [
    '{born: 1815, extra: 1, key: "ada"}',
  ]],
  ["MATCH (n:City) RETURN 'a' AS x UNION MATCH (n:City) RETURN 'b' AS x", ['"a"', '"b"']],
  ["RETURN 1 AS x UNION ALL RETURN 1 AS x", ["1", "1"]],
  ["CALL { MATCH (n:City) RETURN n.name AS name } RETURN name ORDER BY name", [
    '"London"',
    '"Paris"',
  ]],
  [
    "MATCH (n:Person) CALL { WITH n MATCH (n)-[:KNOWS]->(m) RETURN count(m) AS c } RETURN n.key AS k, c ORDER BY k",
    ['"ada", 1', '"bob", 1', '"cyd", 0'],
  ],
  ["MATCH (n) WHERE EXISTS { MATCH (n)-[:LIKES]->() } RETURN n.key AS k", ['"cyd"']],
  ["MATCH (n:Person) WHERE NOT (n)-[:KNOWS]->() RETURN n.key AS k", ['"cyd"']],
  [
    "MATCH (n:Person) RETURN n.key AS k, COUNT { (n)-[:LIVES_IN]->() } AS c ORDER BY k",
    ['"ada", 1', '"bob", 1', '"cyd", 1'],
  ],
  ["MATCH (n {key: 'ada'}) RETURN [(n)-[:KNOWS]->(m) | m.name] AS l", ['["Bob"]']],
  ["UNWIND [1, 2, 3] AS x RETURN sum(x) AS s", ["6"]],
  ["UNWIND range(1, 10, 3) AS x RETURN x", ["1", "4", "7", "10"]],
  [
    "UNWIND $rows AS row MATCH (n {key: row.key}) RETURN n.name + row.suffix AS x ORDER BY x",
    ['"Ada!"', '"Bob?"'],
    { rows: [{ key: "ada", suffix: "!" }, { key: "bob", suffix: "?" }] },
  ],
  ["MATCH (n:City {key: 'paris'}) WITH collect({k: n.key, n: n.name}) AS l RETURN l", [
    '[{k: "paris", n: "Paris"}]',
  ]],
];

/** All of them. */
export const READS: readonly Read[] = [...MATCHING, ...SHAPING, ...READS_OF_VALUES];
