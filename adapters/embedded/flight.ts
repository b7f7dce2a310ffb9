import { DomainError } from "../../domain/errors.ts";
import type { Question, Reply, Topic } from "./messages.ts";

/** What the engine may do at once, and in which order. */
export type Lane = "read" | "write" | "beside";

/** How a question is asked. */
export interface Asking {
  readonly lane: Lane;
  /** From now on, waiting for a place included. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** What the caller is told when the time is over. */
  readonly overdue: () => DomainError;
  /** What the caller is told when it was the question that ended the engine. */
  readonly guilty: (reason: string) => DomainError;
}

/** One question on its way, from its being asked to its answer. */
export class Flight {
  readonly question: Question;
  readonly asking: Asking;
  /** How often the engine was lost while it worked on this, for no reason that lies elsewhere. */
  losses = 0;
  /** The caller has its answer. The engine may still be at work on it. */
  settled = false;
  /** The engine has been asked. */
  airborne = false;
  readonly promise: Promise<unknown>;
  readonly #resolvers = Promise.withResolvers<unknown>();
  readonly #late: ReturnType<typeof setTimeout>;
  readonly #cancel = () => this.#abort();
  readonly #changed: (flight: Flight, what: "overdue" | "cancelled") => void;

  constructor(
    question: Question,
    asking: Asking,
    changed: (flight: Flight, what: "overdue" | "cancelled") => void,
  ) {
    this.question = question;
    this.asking = asking;
    this.#changed = changed;
    this.promise = this.#resolvers.promise;
    this.#late = setTimeout(() => this.#overdue(), asking.timeoutSeconds * 1000);
    asking.signal.addEventListener("abort", this.#cancel, { once: true });
  }

  get topic(): Topic {
    return this.question.topic;
  }

  /** After a loss that may be this question's own doing it is asked again with nothing beside it. */
  get alone(): boolean {
    return this.losses > 0;
  }

  land(reply: Reply): void {
    clearTimeout(this.#late);
    if ("failure" in reply) this.fail(new DomainError(reply.failure));
    else this.#settle(() => this.#resolvers.resolve(reply.answer));
  }

  fail(error: DomainError): void {
    clearTimeout(this.#late);
    this.#settle(() => this.#resolvers.reject(error));
  }

  #settle(how: () => void): void {
    if (this.settled) return;
    this.settled = true;
    this.asking.signal.removeEventListener("abort", this.#cancel);
    how();
  }

  #overdue(): void {
    this.fail(this.asking.overdue());
    this.#changed(this, "overdue");
  }

  /** A write that has begun is carried through; a read goes on unheard until its time is over. */
  #abort(): void {
    if (this.airborne && this.asking.lane === "write") return;
    if (!this.airborne) clearTimeout(this.#late);
    this.#settle(() => this.#resolvers.reject(new DomainError({ code: "cancelled" })));
    this.#changed(this, "cancelled");
  }
}
