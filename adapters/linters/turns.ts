import { DomainError } from "../../domain/errors.ts";

/** How much may be in hand. */
export interface TurnBounds {
  /** Texts at once. */
  readonly places: number;
  /** Of one caller at once. */
  readonly placesOfCaller: number;
  /** Texts that wait, beyond those. */
  readonly queue: number;
  /** Of one caller. */
  readonly queueOfCaller: number;
}

interface Waiter {
  readonly admit: () => void;
}

interface Caller {
  running: number;
  readonly waiting: Set<Waiter>;
}

/**
 * A bounded number of places, which are given to all callers in turn: who brings much waits behind his own.
 *
 * Rejects at once with `too_many_executions` when too much waits already.
 */
export class Turns {
  readonly #bounds: TurnBounds;
  /** Those who have something in hand; the next to be served stands first. */
  readonly #callers = new Map<string, Caller>();
  #running = 0;
  #waiting = 0;

  constructor(bounds: TurnBounds) {
    this.#bounds = bounds;
  }

  /** Resolves to the function that gives the place back. */
  async enter(name: string, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw new DomainError({ code: "cancelled" });
    const caller = this.#callers.get(name) ?? { running: 0, waiting: new Set() };
    if (this.#mayRun(caller)) {
      this.#callers.set(name, caller);
      this.#begin(name, caller);
    } else await this.#wait(name, caller, signal);
    return () => this.#leave(name, caller);
  }

  #mayRun({ running }: Caller): boolean {
    return this.#running < this.#bounds.places && running < this.#bounds.placesOfCaller;
  }

  #begin(name: string, caller: Caller): void {
    this.#running += 1;
    caller.running += 1;
    // Behind all others.
    this.#callers.delete(name);
    this.#callers.set(name, caller);
  }

  #leave(name: string, caller: Caller): void {
    this.#running -= 1;
    caller.running -= 1;
    this.#forget(name, caller);
    this.#admit();
  }

  #forget(name: string, { running, waiting }: Caller): void {
    if (running === 0 && waiting.size === 0) this.#callers.delete(name);
  }

  #admit(): void {
    for (const [name, caller] of this.#callers) {
      const [waiter] = caller.waiting;
      if (waiter === undefined || !this.#mayRun(caller)) continue;
      caller.waiting.delete(waiter);
      this.#waiting -= 1;
      this.#begin(name, caller);
      return waiter.admit();
    }
  }

  #wait(name: string, caller: Caller, signal: AbortSignal): Promise<void> {
    const { queue, queueOfCaller } = this.#bounds;
    if (this.#waiting >= queue || caller.waiting.size >= queueOfCaller) throw this.#full(caller);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abandon = () => {
      if (!caller.waiting.delete(waiter)) return;
      this.#waiting -= 1;
      this.#forget(name, caller);
      reject(new DomainError({ code: "cancelled" }));
    };
    const waiter: Waiter = {
      admit() {
        signal.removeEventListener("abort", abandon);
        resolve();
      },
    };
    this.#callers.set(name, caller);
    caller.waiting.add(waiter);
    this.#waiting += 1;
    signal.addEventListener("abort", abandon, { once: true });
    return promise;
  }

  #full({ running, waiting }: Caller): DomainError {
    const { placesOfCaller, queueOfCaller } = this.#bounds;
    const own = { inHand: running + waiting.size, allowed: placesOfCaller + queueOfCaller };
    return new DomainError({
      code: "too_many_executions",
      running: this.#running,
      waiting: this.#waiting,
      retryAfterSeconds: 1,
      ...(waiting.size >= queueOfCaller && { own }),
    });
  }
}
