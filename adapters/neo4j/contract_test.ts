import { graphContract } from "../../tests/contracts/graph.ts";
import { graphModelContract } from "../../tests/contracts/graph_model.ts";
import type { GraphPlace } from "../../tests/contracts/graph_features.ts";
import { trialPlace } from "./graph_fixture.ts";

function place(): Promise<GraphPlace> {
  return trialPlace();
}

graphContract("openNeo4jGraph()", place, {
  cypher: true,
  wholeFloats: true,
  dollarMaps: true,
  temporal: true,
  spatial: true,
  labelsInExpressions: true,
  nul: true,
  loneSurrogates: { instead: "validation_failed", reason: "the database keeps UTF-8" },
  position: true,
  durable: true,
});

graphModelContract("openNeo4jGraph()", place);
