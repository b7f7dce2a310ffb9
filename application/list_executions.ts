import {
  type ExecutionPage,
  type ListedExecution,
  newestOf,
  type Page,
} from "../domain/execution/summary.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import type { ExecutionRecords } from "../domain/ports/execution_records.ts";
import type { OpenJobs } from "../domain/ports/job_queue.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import type { RequestContext } from "./request_context.ts";

/** What {@link listExecutions} works with. */
export interface ListExecutionsParts {
  readonly records: Pick<ExecutionRecords, "list">;
  readonly jobs: OpenJobs;
  readonly audit: Audit;
}

/**
 * The caller's own runs that have a result, and jobs that wait or run; the audit is told before it is answered.
 * Jobs that ended without a result are found by their ids only.
 */
export async function listExecutions(
  { records, jobs, audit }: ListExecutionsParts,
  { limit, before }: Page,
  context: RequestContext,
): Promise<ExecutionPage> {
  const { principal } = context;
  requirePermission(principal, "tools:read");
  const page = { limit: limit + 1, before };
  // Jobs first: one that ends in between has its result by then.
  const open = await jobs.open(principal.subject, page);
  const finished = await records.list(principal.subject, page);
  const found = newestOf<ListedExecution>([...finished, ...open], page);
  const details = { resource: "execution", owner: principal.subject, id: null } as const;
  await audit.record({ type: "data_accessed", details }, actorOf(context));
  const executions = found.slice(0, limit);
  return { executions, next: found.length > limit ? executions.at(-1)?.id ?? null : null };
}
