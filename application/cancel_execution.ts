import { type FoundExecution, hasEnded, isJob, type Job } from "../domain/execution/job.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import type { JobQueue } from "../domain/ports/job_queue.ts";
import { actorOf } from "./audit_trail.ts";
import { getExecution, type GetExecutionParts } from "./get_execution.ts";
import type { RequestContext } from "./request_context.ts";

/** What {@link cancelExecution} works with. */
export interface CancelExecutionParts extends GetExecutionParts {
  readonly jobs: Pick<JobQueue, "find" | "cancel">;
}

/**
 * Ends a job that waits, tells one that runs to stop, and leaves one that has ended as it is; for its
 * owner or an admin. What then stands.
 */
export async function cancelExecution(
  parts: CancelExecutionParts,
  id: string,
  context: RequestContext,
): Promise<FoundExecution> {
  requirePermission(context.principal, "tools:execute");
  const found = await getExecution(parts, id, context);
  if (!isJob(found)) return found;
  // One that is done without its record yet is shown as running: there is nothing to cancel.
  const standing = await parts.jobs.find(id);
  if (standing === null || hasEnded(standing)) return found;
  const details = { execution_id: id, owner: found.owner };
  await parts.audit.record({ type: "execution_cancelled", details }, actorOf(context));
  const job: Job | null = await parts.jobs.cancel(id);
  return job ?? found;
}
