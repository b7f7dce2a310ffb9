import type { GraphMetrics } from "../../../domain/graph/metrics.ts";
import type { Store } from "./store.ts";

interface Named {
  readonly name: string;
  readonly count: number;
}

/** From the engine's own counts, which take the same time for any size of graph. */
export function metricsOf(store: Store): GraphMetrics {
  const schema = store.database.schema() as { labels: Named[]; edge_types: Named[] };
  return {
    nodeCount: store.database.nodeCount(),
    relationshipCount: store.database.edgeCount(),
    labels: counts(schema.labels),
    relationshipTypes: counts(schema.edge_types),
  };
}

/** Names that were used once are still there, with a count of 0. */
function counts(named: readonly Named[]): Record<string, number> {
  return Object.fromEntries(
    named.filter(({ count }) => count > 0).map(({ name, count }) => [name, count]),
  );
}
