import { DomainError } from "../../domain/errors.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { RevokedTokens } from "../../domain/ports/revoked_tokens.ts";

/** Keeps revocations in a map until they lapse or it is closed: nothing outlives it. */
export class MemoryRevokedTokens implements RevokedTokens {
  readonly #clock: Clock;
  /** When each lapses, in milliseconds since 1970. */
  readonly #until = new Map<string, number>();
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  revoke(tokenId: string, until: number | null): Promise<void> {
    if (this.#closed) return Promise.reject(closed());
    this.#forgetLapsed();
    const before = this.#until.get(tokenId) ?? -Infinity;
    this.#until.set(tokenId, Math.max(before, until ?? Infinity));
    return Promise.resolve();
  }

  isRevoked(tokenId: string): Promise<boolean> {
    if (this.#closed) return Promise.reject(closed());
    const until = this.#until.get(tokenId);
    return Promise.resolve(until !== undefined && this.#clock.now() < until);
  }

  isKept(tokenId: string, until: number | null): Promise<boolean> {
    if (this.#closed) return Promise.reject(closed());
    const end = until ?? Infinity;
    return Promise.resolve(end <= this.#clock.now() || (this.#until.get(tokenId) ?? 0) >= end);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#until.clear();
    return Promise.resolve();
  }

  #forgetLapsed(): void {
    const now = this.#clock.now();
    for (const [id, until] of this.#until) if (until <= now) this.#until.delete(id);
  }
}

function closed(): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "revoked tokens",
    reason: "the store is closed",
    remedy: null,
    retryAfterSeconds: 1,
  });
}
