import { attempts, honestReads } from "./graph_attacks.ts";
import { graphAnswersContract } from "./graph_answers.ts";
import { graphBoundsContract } from "./graph_bounds.ts";
import { graphCountsContract } from "./graph_counts.ts";
import { graphEntitiesContract } from "./graph_entities.ts";
import type { GraphFeatures, GraphPlace } from "./graph_features.ts";
import { graphGateContract } from "./graph_gate.ts";
import { graphTransferContract } from "./graph_transfer.ts";
import { graphUpsertContract } from "./graph_upsert.ts";
import { graphValuesContract } from "./graph_values.ts";

/**
 * Checks that an implementation keeps the contract of `GraphEngine`.
 *
 * `name` is the implementation's name, first in each test's name; `place` makes a new empty place;
 * `features` says what it does otherwise, and why. Statements keep to what Neo4j 5 and the embedded engine
 * both read. An engine other than the map-backed fake is also held to that, by `graphModelContract`.
 */
export function graphContract(
  name: string,
  place: () => Promise<GraphPlace>,
  features: GraphFeatures,
): void {
  graphUpsertContract(name, place);
  graphValuesContract(name, place, features);
  graphAnswersContract(name, place, features);
  graphEntitiesContract(name, place, features);
  graphBoundsContract(name, place, features);
  graphGateContract(name, place);
  graphTransferContract(name, place, features);
  graphCountsContract(name, place, features);
  honestReads(name, place, features);
  attempts(name, place, features);
}
