import type { Clock } from "../ports/clock.ts";
import type { BreakerChange, BreakerMetrics } from "./breaker_policy.ts";
import { type BreakerOptions, CircuitBreaker } from "./circuit_breaker.ts";

/** Told of each change of state of any breaker, once it holds. Must not throw. */
export type BreakerListener = (change: BreakerChange) => void;

/** All circuit breakers of a service, by name. */
export class BreakerRegistry {
  readonly #clock: Clock;
  readonly #breakers = new Map<string, CircuitBreaker>();
  readonly #listeners = new Set<BreakerListener>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The breaker of this name, made by `options` if there is none yet. */
  getOrCreate(
    name: string,
    options: Pick<BreakerOptions, "policy" | "judge"> = {},
  ): CircuitBreaker {
    const known = this.#breakers.get(name);
    if (known !== undefined) return known;
    const onChange = (change: BreakerChange) => {
      for (const listener of this.#listeners) listener(change);
    };
    const breaker = new CircuitBreaker({ ...options, name, clock: this.#clock, onChange });
    this.#breakers.set(name, breaker);
    return breaker;
  }

  /** The breaker of this name, if there is one. */
  get(name: string): CircuitBreaker | null {
    return this.#breakers.get(name) ?? null;
  }

  /** What each has counted, in the order in which they were made. */
  metrics(): readonly BreakerMetrics[] {
    return Array.from(this.#breakers.values(), (breaker) => breaker.metrics());
  }

  /** Closes every breaker. */
  resetAll(): void {
    for (const breaker of this.#breakers.values()) breaker.reset();
  }

  /** Tells `listener` of every change from now on, also of breakers that are made later. */
  subscribe(listener: BreakerListener): void {
    this.#listeners.add(listener);
  }
}
