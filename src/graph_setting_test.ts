import { deepStrictEqual } from "node:assert/strict";
import { faultsOf, parse } from "../tests/fixtures/configuration.ts";
import { addressIn } from "./graph_setting.ts";

Deno.test("parseConfig() takes Neo4j for the graph once it is told where it is [S8, B3]", () => {
  const env = { NEO4J_URI: "bolt://127.0.0.1:7687", NEO4J_PASSWORD: "pass-word" };
  deepStrictEqual(parse({}).graph.backend, "embedded");
  deepStrictEqual(parse(env).graph.backend, "neo4j");
  deepStrictEqual(parse({ ...env, GRAPH_BACKEND: "embedded" }).graph.backend, "embedded");
});

Deno.test("parseConfig() wants an address and a password where Neo4j keeps the graph [S8]", () => {
  deepStrictEqual(faultsOf({ GRAPH_BACKEND: "neo4j" }), [
    "NEO4J_URI must be set where Neo4j keeps the graph",
    "NEO4J_PASSWORD must be set where Neo4j keeps the graph",
  ]);
  deepStrictEqual(faultsOf({ NEO4J_URI: "bolt://db" }), [
    "NEO4J_PASSWORD must be set where Neo4j keeps the graph",
  ]);
});

Deno.test("addressIn() gives host and port, as permissions have them", () => {
  const uris = {
    "bolt://db": "db:7687",
    "bolt+s://db.example.org:17687": "db.example.org:17687",
    "neo4j+ssc://[::1]:7000/": "[::1]:7000",
    "bolt://db:65536": null,
    "bolt://u@db": null,
    "http://db": null,
    "bolt://db?x=1": null,
  };
  for (const [uri, address] of Object.entries(uris)) deepStrictEqual(addressIn(uri), address, uri);
});
