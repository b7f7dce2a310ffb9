import { DomainError } from "../../domain/errors.ts";

/** A linter that cannot work now, for no fault of the text. */
export function unavailable(reason: string): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "linter",
    reason,
    remedy: null,
    retryAfterSeconds: 1,
  });
}
