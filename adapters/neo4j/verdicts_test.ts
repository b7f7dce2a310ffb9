import assert from "node:assert/strict";
import type { Session } from "neo4j-driver";
import { failureOf, rowsOf } from "../../tests/fixtures/graph.ts";
import { placeAt } from "../../tests/fixtures/neo4j_graph.ts";
import { areRunning, neo4jService } from "../../tests/fixtures/services.ts";
import type { Link, Work } from "./link.ts";
import { Verdicts } from "./verdicts.ts";

const PLAN = { operatorType: "ProduceResults", identifiers: [], arguments: {}, children: [] };

/** A way to a database called `own`, whose analysis says of every statement that it is for `found`. */
function linkTo(own: string, found: string): Link {
  const session = {
    run(statement: string) {
      const name = statement.startsWith("EXPLAIN") ? found : own;
      const summary = { queryType: "r", plan: PLAN, database: { name } };
      return Object.assign(Promise.resolve({ summary }), {
        keys: () => Promise.resolve(["x"]),
        summary: () => Promise.resolve(summary),
      });
    },
  } as unknown as Session;
  const run = <Done>(_asking: unknown, work: Work<Done>) => work(session, () => 1000);
  return { database: "alias", run } as unknown as Link;
}

const JUDGING = {
  ...{ parameters: {}, timeoutSeconds: 1, left: () => 1000, caller: null },
  signal: new AbortController().signal,
};

Deno.test("Verdicts.of() refuses what the analysis says is for another database [S9, S10]", async () => {
  const statement = "RETURN 1 AS x";
  assert.equal(
    (await failureOf(new Verdicts(linkTo("neo4j", "records")).of(statement, JUDGING))).code,
    "query_invalid",
  );
  const { text } = await new Verdicts(linkTo("neo4j", "neo4j")).of(statement, JUDGING);
  assert.equal(text, statement);
});

Deno.test({
  name: "Verdicts.of() takes the database's other names for its own (needs Neo4j) [S9, S10]",
  ignore: !(await areRunning("neo4j")),
  async fn() {
    await using graph = await placeAt(await neo4jService(), { database: "NEO4J" }).open();
    assert.deepEqual(await rowsOf(graph, "RETURN 1 AS x"), ["1"]);
  },
});
