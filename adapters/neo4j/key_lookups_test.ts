import assert from "node:assert/strict";
import { keyLookups } from "./key_lookups.ts";
import { tokensOf } from "./lexical.ts";
import { withInsertions } from "./rewriting.ts";

function rewritten(statement: string): string {
  return withInsertions(statement, keyLookups(tokensOf(statement)));
}

const LOOKUPS: Readonly<Record<string, string>> = {
  "MATCH (n {key: $key}) RETURN n": "MATCH (n:GraphNode  {key: $key}) RETURN n",
  "MATCH ({key:'a'})-->(:A:B{x: {key: 1}, key: 'b'})":
    "MATCH (:GraphNode {key:'a'})-->(:A:B:GraphNode {x: {key: 1}, key: 'b'})",
  "MATCH p = shortestPath((a {`key`: 'a'})-[*]->(b:B)) RETURN p":
    "MATCH p = shortestPath((a:GraphNode  {`key`: 'a'})-[*]->(b:B)) RETURN p",
  "MATCH (a), (b {x: 1, key: 'b'}) WHERE NOT (a)-->({key: 'c'}) RETURN a":
    "MATCH (a), (b:GraphNode  {x: 1, key: 'b'}) WHERE NOT (a)-->(:GraphNode {key: 'c'}) RETURN a",
};

Deno.test("keyLookups() names the label for each pattern of a node that has a key [S10]", () => {
  for (const [statement, expected] of Object.entries(LOOKUPS)) {
    assert.equal(rewritten(statement), expected);
  }
});

Deno.test("keyLookups() leaves alone what is no such pattern [S10]", () => {
  for (
    const statement of [
      "MATCH (n:Person) WHERE n.key = 'a' RETURN n",
      "MATCH (n {Key: 'a'}) RETURN n",
      "MATCH (n {x: {key: 'a'}}) RETURN n",
      "MATCH (n:A|B {key: 'a'}) RETURN n",
      "MATCH ()-[r {key: 'a'}]->() RETURN r",
      "RETURN keys({key: 'a'}) AS x",
      "RETURN '(n {key: 1})' AS x // (n {key: 1})",
    ]
  ) assert.equal(rewritten(statement), statement);
});
