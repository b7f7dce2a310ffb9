import { averageDegree, type GraphMetrics } from "../../domain/graph/metrics.ts";

/** Of labels, and of types, so many are told at most: those with the most. */
const MOST_NAMES = 1000;

type Counts = Readonly<Record<string, number>>;

/** How much there is in the graph, however many names there are in it. */
export interface WireGraphCounts {
  readonly node_count: number;
  readonly relationship_count: number;
  /** Nodes by label. */
  readonly labels: Counts;
  readonly relationship_types: Counts;
  readonly average_degree: number;
  /** How many more of these there are. */
  readonly omitted: { readonly labels: number; readonly relationship_types: number };
}

/** Metrics as a resource tells them: the same as over HTTP, but for the rarest of very many names. */
export function wireGraphCounts(metrics: GraphMetrics): WireGraphCounts {
  const { nodeCount, relationshipCount, labels, relationshipTypes } = metrics;
  return {
    node_count: nodeCount,
    relationship_count: relationshipCount,
    labels: commonest(labels),
    relationship_types: commonest(relationshipTypes),
    average_degree: averageDegree(metrics),
    omitted: { labels: beyond(labels), relationship_types: beyond(relationshipTypes) },
  };
}

function commonest(counts: Counts): Counts {
  const most = Object.entries(counts).sort(([, few], [, many]) => many - few);
  return Object.fromEntries(most.slice(0, MOST_NAMES));
}

function beyond(counts: Counts): number {
  return Math.max(0, Object.keys(counts).length - MOST_NAMES);
}
