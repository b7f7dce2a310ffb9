import { isFailure } from "../../domain/errors.ts";
import type { PolicyFinding } from "../../domain/policy/finding.ts";
import type { ExecutionRunner } from "../../domain/ports/execution_runner.ts";
import {
  ensureSafePythonCode,
  type PolicyParts,
  type PythonSources,
} from "../ensure_safe_python_code.ts";
import type { DecoratedRunner, Finished } from "./admitted.ts";

/** A finished run with what the policy found in its program. */
export interface PolicedOutcome extends Finished {
  readonly policyFindings: readonly PolicyFinding[];
}

/**
 * A runner whose programs the operator's policy has looked at. Rejects with `code_rejected`, and runs
 * nothing, where the policy says so.
 */
export type PolicedRunner = DecoratedRunner<PolicedOutcome>;

/**
 * Puts the policy before a runner: Python programs that it refuses do not reach it. A policy that only
 * warns looks at a program while that runs. Neither look outlasts the call: behind a door, there are as
 * many at once as runs.
 */
export function policed(runner: Pick<ExecutionRunner, "run">, parts: PolicyParts): PolicedRunner {
  const refuses = parts.policy === "reject" || parts.policy === "reject-strict";
  return {
    async run(request, signal, watcher) {
      if (request.language !== "python" || parts.policy === "off") {
        return { outcome: await runner.run(request, signal, watcher), policyFindings: [] };
      }
      if (refuses) {
        const policyFindings = await ensureSafePythonCode(parts, request, signal);
        return { outcome: await runner.run(request, signal, watcher), policyFindings };
      }
      const ended = new AbortController();
      const running = runner.run(request, signal, watcher);
      const looking = lookedAt(parts, request, AbortSignal.any([signal, ended.signal]));
      running.catch(() => ended.abort());
      const [run, look] = await Promise.allSettled([running, looking]);
      if (run.status === "rejected") throw run.reason;
      if (look.status === "rejected") throw look.reason;
      return { outcome: run.value, policyFindings: look.value };
    },
  };
}

/** The run is on its way before the program is looked at. Nothing is found for a caller who left. */
async function lookedAt(
  parts: PolicyParts,
  sources: PythonSources,
  signal: AbortSignal,
): Promise<readonly PolicyFinding[]> {
  await parts.syntax.turn();
  if (signal.aborted) return [];
  try {
    return await ensureSafePythonCode(parts, sources, signal);
  } catch (error) {
    if (isFailure(error, "cancelled")) return [];
    throw error;
  }
}
