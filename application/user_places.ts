import { DomainError } from "../domain/errors.ts";
import type { Language } from "../domain/execution/language.ts";
import type { Telemetry } from "../domain/ports/telemetry.ts";
import type { AdmissionState } from "./decorators/admitted.ts";

/** What {@link UserPlaces} works with. */
export interface UserPlacesParts {
  /** Runs that one user may have in hand, waiting ones among them. */
  readonly perUser: number;
  /** How full the service is: whoever is refused is told. */
  readonly state: () => AdmissionState;
  readonly telemetry: Telemetry;
}

/** How many runs each user has in hand, and may have: nobody fills the queue alone. */
export class UserPlaces {
  readonly #parts: UserPlacesParts;
  readonly #inHand = new Map<string, number>();
  #emptied: PromiseWithResolvers<void> | null = null;

  constructor(parts: UserPlacesParts) {
    this.#parts = parts;
  }

  /**
   * Counts a run of the user until it is disposed of; one that is refused has ended with that.
   *
   * @throws {DomainError} `too_many_executions`, with the user's own numbers.
   */
  enter(subject: string, language: Language): Disposable {
    try {
      return this.enterForNow(subject);
    } catch (error) {
      const never = { limit: null, durationSeconds: null };
      const end = { kind: "execution_finished", language, end: "rejected", ...never } as const;
      this.#parts.telemetry.record(end);
      throw error;
    }
  }

  /**
   * The same for a run that waits where it is refused, and is tried again.
   *
   * @throws {DomainError} `too_many_executions`.
   */
  enterForNow(subject: string): Disposable {
    const inHand = this.#inHand.get(subject) ?? 0;
    if (inHand >= this.#parts.perUser) throw this.#refusal(inHand);
    this.#inHand.set(subject, inHand + 1);
    return { [Symbol.dispose]: () => this.#leave(subject) };
  }

  /** Resolves once no user has a run in hand: each is recorded, and the audit told of it, before. */
  async emptied(): Promise<void> {
    if (this.#inHand.size === 0) return;
    this.#emptied ??= Promise.withResolvers();
    await this.#emptied.promise;
  }

  #refusal(inHand: number): DomainError {
    return new DomainError({
      code: "too_many_executions",
      ...this.#parts.state(),
      own: { inHand, allowed: this.#parts.perUser },
      retryAfterSeconds: 1,
    });
  }

  #leave(subject: string): void {
    const left = (this.#inHand.get(subject) ?? 1) - 1;
    if (left > 0) this.#inHand.set(subject, left);
    else this.#inHand.delete(subject);
    if (this.#inHand.size > 0) return;
    this.#emptied?.resolve();
    this.#emptied = null;
  }
}
