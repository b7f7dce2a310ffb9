import { DomainError } from "../../domain/errors.ts";

/** A store that cannot be used now. */
export function unavailable(dependency: string, reason: string, cause?: unknown): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency,
    reason,
    remedy: null,
    retryAfterSeconds: 1,
  }, { cause });
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
