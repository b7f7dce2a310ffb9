/** How much there is in the graph. The service's own label is not counted. */
export interface GraphMetrics {
  readonly nodeCount: number;
  readonly relationshipCount: number;
  /** Nodes by label; one with two labels counts for both. */
  readonly labels: Readonly<Record<string, number>>;
  readonly relationshipTypes: Readonly<Record<string, number>>;
}

/** Relationships a node has on average: each counts at both its ends; 0 for an empty graph. */
export function averageDegree({ nodeCount, relationshipCount }: GraphMetrics): number {
  return nodeCount === 0 ? 0 : (2 * relationshipCount) / nodeCount;
}
