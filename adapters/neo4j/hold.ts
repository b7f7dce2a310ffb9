import type { Session } from "neo4j-driver";
import { DomainError } from "../../domain/errors.ts";
import { isAnswer, unavailable } from "./faults.ts";

/** How often it is looked whether an abandoned statement has ended, and the database is there. */
const ENDING_MS = 5000;
/** Looks after which its connection is taken for stuck: what is being planned ends when it is planned. */
const MOST_LOOKS = 24;

/** What a {@link Hold} is made of. */
export interface HoldParts {
  readonly session: Session;
  readonly lost: Promise<never>;
  /** `null`: the caller's leaving does not matter. */
  readonly signal: AbortSignal | null;
  readonly left: () => number;
  /** Never rejects. */
  readonly isThere: () => Promise<boolean>;
  readonly onHeard: () => void;
  readonly onEnd: () => void;
  readonly onStuck: () => void;
}

/** A session in use. */
export class Hold {
  readonly #parts: HoldParts;
  #stuck: ReturnType<typeof setTimeout> | null = null;
  #closing = false;

  constructor(parts: HoldParts) {
    this.#parts = parts;
  }

  get session(): Session {
    return this.#parts.session;
  }

  /** Milliseconds that the call still has, 1 at least. */
  get left(): () => number {
    return this.#parts.left;
  }

  /**
   * Waits for something that the session does, and no longer than so many milliseconds.
   *
   * @throws {DomainError} `cancelled`, `dependency_unavailable`, or as `overdue` says.
   */
  async within<Done>(
    doing: Promise<Done>,
    milliseconds: number,
    overdue: () => DomainError,
  ): Promise<Done> {
    const { signal, lost } = this.#parts;
    const { promise, resolve, reject } = Promise.withResolvers<"late">();
    const late = setTimeout(() => resolve("late"), milliseconds);
    const left = () => reject(new DomainError({ code: "cancelled" }));
    signal?.addEventListener("abort", left, { once: true });
    if (signal?.aborted) left();
    // What it comes to after the caller has been answered is nobody's.
    doing.catch(() => {});
    const heard = doing.then((value) => this.#heard(value), (error) => this.#refused(error));
    try {
      const first = await Promise.race([heard, promise, lost]);
      if (first !== "late") return first.value;
      throw await this.#overdue(overdue);
    } finally {
      clearTimeout(late);
      signal?.removeEventListener("abort", left);
    }
  }

  /** Gives the session back, which ends what it is at; nobody need wait for it. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    const { session, onEnd } = this.#parts;
    this.#lookAgain(MOST_LOOKS);
    const end = () => {
      this.forget();
      onEnd();
    };
    Promise.race([session.close(), this.#parts.lost]).then(end, end);
  }

  /** Waits for nothing any more. */
  forget(): void {
    if (this.#stuck !== null) clearTimeout(this.#stuck);
  }

  /** Asking whether the database is there drops the driver where it is not. */
  #lookAgain(looks: number): void {
    const { isThere, onStuck } = this.#parts;
    this.#stuck = setTimeout(() => {
      if (looks === 0) return onStuck();
      this.#lookAgain(looks - 1);
      void isThere();
    }, ENDING_MS);
  }

  #heard<Value>(value: Value): { readonly value: Value } {
    this.#parts.onHeard();
    return { value };
  }

  #refused(error: unknown): never {
    if (isAnswer(error)) this.#parts.onHeard();
    throw error;
  }

  async #overdue(overdue: () => DomainError): Promise<DomainError> {
    const there = await this.#parts.isThere();
    return there ? overdue() : unavailable("it did not answer");
  }
}
