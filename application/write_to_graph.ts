import type { GraphWrite } from "../domain/audit/event.ts";
import type { GraphBatch, UpsertCounts, WrittenBatch } from "../domain/graph/batch.ts";
import type { GraphWriter } from "../domain/ports/graph_writer.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";

/** What {@link writeToGraph} works with. */
export interface WriteToGraphParts {
  readonly writer: Pick<GraphWriter, "upsert">;
  readonly audit: Audit;
}

/**
 * Writes a checked batch and tells the audit. A batch of which the audit cannot be told stands, and is
 * answered as a failure.
 */
export async function writeToGraph(
  { writer, audit }: WriteToGraphParts,
  batch: GraphBatch,
  context: RequestContext,
): Promise<WrittenBatch> {
  const written = await writer.upsert(batch, context.signal);
  await audit.record(
    { type: "graph_written", details: graphWrite(written.counts) },
    actorOf(context),
  );
  return written;
}

/** Counts as the audit has them. */
export function graphWrite({ nodes, relationships }: UpsertCounts): GraphWrite {
  return {
    nodes_created: nodes.created,
    nodes_updated: nodes.updated,
    relationships_created: relationships.created,
    relationships_updated: relationships.updated,
  };
}
