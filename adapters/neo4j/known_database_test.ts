import assert from "node:assert/strict";
import neo4j from "neo4j-driver";
import { node, write } from "../../tests/fixtures/graph.ts";
import { placeAt } from "../../tests/fixtures/neo4j_graph.ts";
import {
  areRunning,
  type Neo4jService,
  neo4jService,
  recordsService,
} from "../../tests/fixtures/services.ts";
import { openTcpProxy } from "../../tests/fixtures/tcp_proxy.ts";

const UNIQUE = "SHOW CONSTRAINTS YIELD labelsOrTypes AS labels WHERE 'GraphNode' IN labels " +
  "RETURN count(*) AS constraints";

async function emptied({ uri, user, password }: Neo4jService): Promise<void> {
  await using driver = neo4j.driver(uri, neo4j.auth.basic(user, password));
  await driver.executeQuery("MATCH (n) DETACH DELETE n");
  await driver.executeQuery("DROP CONSTRAINT graph_node_key IF EXISTS");
}

async function constraintsOf({ uri, user, password }: Neo4jService): Promise<number> {
  await using driver = neo4j.driver(uri, neo4j.auth.basic(user, password));
  const { records } = await driver.executeQuery(UNIQUE);
  return Number(records[0]?.get("constraints"));
}

Deno.test({
  name:
    "openNeo4jGraph(): another database behind its address gets the constraint before a write " +
    "(needs Neo4j) [S6, B3]",
  ignore: !await areRunning("neo4j", "records"),
  async fn() {
    const [first, second] = [await neo4jService(), await recordsService()];
    await emptied(second);
    await using proxy = openTcpProxy(first.port);
    const { user, password } = first;
    assert.equal(second.password, password);
    const uri = `bolt://127.0.0.1:${proxy.port}`;
    try {
      await using graph = await placeAt({ uri, user, password }).open();
      await write(graph, { nodes: [node("a")] });
      assert.equal(await constraintsOf(second), 0);
      proxy.lead(second.port);
      proxy.cut();
      // Some of those who come first may find the connection cut.
      for (let round = 0; round < 3; round += 1) {
        const same = { nodes: [node("a")], relationships: [] };
        const signal = new AbortController().signal;
        await Promise.allSettled(
          Array.from({ length: 8 }, () => graph.writer.upsert(same, signal)),
        );
      }
      assert.equal(await constraintsOf(second), 1);
      assert.deepEqual(await write(graph, { nodes: [node("a")] }), {
        nodes: { created: 0, updated: 1 },
        relationships: { created: 0, updated: 0 },
      });
    } finally {
      await emptied(second);
    }
  },
});
