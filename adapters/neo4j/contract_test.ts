import { graphContract } from "../../tests/contracts/graph.ts";
import { graphModelContract } from "../../tests/contracts/graph_model.ts";
import type { GraphFeatures, GraphPlace } from "../../tests/contracts/graph_features.ts";
import { areRunning } from "../../tests/fixtures/services.ts";
import { trialPlace } from "../../tests/fixtures/neo4j_graph.ts";

function place(): Promise<GraphPlace> {
  return trialPlace();
}

const FEATURES: GraphFeatures = {
  cypher: true,
  wholeFloats: true,
  dollarMaps: true,
  temporal: true,
  spatial: true,
  labelsInExpressions: true,
  nul: true,
  loneSurrogates: { instead: "validation_failed", reason: "the database keeps UTF-8" },
  position: true,
  snapshots: { instead: "parts while it is written", reason: "the database reads committed" },
  durable: true,
};

if (await areRunning("neo4j")) {
  graphContract("openNeo4jGraph()", place, FEATURES);
  graphModelContract("openNeo4jGraph()", place);
} else {
  Deno.test.ignore("openNeo4jGraph(): the contract of a graph (needs Neo4j) [B3]", () => {});
}
