import type { UpsertCounts } from "../../domain/graph/batch.ts";
import { averageDegree, type GraphMetrics } from "../../domain/graph/metrics.ts";
import type { GraphAnswer } from "../../domain/graph/query.ts";
import type { WireGraphMetrics, WireGraphRows, WireGraphUpserted } from "./graph_schemas.ts";
import { toJson } from "./json.ts";
import { wireRow } from "./graph_values.ts";

const PIECE_LENGTH = 65_536;

/** An answer, and how long the graph took for it. */
type FoundAnswer = GraphAnswer & { readonly durationSeconds: number };

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

/**
 * What a statement has found as JSON text without live markup, in pieces of some 64 Ki characters, each
 * made when it is asked for. Between two pieces others can have their turn.
 */
export function* graphRowsText(answer: FoundAnswer): Generator<string> {
  let piece = '{"results":[';
  let isFirst = true;
  for (const row of answer.rows) {
    piece += (isFirst ? "" : ",") + toJson(wireRow(answer.columns, row));
    isFirst = false;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = "";
  }
  const { results: _, ...rest } = wireGraphRows({ ...answer, rows: [] });
  yield `${piece}],${toJson(rest).slice(1)}`;
}

/** What a statement has found, as it crosses the wire; `hold` may put marks in the place of long texts. */
export function wireGraphRows(
  answer: FoundAnswer,
  hold?: (text: string) => string,
): WireGraphRows {
  return {
    results: answer.rows.map((row) => wireRow(answer.columns, row, hold)),
    columns: [...answer.columns],
    truncated: answer.truncated,
    cached: answer.cached ?? false,
    duration_seconds: answer.durationSeconds,
  };
}
