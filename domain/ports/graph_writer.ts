import type { DeletionCounts, GraphBatch, GraphDeletion, WrittenBatch } from "../graph/batch.ts";

/**
 * Writes the graph: each call is one transaction, all of it or nothing, and durable when it resolves.
 *
 * Repeating a call that has succeeded changes nothing more. A deletion takes named relationships before
 * nodes. Concurrency: any number of calls at once; they take effect one after another. Failure: rejects
 * only with a `DomainError`: `missing_endpoints` (relationships whose ends are neither in the batch nor in
 * the graph), `graph_conflict` (deleting a node that has relationships, without `detach`),
 * `validation_failed` (a name or a text that the engine cannot hold as it is, or the service's own label;
 * nothing is written), `dependency_unavailable` when the engine is away, `cancelled` once `signal` is
 * aborted before the transaction began.
 */
export interface GraphWriter {
  upsert(batch: GraphBatch, signal: AbortSignal): Promise<WrittenBatch>;
  delete(deletion: GraphDeletion, signal: AbortSignal): Promise<DeletionCounts>;
}
