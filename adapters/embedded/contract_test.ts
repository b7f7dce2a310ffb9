import { graphContract } from "../../tests/contracts/graph.ts";
import { graphModelContract } from "../../tests/contracts/graph_model.ts";
import type { GraphPlace } from "../../tests/contracts/graph_features.ts";
import { trialPlace } from "./engine_fixture.ts";

function place(): Promise<GraphPlace> {
  return trialPlace();
}

graphContract("openEmbeddedGraph()", place, {
  cypher: true,
  wholeFloats: true,
  dollarMaps: true,
  temporal: true,
  spatial: { instead: "query_invalid", reason: "the engine has no points" },
  labelsInExpressions: true,
  nul: true,
  loneSurrogates: { instead: "validation_failed", reason: "the engine keeps UTF-8" },
  position: true,
  snapshots: true,
  durable: true,
});

graphModelContract("openEmbeddedGraph()", place);
