import type { Job } from "../domain/execution/job.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import type { JobQueue } from "../domain/ports/job_queue.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";

/** What {@link listDeadExecutions} works with. */
export interface ListDeadExecutionsParts {
  readonly jobs: Pick<JobQueue, "dead">;
  readonly audit: Audit;
}

/** Everyone's jobs that could not be run, the last first, for admins; the audit is told before. */
export async function listDeadExecutions(
  { jobs, audit }: ListDeadExecutionsParts,
  limit: number,
  context: RequestContext,
): Promise<readonly Job[]> {
  requirePermission(context.principal, "system:admin");
  const dead = await jobs.dead(limit);
  const details = { resource: "execution", owner: null, id: null } as const;
  await audit.record({ type: "data_accessed", details }, actorOf(context));
  return dead;
}
