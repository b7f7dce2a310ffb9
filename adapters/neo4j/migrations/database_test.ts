import assert from "node:assert/strict";
import { DomainError } from "../../../domain/errors.ts";
import { GRAPH_SCHEMA, RECORDS_SCHEMA } from "../../../domain/graph/schema.ts";
import { optionsFor } from "../../../tests/fixtures/neo4j_records.ts";
import { migrateDatabase } from "./database.ts";

/** Where nobody listens. */
function away() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const uri = `bolt://127.0.0.1:${listener.addr.port}`;
  listener.close();
  return optionsFor({ uri, user: "neo4j", password: "not-to-be-told" });
}

Deno.test("migrateDatabase() says which database is away, and not where [S6, S40]", async () => {
  const asked = [
    { dependency: "graph", migrating: migrateDatabase(away(), GRAPH_SCHEMA, { owner: "a" }) },
    { dependency: "records", migrating: migrateDatabase(away(), RECORDS_SCHEMA, { owner: "a" }) },
    {
      dependency: "graph",
      migrating: migrateDatabase(away(), RECORDS_SCHEMA, {
        ...{ owner: "a", dryRun: true },
        other: away(),
      }),
    },
  ];
  for (const { dependency, migrating } of asked) {
    await assert.rejects(migrating, (error) => {
      assert.ok(error instanceof DomainError && error.failure.code === "dependency_unavailable");
      assert.equal(error.failure.dependency, dependency);
      assert.doesNotMatch(error.message, /127\.0\.0\.1/);
      return true;
    });
  }
});
