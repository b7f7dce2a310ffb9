import { requirePermission } from "../domain/identity/principal.ts";
import type { AuditFilter, AuditLog, AuditPage, AuditPaging } from "../domain/ports/audit_log.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";

/** Which events are asked for, and how many. */
export interface SearchAudit extends AuditFilter, AuditPaging {}

/** What {@link searchAudit} works with. */
export interface SearchAuditParts {
  readonly log: Pick<AuditLog, "search">;
  readonly audit: Audit;
}

/**
 * A page of the audit's events, newest first, for admins. The reading is an event too, which is kept
 * before the answer is given.
 *
 * @throws {DomainError} `forbidden`, `dependency_unavailable`.
 */
export async function searchAudit(
  { log, audit }: SearchAuditParts,
  query: SearchAudit,
  context: RequestContext,
): Promise<AuditPage> {
  requirePermission(context.principal, "system:admin");
  const page = await log.search(query, query);
  const details = { resource: "audit", owner: null, id: null } as const;
  await audit.record({ type: "data_accessed", details }, actorOf(context));
  return page;
}
