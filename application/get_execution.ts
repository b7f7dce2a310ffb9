import { type FoundExecution, isJob } from "../domain/execution/job.ts";
import { DomainError } from "../domain/errors.ts";
import { isAllowed, type Principal, requirePermission } from "../domain/identity/principal.ts";
import type { ExecutionRecords } from "../domain/ports/execution_records.ts";
import type { JobQueue } from "../domain/ports/job_queue.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";

/** What {@link getExecution} works with. */
export interface GetExecutionParts {
  readonly records: ExecutionRecords;
  readonly jobs: Pick<JobQueue, "find">;
  readonly audit: Audit;
}

/**
 * The stored result of a run, for its owner or an admin; the audit is told before it is answered. Of a
 * job that has none: where it stands.
 *
 * Somebody else's run is `not_found`, the same as one that never was, so that ids tell nothing.
 */
export async function getExecution(
  parts: GetExecutionParts,
  id: string,
  context: RequestContext,
): Promise<FoundExecution> {
  const { audit } = parts;
  const { principal } = context;
  requirePermission(principal, "tools:read");
  const found = await findExecution(parts, id);
  if (found === null || !isVisible(found, principal)) {
    if (found !== null) audit.refused({ code: "not_owner", ...principal }, actorOf(context));
    throw new DomainError({ code: "not_found", what: `execution '${id}'` });
  }
  if (isJob(found)) return found;
  const details = { resource: "execution", owner: found.owner, id } as const;
  await audit.record({ type: "data_accessed", details }, actorOf(context));
  return found;
}

/** A job that is done has its record; where that comes later than the news of it, the job still runs. */
async function findExecution(
  { records, jobs }: GetExecutionParts,
  id: string,
): Promise<FoundExecution | null> {
  const record = await records.find(id);
  if (record !== null) return record;
  const job = await jobs.find(id);
  if (job === null || job.state === "queued") return job;
  const kept = await records.find(id);
  if (kept !== null) return kept;
  return job.state === "done" ? { ...job, state: "running", endedAt: null } : job;
}

function isVisible({ owner }: FoundExecution, principal: Principal): boolean {
  return owner === principal.subject || isAllowed(principal, "system:admin");
}
