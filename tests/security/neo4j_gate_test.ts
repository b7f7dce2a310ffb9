import assert from "node:assert/strict";
import neo4j from "neo4j-driver";
import { type Canary, placeCanary } from "../fixtures/canary.ts";
import { ask, failureOf } from "../fixtures/graph.ts";
import { placeAt } from "../fixtures/neo4j_graph.ts";
import { type PrivateNeo4j, startPrivateNeo4j } from "../fixtures/private_neo4j.ts";
import { areRunning } from "../fixtures/services.ts";
import { ATTEMPTS } from "./graph/attempts.ts";

/** A server that reads any file and asks any address for whoever can have a statement carried out. */
const OPEN = {
  settings: {
    "dbms.security.allow_csv_import_from_file_urls": "true",
    "internal.dbms.cypher_ip_blocklist": "",
    "server.directories.import": "/",
  },
};

Deno.test({
  name:
    "no file and no address is had from a Neo4j that holds nothing back itself (needs Neo4j) [S10]",
  ignore: !(await areRunning("neo4j")),
  async fn() {
    await using server = await startPrivateNeo4j(OPEN);
    const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "ultimate-mcp-neo4j-gate-" });
    try {
      await using canary = await placeCanary(folder);
      const reached = await reachesAll(server, canary);
      await using graph = await placeAt(server).open();
      for (const { statement, parameters = {}, answerable } of ATTEMPTS) {
        if (answerable || !/\{(file|record|url)\}/.test(statement)) continue;
        const text = statement.replaceAll("{file}", canary.file)
          .replaceAll("{record}", canary.record).replaceAll("{url}", canary.url);
        const failure = await failureOf(ask(graph, text, parameters), text);
        assert.match(failure.code, /^query_(invalid|not_read_only)$/, text);
        assert.ok(!JSON.stringify(failure).includes(canary.secret), text);
      }
      assert.equal(canary.fetched(), reached);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Sees that the bait is good: without the gate both would be had. Gives how often it was fetched. */
async function reachesAll(
  { uri, user, password }: PrivateNeo4j,
  { file, url, secret, fetched }: Canary,
): Promise<number> {
  await using driver = neo4j.driver(uri, neo4j.auth.basic(user, password));
  const statement = "RETURN [x IN [1] | COLLECT { LOAD CSV FROM $from AS line RETURN line }] AS x";
  const [read] = (await driver.executeQuery(statement, { from: `file://${file}` })).records;
  assert.ok(JSON.stringify(read).includes(secret));
  await driver.executeQuery(statement, { from: url });
  assert.ok(fetched() > 0);
  return fetched();
}
