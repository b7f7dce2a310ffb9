import type { GraphMetrics } from "../domain/graph/metrics.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import type { GraphReader } from "../domain/ports/graph_reader.ts";
import type { RequestContext } from "./request_context.ts";

/**
 * How much there is in the graph.
 *
 * @throws {DomainError} `forbidden`, `dependency_unavailable`, `circuit_open`, `cancelled`.
 */
export async function graphMetrics(
  { reader }: { readonly reader: Pick<GraphReader, "metrics"> },
  context: RequestContext,
): Promise<GraphMetrics> {
  requirePermission(context.principal, "graph:query");
  return await reader.metrics(context.signal);
}
