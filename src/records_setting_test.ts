import { deepStrictEqual } from "node:assert/strict";
import { faultsOf, parse } from "../tests/fixtures/configuration.ts";

const RECORDS = {
  RECORDS_BACKEND: "neo4j",
  RECORDS_NEO4J_URI: "bolt://db:7688",
  RECORDS_NEO4J_PASSWORD: "pass-word",
};

Deno.test("parseConfig() takes Neo4j for the records only where it is told to [B2]", () => {
  deepStrictEqual(parse({}).records.backend, "sqlite");
  deepStrictEqual(parse(RECORDS).records, {
    backend: "neo4j",
    neo4j: { uri: "bolt://db:7688", user: "neo4j", password: "pass-word", database: "neo4j" },
  });
});

Deno.test("parseConfig() wants an address and a password where Neo4j keeps the records [B2]", () => {
  deepStrictEqual(faultsOf({ RECORDS_BACKEND: "neo4j" }), [
    "RECORDS_NEO4J_URI must be set where Neo4j keeps the records",
    "RECORDS_NEO4J_PASSWORD must be set where Neo4j keeps the records",
  ]);
});

Deno.test("parseConfig() refuses the graph's own database for the records [B2]", () => {
  const graph = { NEO4J_URI: "neo4j://db:7688", NEO4J_PASSWORD: "pass-word" };
  deepStrictEqual(faultsOf({ ...RECORDS, ...graph }), [
    "RECORDS_NEO4J_URI and RECORDS_NEO4J_DATABASE must name another database than the graph's: " +
    "whoever may query the graph would read the records",
  ]);
  deepStrictEqual(
    parse({ ...RECORDS, ...graph, RECORDS_NEO4J_DATABASE: "records" }).records.neo4j.database,
    "records",
  );
});
