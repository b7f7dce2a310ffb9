import type { ExecutionRecord } from "../domain/execution/outcome.ts";
import { DomainError } from "../domain/errors.ts";
import { isAllowed, type Principal, requirePermission } from "../domain/identity/principal.ts";
import type { ExecutionRecords } from "../domain/ports/execution_records.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";

/** What {@link getExecution} works with. */
export interface GetExecutionParts {
  readonly records: ExecutionRecords;
  readonly audit: Audit;
}

/**
 * The stored result of a run, for its owner or an admin; the audit is told before it is answered.
 *
 * Somebody else's run is `not_found`, the same as one that never was, so that ids tell nothing.
 */
export async function getExecution(
  { records, audit }: GetExecutionParts,
  id: string,
  context: RequestContext,
): Promise<ExecutionRecord> {
  const { principal } = context;
  requirePermission(principal, "tools:read");
  const record = await records.find(id);
  if (record === null || !isVisible(record, principal)) {
    if (record !== null) audit.refused({ code: "not_owner", ...principal }, actorOf(context));
    throw new DomainError({ code: "not_found", what: `execution '${id}'` });
  }
  const details = { resource: "execution", owner: record.owner, id } as const;
  await audit.record({ type: "data_accessed", details }, actorOf(context));
  return record;
}

function isVisible({ owner }: ExecutionRecord, principal: Principal): boolean {
  return owner === principal.subject || isAllowed(principal, "system:admin");
}
