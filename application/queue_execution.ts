import { cacheKey, type Sha256 } from "../domain/caching/key.ts";
import { DomainError } from "../domain/errors.ts";
import { resolveFiles } from "../domain/execution/file_paths.ts";
import { type Idempotency, priorityOf } from "../domain/execution/job.ts";
import { resolveLimits } from "../domain/execution/limits.ts";
import type { ExecutionRequest } from "../domain/execution/request.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import type { AddedJob, JobQueue } from "../domain/ports/job_queue.ts";
import { jobActor } from "./audit_trail.ts";
import type { ExecuteCode, ExecuteCodeParts } from "./execute_code.ts";
import type { RequestContext } from "./request_context.ts";

const KEY = /^[!-~]{1,255}$/;

/** A request to run a program some time. It is always run: `cache` says nothing here. */
export interface QueueExecution extends ExecuteCode {
  /** The caller's own name for it, under which it is queued once only; `null`: it has none. */
  readonly idempotencyKey: string | null;
}

/** What {@link queueExecution} works with. */
export interface QueueExecutionParts
  extends Pick<ExecuteCodeParts, "ceilings" | "fileCaps" | "clock" | "audit" | "newId"> {
  readonly sha256: Sha256;
  readonly queue: Pick<JobQueue, "add">;
  /** Jobs that one user may have that have not ended. */
  readonly quota: number;
}

/**
 * Queues a run, or gives the job that the same key has made. What the program may have is judged now;
 * what it holds, by the policy, when it is run.
 *
 * @throws {DomainError} `forbidden`, `validation_failed`, `idempotency_key_reused`,
 * `too_many_executions`, `dependency_unavailable`.
 */
export async function queueExecution(
  parts: QueueExecutionParts,
  command: QueueExecution,
  context: RequestContext,
): Promise<AddedJob> {
  const { principal, correlationId, address = null } = context;
  requirePermission(principal, "tools:execute");
  const limits = resolveLimits(command.limits, parts.ceilings);
  const { idempotencyKey, cache: _, ...program } = command;
  const { language, code } = command;
  const files = resolveFiles(command, { language, limits, caps: parts.fileCaps });
  const request = { ...program, ...files, limits };
  const job = {
    id: parts.newId(),
    owner: principal.subject,
    correlationId,
    address,
    priority: priorityOf(principal.roles),
    createdAt: new Date(parts.clock.now()).toISOString(),
    request,
    idempotency: idempotencyOf(idempotencyKey, request, parts),
  };
  const added = await parts.queue.add(job, parts.quota);
  const { id } = added.job;
  const details = { execution_id: id, language, code_sha256: parts.sha256(code) };
  const actor = jobActor(added.job);
  // Of a known job too: whoever queued it may have failed here. The same event twice is kept once.
  await parts.audit.record({ type: "execution_queued", details }, actor, id);
  return added;
}

function idempotencyOf(
  key: string | null,
  request: ExecutionRequest,
  { sha256 }: Pick<QueueExecutionParts, "sha256">,
): Idempotency | null {
  if (key === null) return null;
  if (!KEY.test(key)) {
    const expected = "1 to 255 visible ASCII characters";
    const found = `${key.length} characters`;
    const errors = [{ pointer: "Idempotency-Key", expected, found }];
    throw new DomainError({ code: "validation_failed", errors });
  }
  const { files, outputs, limits, environment, ...rest } = request;
  const fingerprint = cacheKey({
    ...rest,
    environment,
    files: files.map(({ path, content }) => ({ path, content })),
    outputs: { ...outputs },
    limits: { ...limits },
  }, sha256);
  return { key, fingerprint };
}
