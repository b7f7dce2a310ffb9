import type { UpsertCounts } from "../../domain/graph/batch.ts";
import { averageDegree, type GraphMetrics } from "../../domain/graph/metrics.ts";
import type { GraphAnswer } from "../../domain/graph/query.ts";
import type { WireGraphMetrics, WireGraphRows, WireGraphUpserted } from "./graph_schemas.ts";
import { wireRows } from "./graph_values.ts";

/** Metrics as they cross the wire. */
export function wireGraphMetrics(metrics: GraphMetrics): WireGraphMetrics {
  return {
    node_count: metrics.nodeCount,
    relationship_count: metrics.relationshipCount,
    labels: { ...metrics.labels },
    relationship_types: { ...metrics.relationshipTypes },
    average_degree: averageDegree(metrics),
  };
}

/** What an upsert has done, as it crosses the wire. */
export function wireUpserted(
  { nodes, relationships, metrics }: UpsertCounts & { readonly metrics: GraphMetrics },
): WireGraphUpserted {
  return {
    nodes: { ...nodes },
    relationships: { ...relationships },
    metrics: wireGraphMetrics(metrics),
  };
}

/** What a statement has found, as it crosses the wire; `hold` may put marks in the place of long texts. */
export function wireGraphRows(
  answer: GraphAnswer & { readonly durationSeconds: number },
  hold?: (text: string) => string,
): WireGraphRows {
  return {
    results: wireRows(answer, hold),
    columns: [...answer.columns],
    truncated: answer.truncated,
    cached: answer.cached ?? false,
    duration_seconds: answer.durationSeconds,
  };
}
