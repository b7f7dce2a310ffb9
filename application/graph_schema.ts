import { DomainError } from "../domain/errors.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import type { QueryDraft } from "../domain/graph/draft.ts";
import type { GraphMetrics } from "../domain/graph/metrics.ts";
import { INTERNAL_LABEL, nameFault } from "../domain/graph/names.ts";
import { GRAPH_SCHEMA, itemsOf } from "../domain/graph/schema.ts";
import { QUERY_SECONDS } from "../domain/graph/query_check.ts";
import type { FoundRows } from "./query_graph.ts";
import type { RequestContext } from "./request_context.ts";

/** By what nodes can be looked up, whatever their labels. */
export interface GraphIndex {
  readonly properties: readonly string[];
  /** Whether no two nodes have the same. */
  readonly unique: boolean;
}

/** What kinds of things there are in the graph. */
export interface GraphShape {
  readonly metrics: GraphMetrics;
  readonly indexes: readonly GraphIndex[];
}

/** What nodes of a label look like. */
export interface LabelShape {
  readonly label: string;
  /** How many nodes were looked at. */
  readonly sampled: number;
  /** How many of them have a property of this name, the commonest first. */
  readonly properties: readonly (readonly [name: string, nodes: number])[];
}

/** What the use cases of this file ask, with all that they check. */
export interface GraphSchemaParts {
  readonly graphMetrics: (context: RequestContext) => Promise<GraphMetrics>;
  readonly queryGraph: (query: QueryDraft, context: RequestContext) => Promise<FoundRows>;
}

/** Nodes of a label that are looked at. */
const SAMPLE = 100;

/**
 * The labels and types that there are, and by what nodes are found.
 *
 * @throws {DomainError} as `graphMetrics` does.
 */
export async function graphSchema(
  { graphMetrics }: GraphSchemaParts,
  context: RequestContext,
): Promise<GraphShape> {
  const metrics = await graphMetrics(context);
  const indexes = itemsOf(GRAPH_SCHEMA).filter(({ label }) => label === INTERNAL_LABEL)
    .map(({ properties, kind }) => ({ properties, unique: kind === "unique" }));
  return { metrics, indexes };
}

/**
 * Which properties nodes of a label have, by a hundred of them: counting in all would read the graph.
 *
 * @throws {DomainError} `not_found` where no node has the label; as `queryGraph` does.
 */
export async function describeLabel(
  { queryGraph }: GraphSchemaParts,
  label: string,
  context: RequestContext,
): Promise<LabelShape> {
  requirePermission(context.principal, "graph:query");
  const isName = nameFault(label, "label") === null;
  // The name can have no backtick in it.
  const statement = isName ? `MATCH (n:\`${label}\`) RETURN keys(n) AS names LIMIT ${SAMPLE}` : "";
  const asked = { statement, parameters: {}, limit: SAMPLE, timeoutSeconds: QUERY_SECONDS.usual };
  const rows = isName ? (await queryGraph(asked, context)).rows : [];
  if (rows.length === 0) {
    throw new DomainError({ code: "not_found", what: `label '${label.slice(0, 64)}'` });
  }
  const counts = new Map<string, number>();
  for (const [names] of rows) {
    for (const name of Array.isArray(names) ? names : []) {
      counts.set(String(name), (counts.get(String(name)) ?? 0) + 1);
    }
  }
  const properties = [...counts]
    .sort(([one, few], [other, many]) => many - few || (one < other ? -1 : 1));
  return { label, sampled: rows.length, properties };
}
