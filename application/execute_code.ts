import {
  type ExecutionLimits,
  type RequestedLimits,
  resolveLimits,
} from "../domain/execution/limits.ts";
import type { ExecutionOutcome, ExecutionRecord } from "../domain/execution/outcome.ts";
import type { Language } from "../domain/execution/language.ts";
import { requirePermission } from "../domain/identity/principal.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { ExecutionRecords } from "../domain/ports/execution_records.ts";
import type { PolicedRunner } from "./decorators/policed.ts";
import type { RequestContext } from "./request_context.ts";

/** A request to run a program, already checked for its shape. */
export interface ExecuteCode {
  readonly language: Language;
  readonly code: string;
  readonly stdin: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: RequestedLimits;
}

/** What {@link executeCode} works with. */
export interface ExecuteCodeParts {
  readonly runner: PolicedRunner;
  readonly records: ExecutionRecords;
  readonly ceilings: ExecutionLimits;
  readonly clock: Clock;
  /** A new id that sorts by time of making. */
  readonly newId: () => string;
}

/**
 * Runs a program in the sandbox and keeps its record before it answers.
 *
 * @throws {DomainError} `forbidden`, `validation_failed` (a limit above its ceiling),
 * `code_rejected`, `too_many_executions`, `language_unavailable`, `dependency_unavailable`, `cancelled`.
 */
export async function executeCode(
  parts: ExecuteCodeParts,
  command: ExecuteCode,
  context: RequestContext,
): Promise<ExecutionRecord> {
  requirePermission(context.principal, "tools:execute");
  const limits = resolveLimits(command.limits, parts.ceilings);
  const createdAt = parts.clock.now();
  const request = { ...command, limits };
  const { outcome, queueSeconds, policyFindings } = await parts.runner.run(request, context.signal);
  const record = recordOf(outcome, {
    id: parts.newId(),
    owner: context.principal.subject,
    correlationId: context.correlationId,
    language: command.language,
    queueSeconds,
    policyFindings,
    createdAt: new Date(createdAt).toISOString(),
  });
  await parts.records.save(record);
  return record;
}

function recordOf(
  outcome: ExecutionOutcome,
  rest: Omit<ExecutionRecord, keyof ExecutionOutcome>,
): ExecutionRecord {
  return { ...outcome, ...rest };
}
