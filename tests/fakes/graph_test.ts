import { graphContract } from "../contracts/graph.ts";
import type { GraphPlace } from "../contracts/graph_features.ts";
import { FAKE_GRAPH_FEATURES, FakeGraph } from "./graph.ts";

function place(): Promise<GraphPlace> {
  return Promise.resolve({
    open: () => Promise.resolve(new FakeGraph()),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

graphContract("FakeGraph", place, FAKE_GRAPH_FEATURES);
