import type { DeletionCounts } from "../domain/graph/batch.ts";
import { GraphCheck } from "../domain/graph/check.ts";
import type { DeletionDraft } from "../domain/graph/draft.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import type { GraphWriter } from "../domain/ports/graph_writer.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";
import { ensureFew } from "./upsert_graph.ts";

/** What {@link deleteFromGraph} works with. */
export interface DeleteFromGraphParts {
  readonly writer: Pick<GraphWriter, "delete">;
  readonly audit: Audit;
}

/**
 * Deletes nodes and relationships in one transaction; what is not there is passed over. The audit is
 * told before it is answered.
 *
 * @throws {DomainError} `forbidden`, `validation_failed`, `graph_conflict`, `dependency_unavailable`,
 * `circuit_open`, `cancelled`.
 */
export async function deleteFromGraph(
  { writer, audit }: DeleteFromGraphParts,
  deletion: DeletionDraft,
  context: RequestContext,
): Promise<DeletionCounts> {
  requirePermission(context.principal, "graph:delete");
  ensureNamed(deletion);
  const counts = await writer.delete(deletion, context.signal);
  const details = { ...counts, detach: deletion.detach ? "yes" : "no" } as const;
  await audit.record({ type: "graph_deleted", details }, actorOf(context));
  return counts;
}

function ensureNamed({ nodes, relationships }: DeletionDraft): void {
  ensureFew(nodes, "/nodes");
  ensureFew(relationships, "/relationships");
  const check = new GraphCheck("keep");
  nodes.forEach((key, at) => check.key(key, `/nodes/${at}`));
  relationships.forEach(({ start, end, type }, at) => {
    check.key(start, `/relationships/${at}/start`);
    check.key(end, `/relationships/${at}/end`);
    check.name(type, "type", `/relationships/${at}/type`);
  });
  check.finish();
}
