import { DomainError } from "../domain/errors.ts";
import type { GraphBatch, UpsertCounts } from "../domain/graph/batch.ts";
import { GraphCheck } from "../domain/graph/check.ts";
import { type BatchDraft, MAX_ITEMS } from "../domain/graph/draft.ts";
import type { GraphMetrics } from "../domain/graph/metrics.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import type { HtmlPolicy } from "../domain/input/text.ts";
import type { RequestContext } from "./request_context.ts";
import { writeToGraph, type WriteToGraphParts } from "./write_to_graph.ts";

/** What {@link upsertGraph} works with. */
export interface UpsertGraphParts extends WriteToGraphParts {
  readonly html: HtmlPolicy;
  readonly turn: () => Promise<void>;
}

/** What was written, and how much there is now. */
export interface UpsertedGraph extends UpsertCounts {
  readonly metrics: GraphMetrics;
}

/**
 * Writes nodes and relationships in one transaction, all of them or nothing.
 *
 * @throws {DomainError} `forbidden`, `validation_failed`, `missing_endpoints`,
 * `dependency_unavailable`, `circuit_open`, `cancelled`.
 */
export async function upsertGraph(
  parts: UpsertGraphParts,
  draft: BatchDraft,
  context: RequestContext,
): Promise<UpsertedGraph> {
  requirePermission(context.principal, "graph:upsert");
  const batch = await checkedBatch(parts, draft);
  const { counts, metrics } = await writeToGraph(parts, batch, context);
  return { ...counts, metrics };
}

async function checkedBatch(
  { html, turn }: UpsertGraphParts,
  { nodes, relationships }: BatchDraft,
): Promise<GraphBatch> {
  ensureFew(nodes, "/nodes");
  ensureFew(relationships, "/relationships");
  const check = new GraphCheck(html);
  const each = async <From, To>(all: readonly From[], checked: (from: From, at: number) => To) => {
    const done: To[] = [];
    for (const [at, from] of all.entries()) {
      if (check.isFull) break;
      done.push(checked(from, at));
      if (check.takeTurn()) await turn();
    }
    return done;
  };
  const batch = {
    nodes: await each(nodes, (node, at) => check.node(node, `/nodes/${at}`)),
    relationships: await each(
      relationships,
      (relationship, at) => check.relationship(relationship, `/relationships/${at}`),
    ),
  };
  check.finish();
  return batch;
}

/** @throws {DomainError} `validation_failed` for more items than one request may have. */
export function ensureFew(items: readonly unknown[], pointer: string): void {
  if (items.length <= MAX_ITEMS) return;
  const expected = `at most ${MAX_ITEMS} items`;
  const found = `${items.length} items`;
  throw new DomainError({ code: "validation_failed", errors: [{ pointer, expected, found }] });
}
