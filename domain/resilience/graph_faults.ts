import { DomainError } from "../errors.ts";
import type { Verdict } from "./breaker_policy.ts";

/**
 * How a call of the graph counts that has thrown. A caller's mistakes are the engine's good answers:
 * five typos must not deny the graph to everyone. A statement that runs out of the time its caller gave
 * it says nothing of the engine; one that does not answer at all is `dependency_unavailable`, unless
 * others were in the way.
 */
export function graphVerdict(error: unknown): Verdict {
  if (!(error instanceof DomainError)) return "failed";
  switch (error.failure.code) {
    case "dependency_unavailable":
      return error.failure.blameless === true ? "ignored" : "failed";
    case "query_timeout":
    case "cancelled":
    case "shutting_down":
    case "circuit_open":
      return "ignored";
    default:
      return "successful";
  }
}

/** Whether the very same call may well go through when it is tried again. */
export function isTransientGraphFault(error: unknown): boolean {
  return error instanceof DomainError && error.failure.code === "dependency_unavailable" &&
    error.failure.transient !== false;
}
