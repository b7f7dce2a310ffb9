import type { Read } from "./reads.ts";

/** Statements over values: expressions, functions, and texts that look like what they are not. */
export const READS_OF_VALUES: readonly Read[] = [
  ["RETURN 1 + 2 * 3 AS a, 7 % 3 AS b, -7 / 2 AS c, 7.0 / 2 AS d", ["7, 1, -3, 3.5"]],
  ["RETURN 1 = 1.0 AS a, 1 <> 2 AS b, 'a' < 'b' AS c, 1 < 2 AND 2 <= 2 AS d", [
    "true, true, true, true",
  ]],
  ["RETURN true AND false AS a, true OR null AS b, NOT true AS c, null = null AS d", [
    "false, true, false, null",
  ]],
  ["RETURN CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END AS a, CASE 3 WHEN 3 THEN 'c' END AS b", [
    '"b", "c"',
  ]],
  ["RETURN coalesce(null, null, 2) AS x", ["2"]],
  ["RETURN [x IN range(1, 5) WHERE x % 2 = 1 | x * x] AS l", ["[1, 9, 25]"]],
  ["RETURN reduce(s = 0, x IN [1, 2, 3] | s + x) AS s", ["6"]],
  [
    "RETURN any(x IN [1, 2] WHERE x = 2) AS a, all(x IN [1, 2] WHERE x > 1) AS b, none(x IN [1] WHERE x = 2) AS c",
    ["true, false, true"],
  ],
  ["RETURN head([1, 2]) AS a, last([1, 2]) AS b, tail([1, 2, 3]) AS c, size([1, 2]) AS d", [
    "1, 2, [2, 3], 2",
  ]],
  ["RETURN [1, 2, 3][1] AS a, [1, 2, 3][-1] AS b, [1, 2, 3, 4][1..3] AS c", ["2, 3, [2, 3]"]],
  ["RETURN {a: 1}.a AS a, {a: {b: [1, 2]}}.a.b[1] AS b, $m.x AS c", ['1, 2, "y"'], {
    m: { x: "y" },
  }],
  ["RETURN toUpper('a') AS a, toLower('B') AS b, trim(' x ') AS c, replace('abc', 'b', 'x') AS d", [
    '"A", "b", "x", "axc"',
  ]],
  ["RETURN split('a,b', ',') AS a, substring('hello', 1, 3) AS b, left('abc', 2) AS c", [
    '["a", "b"], "ell", "ab"',
  ]],
  ["RETURN toInteger('42') AS a, toFloat('1.5') AS b, toString(true) AS c, toInteger('x') AS d", [
    '42, 1.5, "true", null',
  ]],
  ["RETURN abs(-3) AS a, sign(-3) AS b, toInteger(3.7) AS c", ["3, -1, 3"]],
  ["RETURN 9223372036854775807 AS a, -9223372036854775808 AS b, 9007199254740993 + 0 AS c", [
    "9223372036854775807, -9223372036854775808, 9007199254740993",
  ]],
  ["RETURN 0x1F AS a, 0o17 AS b, 1.5e3 + 0.25 AS c", ["31, 15, 1500.25"]],
  ["RETURN 'CREATE (n) DETACH DELETE n' AS x", ['"CREATE (n) DETACH DELETE n"']],
  ["RETURN 'it\\'s' AS a, \"\\u0041\\n\" AS b, 'a//b' AS c, '/* d */' AS d", [
    '"it\'s", "A\\n", "a//b", "/* d */"',
  ]],
  ["// DELETE everything\nMATCH (n) /* SET n.x = 1 */ RETURN count(n) AS c // MERGE", ["5"]],
  ["MATCH (n) RETURN count(n) AS c;", ["5"]],
  ["MATCH (n) RETURN count(n) AS `DETACH DELETE`", ["5"]],
  ["MATCH (`set`:Person {key: 'ada'}) RETURN `set`.key AS `create`", ['"ada"']],
  ["MATCH (n) WHERE n.name = 'x; DROP INDEX y' RETURN n", []],
  ["MATCH (n:`delete`) RETURN n", []],
  ["MATCH ()-[r:`CALL dbms.x()`]->() RETURN r", []],
  ["RETURN $x AS x", ['"\'}) DETACH DELETE n //"'], { x: "'}) DETACH DELETE n //" }],
  ["MATCH (n) WHERE n.created IS NULL AND n.deleted IS NULL RETURN count(n) AS setting", ["5"]],
  ["MATCH (loaded:Person) RETURN count(loaded) AS calls", ["3"]],
  ["RETURN 'LOAD CSV FROM x' AS a, \"CALL dbms.components()\" AS b", [
    '"LOAD CSV FROM x", "CALL dbms.components()"',
  ]],
  ["RETURN [x IN ['LOAD CSV', 'CALL a.b()'] WHERE x CONTAINS 'CSV' | x] AS l", ['["LOAD CSV"]']],
  ["RETURN 'GraphNode' AS a, '_umcp_lease' AS b", ['"GraphNode", "_umcp_lease"']],
  ["WITH 1 AS loaded, 2 AS csv RETURN loaded + csv AS x /* LOAD CSV */", ["3"]],
  ["MATCH (n) WHERE n.name <> 'CALL { CREATE (n) }' RETURN count(n) AS c", ["5"]],
  ["MATCH (n {key: 'ada'}) RETURN n.`create` AS a, n.`LOAD CSV` AS b, n.`apoc.x` AS c", [
    "null, null, null",
  ]],
  ["RETURN $any + ($all) AS x", ["3"], { any: 1n, all: 2n }],
  ["UNWIND [{`set`: 1, `delete`: 2}] AS m RETURN m.`set` + m.`delete` AS x", ["3"]],
  ["RETURN 'http://127.0.0.1:1/' AS x // LOAD CSV FROM 'http://127.0.0.1:1/'", [
    '"http://127.0.0.1:1/"',
  ]],
  ["RETURN 'a\\\\u0041' AS x", ['"a\\\\u0041"']],
];
