import { DomainError } from "../domain/errors.ts";
import type { Principal } from "../domain/identity/principal.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { RevokedTokens } from "../domain/ports/revoked_tokens.ts";

/** Runs that one user may watch at once, in one process: each holds a connection and asks the queue. */
export const WATCHED_PER_USER = 20;

/** How long somebody whose token is good no more may still be told. */
const LOOK_MS = 1000;
/** Clocks differ: a token is taken for a while after it has expired, and so may be one that watches. */
const TOLERANCE_MS = 5000;

/** What {@link Watchers} works with. */
export interface WatchersParts {
  readonly revokedTokens: Pick<RevokedTokens, "isRevoked">;
  readonly clock: Clock;
  /** Waits; resolves early when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Somebody who watches, until it is disposed of. */
export interface Watching extends Disposable {
  /** Aborted with the refusal once the token is good no more. */
  readonly refused: AbortSignal;
}

/** Who watches runs: not too many of one user's, and nobody whose token has been revoked or has expired. */
export class Watchers {
  readonly #parts: WatchersParts;
  readonly #open = new Map<string, number>();

  constructor(parts: WatchersParts) {
    this.#parts = parts;
  }

  /** @throws {DomainError} `too_many_executions`, with the user's own numbers. */
  enter({ subject, token }: Principal): Watching {
    const inHand = this.#open.get(subject) ?? 0;
    if (inHand >= WATCHED_PER_USER) throw tooMany(inHand);
    this.#open.set(subject, inHand + 1);
    const refused = new AbortController();
    const left = new AbortController();
    if (token !== undefined) void this.#lookAt(token, refused, left.signal);
    return {
      refused: refused.signal,
      [Symbol.dispose]: () => {
        if (left.signal.aborted) return;
        left.abort();
        this.#leave(subject);
      },
    };
  }

  async #lookAt(
    token: NonNullable<Principal["token"]>,
    refused: AbortController,
    left: AbortSignal,
  ): Promise<void> {
    while (!left.aborted) {
      try {
        await this.#requireGood(token);
      } catch (error) {
        return refused.abort(error);
      }
      await this.#parts.sleep(LOOK_MS, left);
    }
  }

  async #requireGood({ id, expiresAt }: NonNullable<Principal["token"]>): Promise<void> {
    const { clock, revokedTokens } = this.#parts;
    if (clock.now() >= expiresAt + TOLERANCE_MS) {
      const expiredAt = new Date(expiresAt).toISOString();
      throw new DomainError({ code: "token_expired", expiredAt });
    }
    if (await revokedTokens.isRevoked(id)) throw new DomainError({ code: "token_revoked" });
  }

  #leave(subject: string): void {
    const open = (this.#open.get(subject) ?? 1) - 1;
    if (open > 0) this.#open.set(subject, open);
    else this.#open.delete(subject);
  }
}

function tooMany(inHand: number): DomainError {
  return new DomainError({
    code: "too_many_executions",
    running: inHand,
    waiting: 0,
    own: { inHand, allowed: WATCHED_PER_USER },
    retryAfterSeconds: 1,
  });
}
