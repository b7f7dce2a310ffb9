import type { PolicyFinding } from "../../domain/policy/finding.ts";
import {
  ensureSafePythonCode,
  type PolicyParts,
  type PythonSources,
} from "../ensure_safe_python_code.ts";
import type { AdmittedOutcome, AdmittedRunner, DecoratedRunner } from "./admitted.ts";

/** A finished run with what the policy found in its program. */
export interface PolicedOutcome extends AdmittedOutcome {
  readonly policyFindings: readonly PolicyFinding[];
}

/**
 * A runner whose programs the operator's policy has looked at. Rejects with `code_rejected`, and runs
 * nothing, where the policy says so.
 */
export type PolicedRunner = DecoratedRunner<PolicedOutcome>;

/**
 * Puts the policy before a runner: Python programs that it refuses do not reach it. A policy that only
 * warns looks at a program while that runs.
 */
export function policed(runner: AdmittedRunner, parts: PolicyParts): PolicedRunner {
  const refuses = parts.policy === "reject" || parts.policy === "reject-strict";
  return {
    async run(request, signal, watcher) {
      if (request.language !== "python" || parts.policy === "off") {
        return { ...await runner.run(request, signal, watcher), policyFindings: [] };
      }
      if (refuses) {
        const policyFindings = await ensureSafePythonCode(parts, request);
        return { ...await runner.run(request, signal, watcher), policyFindings };
      }
      const running = runner.run(request, signal, watcher);
      const [done, policyFindings] = await Promise.all([running, lookedAt(parts, request)]);
      return { ...done, policyFindings };
    },
  };
}

/** The run is on its way before the program is looked at. */
async function lookedAt(
  parts: PolicyParts,
  sources: PythonSources,
): Promise<readonly PolicyFinding[]> {
  await parts.syntax.turn();
  return await ensureSafePythonCode(parts, sources);
}
