import type { QueryDraft } from "../domain/graph/draft.ts";
import type { GraphAnswer } from "../domain/graph/query.ts";
import { checkedQuery } from "../domain/graph/query_check.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import type { HtmlPolicy } from "../domain/input/text.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { GraphReader } from "../domain/ports/graph_reader.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";

/** What {@link queryGraph} works with. */
export interface QueryGraphParts {
  readonly reader: Pick<GraphReader, "query">;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly html: HtmlPolicy;
}

/** An answer, and how long the graph took for it. */
export interface FoundRows extends GraphAnswer {
  readonly durationSeconds: number;
}

/**
 * Asks the graph. The reading is an event of the audit, which is kept before the answer is given.
 *
 * @throws {DomainError} `forbidden`, `validation_failed`, `query_not_read_only`, `query_invalid`,
 * `query_timeout`, `dependency_unavailable`, `circuit_open`, `cancelled`.
 */
export async function queryGraph(
  { reader, audit, clock, html }: QueryGraphParts,
  draft: QueryDraft,
  context: RequestContext,
): Promise<FoundRows> {
  requirePermission(context.principal, "graph:query");
  const query = { ...checkedQuery(draft, html), caller: context.principal.subject };
  const began = clock.monotonic();
  const answer = await reader.query(query, context.signal);
  const durationSeconds = (clock.monotonic() - began) / 1000;
  const details = { resource: "graph", owner: null, id: null } as const;
  await audit.record({ type: "data_accessed", details }, actorOf(context));
  return { ...answer, durationSeconds };
}
