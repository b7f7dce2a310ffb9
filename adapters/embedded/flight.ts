import { DomainError } from "../../domain/errors.ts";
import type { Question, Reply, Topic } from "./messages.ts";

/** What the engine may do at once, and in which order. */
export type Lane = "read" | "write" | "beside";

/** How long a read still has when its caller has left: most end by themselves. */
const LEFT_MS = 1000;

/** How a question is asked. */
export interface Asking {
  readonly lane: Lane;
  /** Who asks, of whom no more than a share is worked on at once; `null`: no caller of the service. */
  readonly caller: string | null;
  /** From now on, waiting for a place included. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** What the caller is told when the time is over; `hindered`: for others' sake, the engine is well. */
  readonly overdue: (hindered: boolean) => DomainError;
  /** What the caller is told when it was the question that ended the engine. */
  readonly guilty: (reason: string) => DomainError;
}

/** One question on its way, from its being asked to its answer. */
export class Flight {
  readonly question: Question;
  readonly asking: Asking;
  /** How often the engine was lost while it worked on this, for no reason that lies elsewhere. */
  losses = 0;
  /** The engine was ended for another's sake while it worked on this. */
  interrupted = false;
  /** Others' reads have cost it time: they have ended the engine. */
  hindered = false;
  /** It waits for others' places. */
  heldBack = false;
  /** When the engine began to work on it for nobody; `null` while it does not. */
  leftAt: number | null = null;
  /** The caller has its answer. The engine may still be at work on it. */
  settled = false;
  /** The engine has been asked. */
  airborne = false;
  readonly promise: Promise<unknown>;
  readonly #resolvers = Promise.withResolvers<unknown>();
  #late: ReturnType<typeof setTimeout>;
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

  /**
   * After a loss that may be its own doing a question is asked again alone among its like. So is a write
   * that was interrupted: with no read beside it nothing interrupts it once more.
   */
  get alone(): boolean {
    return this.losses > 0 || (this.interrupted && this.asking.lane === "write");
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

  /** The engine is gone that worked on this for nobody. */
  drop(): void {
    clearTimeout(this.#late);
  }

  #settle(how: () => void): void {
    if (this.settled) return;
    this.settled = true;
    this.asking.signal.removeEventListener("abort", this.#cancel);
    how();
  }

  #overdue(): void {
    const waits = this.heldBack && !this.airborne && this.asking.lane === "read";
    this.fail(this.asking.overdue(this.hindered || waits));
    this.#changed(this, "overdue");
  }

  /** A write that has begun is carried through; a read goes on unheard for a short while. */
  #abort(): void {
    if (this.airborne && this.asking.lane === "write") return;
    clearTimeout(this.#late);
    if (this.airborne) this.#late = setTimeout(() => this.#overdue(), LEFT_MS);
    this.#settle(() => this.#resolvers.reject(new DomainError({ code: "cancelled" })));
    this.#changed(this, "cancelled");
  }
}
