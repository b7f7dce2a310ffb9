import { DomainError } from "../../domain/errors.ts";
import { type ChildOptions, EngineChild, type Loss, unavailable } from "./child_process.ts";
import { type Asking, Flight } from "./flight.ts";
import type { Conversations, Question, Reply, Topic } from "./messages.ts";
import { culpritAmong, endsIn, inOrder, isRead, mayGo } from "./right_of_way.ts";

/** How often a question may lose the engine before it counts as the cause. */
const MAX_LOSSES = 2;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 30_000;

/**
 * Keeps one child alive and hands it questions: one write at a time, some reads beside it.
 *
 * A read that passes its time is answered at once, but the engine only ended, since nothing else stops
 * what it is at work on, when that costs others little (`endsIn()`).
 *
 * A child that is lost is replaced, and what it had in hand is asked again; reads change nothing, and a
 * write repeated changes nothing more. What was in hand alone when the engine ended, twice or with its
 * memory used up, is taken for the cause.
 */
export class Supervisor implements AsyncDisposable {
  readonly #options: ChildOptions;
  readonly #now: () => number;
  #child: EngineChild | null = null;
  #starting: Promise<void> | null = null;
  #waiting: Flight[] = [];
  readonly #inHand = new Map<number, Flight>();
  #nextId = 1;
  #failures = 0;
  #nextStartAt = 0;
  #lastFailure = unavailable("it has not been started");
  #generation = "";
  #writesInHand = 0;
  #closed = false;
  #ending: ReturnType<typeof setTimeout> | undefined;
  readonly #idle = Promise.withResolvers<void>();

  /** `now`: milliseconds that never go back. */
  constructor(options: ChildOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
  }

  /** The process id of the child; `null` while there is none. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** The generation of the last answer; `null` while a write may be moving it, or nothing is known. */
  get generation(): string | null {
    return this.#child === null || this.#writesInHand > 0 ? null : this.#generation;
  }

  /** The generation, as the child told it last. */
  get latest(): string {
    return this.#generation;
  }

  /** Starts a child unless there is one, and waits for it; a failure shows in what is asked. */
  async ready(): Promise<void> {
    if (this.#child === null && this.#now() >= this.#nextStartAt) {
      await (this.#starting ??= this.#start());
    }
  }

  async ask<T extends Topic>(
    topic: T,
    question: Conversations[T]["question"],
    asking: Asking,
  ): Promise<Conversations[T]["answer"]> {
    if (asking.signal.aborted) throw new DomainError({ code: "cancelled" });
    if (this.#closed) throw unavailable("it is closed");
    const wait = this.#nextStartAt - this.#now();
    if (this.#child === null && this.#starting === null && wait > 0) throw this.#away(wait);
    const id = this.#nextId++;
    const flight = new Flight(
      { id, topic, question } as Question,
      asking,
      (flight, what) => this.#interrupted(flight, what),
    );
    this.#waiting.push(flight);
    this.#pump();
    return await flight.promise as Conversations[T]["answer"];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const flight of this.#waiting.splice(0)) flight.fail(unavailable("it is closed"));
    for (const flight of this.#inHand.values()) {
      if (flight.asking.lane !== "write") flight.fail(unavailable("it is closed"));
    }
    await this.#starting;
    if (this.#writesInHand > 0) await this.#idle.promise;
    clearTimeout(this.#ending);
    await this.#child?.stop();
  }

  #away(waitMs: number): DomainError {
    const { failure } = this.#lastFailure;
    const reason = failure.code === "dependency_unavailable" ? failure.reason : failure.code;
    return unavailable(reason, Math.max(1, Math.ceil(waitMs / 1000)));
  }

  async #start(): Promise<void> {
    try {
      const { child, generation } = await EngineChild.start(this.#options, (reply) => {
        this.#land(reply);
      });
      this.#child = child;
      this.#failures = 0;
      this.#generation = generation;
      this.#options.log.write("info", "graph_child_started", { pid: child.pid });
      child.ended.then((loss) => this.#lost(loss));
    } catch (error) {
      this.#cannotStart(error instanceof DomainError ? error : unavailable(String(error)));
    } finally {
      this.#starting = null;
    }
    this.#pump();
  }

  #cannotStart(error: DomainError): void {
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#failures, LONGEST_WAIT_MS);
    this.#failures += 1;
    this.#nextStartAt = this.#now() + wait;
    this.#lastFailure = error;
    this.#options.log.write("error", "graph_child_not_started", {
      reason: error.message,
      retry_after_seconds: wait / 1000,
    });
    for (const flight of this.#waiting.splice(0)) flight.fail(this.#away(wait));
  }

  /** Sends whatever may go now. */
  #pump(): void {
    this.#waiting = this.#waiting.filter(({ settled }) => !settled);
    if (this.#waiting.length === 0) return;
    if (this.#child === null) {
      this.#starting ??= this.#start();
      return;
    }
    const child = this.#child;
    this.#waiting = inOrder(this.#waiting).filter((flight) => !this.#send(child, flight));
  }

  #send(child: EngineChild, flight: Flight): boolean {
    flight.heldBack = !mayGo(flight, [...this.#inHand.values()]);
    if (flight.heldBack) return false;
    try {
      child.ask(flight.question);
    } catch (error) {
      flight.fail(flight.asking.guilty(String(error)));
      return true;
    }
    flight.airborne = true;
    this.#inHand.set(flight.question.id, flight);
    if (flight.asking.lane === "write") this.#writesInHand += 1;
    return true;
  }

  #land(reply: Reply): void {
    this.#generation = reply.generation;
    const flight = this.#inHand.get(reply.id);
    if (flight === undefined) return;
    this.#forget(flight);
    flight.land(reply);
    this.#endIfDue();
    this.#pump();
  }

  #forget(flight: Flight): void {
    this.#inHand.delete(flight.question.id);
    flight.airborne = false;
    if (flight.asking.lane !== "write") return;
    this.#writesInHand -= 1;
    if (this.#writesInHand === 0 && this.#closed) this.#idle.resolve();
  }

  #interrupted(flight: Flight, what: "overdue" | "cancelled"): void {
    if (flight.airborne && what === "overdue") {
      this.#options.log.write("warn", "graph_child_overdue", { topic: flight.topic });
      flight.leftAt = this.#now();
      this.#endIfDue();
    }
    this.#pump();
  }

  /** Nothing but its end stops what the engine is at work on. */
  #endIfDue(): void {
    clearTimeout(this.#ending);
    const wait = endsIn([...this.#inHand.values()], this.#now());
    if (wait === 0) this.#child?.kill("killed");
    else if (wait !== null && wait < Infinity) {
      this.#ending = setTimeout(() => this.#endIfDue(), Math.ceil(wait));
    }
  }

  #lost(loss: Loss): void {
    this.#child = null;
    const flights = [...this.#inHand.values()];
    for (const flight of flights) this.#forget(flight);
    clearTimeout(this.#ending);
    for (const flight of flights) if (flight.settled) flight.drop();
    const again = flights.filter(({ settled }) => !settled);
    if (flights.length > 0 || !this.#closed) {
      this.#options.log.write("warn", "graph_child_lost", {
        reason: loss,
        in_hand: flights.length,
      });
    }
    const culprit = culpritAmong(flights);
    for (const flight of again) this.#judge(flight, loss, flight === culprit);
    this.#waiting = [...again.filter(({ settled }) => !settled), ...this.#waiting];
    for (const flight of this.#waiting) {
      flight.hindered ||= flights.some((other) => isRead(other) && other !== flight);
    }
    if (this.#closed) return;
    // One that ends by itself, with nothing asked, might do so for ever.
    if (loss !== "ended") this.#starting ??= this.#start();
    this.#pump();
  }

  #judge(flight: Flight, loss: Loss, guilty: boolean): void {
    if (this.#closed) return flight.fail(unavailable("it is closed"));
    // Ended for the sake of another, which has been told so.
    flight.interrupted ||= loss === "killed";
    if (loss === "killed" || flight.asking.lane === "beside") return;
    flight.losses += 1;
    if (!guilty) return;
    if (loss === "memory") flight.fail(flight.asking.guilty("it needs more memory than there is"));
    else if (flight.losses >= MAX_LOSSES) flight.fail(flight.asking.guilty("the engine ended"));
  }
}
