import { ErrorReply } from "redis";
import { DomainError } from "../../domain/errors.ts";
import type { Verdict } from "../../domain/resilience/breaker_policy.ts";

/** What Redis answers when it has no room for what a command would store. */
const FULL = /\bOOM\b/;

/** Redis is away; it is tried again in the background, within a second. */
export function redisUnavailable(reason: string, cause?: unknown): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "redis",
    reason,
    remedy: null,
    retryAfterSeconds: 1,
  }, { cause });
}

/** What a call to Redis has thrown, as the domain knows it. */
export function redisFailure(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  return redisUnavailable(error instanceof Error ? error.message : String(error), error);
}

/** Whether Redis has answered that it is full: it still reads, and deletes. */
export function isFull(error: unknown): boolean {
  const said = error instanceof DomainError ? error.cause : error;
  return said instanceof ErrorReply && FULL.test(said.message);
}

/** A Redis that says that it is full is well but for that: it goes on answering. */
export function redisVerdict(error: unknown): Verdict {
  return isFull(error) ? "successful" : "failed";
}
