import type { ExecutionRecord } from "../domain/execution/outcome.ts";
import { DomainError } from "../domain/errors.ts";
import { isAllowed, requirePermission } from "../domain/identity/principal.ts";
import type { ExecutionRecords } from "../domain/ports/execution_records.ts";
import type { RequestContext } from "./request_context.ts";

/**
 * The stored result of a run, for its owner or an admin.
 *
 * Somebody else's run is `not_found`, the same as one that never was, so that ids tell nothing.
 */
export async function getExecution(
  records: ExecutionRecords,
  id: string,
  context: RequestContext,
): Promise<ExecutionRecord> {
  const { principal } = context;
  requirePermission(principal, "tools:read");
  const record = await records.find(id);
  const visible = record !== null &&
    (record.owner === principal.subject || isAllowed(principal, "system:admin"));
  if (!visible) throw new DomainError({ code: "not_found", what: `execution '${id}'` });
  return record;
}
