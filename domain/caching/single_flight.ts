import { DomainError } from "../errors.ts";

/** Makes a value; heeds a signal that says that nobody waits for it. */
export type Load<Value> = (signal: AbortSignal) => Promise<Value>;

/** What came of a flight, and whether it was somebody else who began it. */
export interface Landed<Value> {
  readonly value: Value;
  readonly shared: boolean;
}

interface Flight<Value> {
  readonly landing: Promise<Value>;
  readonly nobodyWaits: AbortController;
  waiting: number;
}

/**
 * One load for all who ask for the same at the same time.
 *
 * What it gives or throws goes to everyone who waits for it. Who leaves rejects at once with `cancelled`,
 * and the load goes on for the others; the last to leave has it aborted, and sees it to its end. Nobody
 * joins a load that was aborted.
 */
export class SingleFlight<Value> {
  readonly #flights = new Map<string, Flight<Value>>();

  /** Loads under way. */
  get size(): number {
    return this.#flights.size;
  }

  /** Whether a load is under way for a key. */
  has(key: string): boolean {
    return this.#flights.has(key);
  }

  /** Joins the load that is under way for a key, or begins it. */
  async run(key: string, load: Load<Value>, signal: AbortSignal): Promise<Landed<Value>> {
    if (signal.aborted) throw new DomainError({ code: "cancelled" });
    const before = this.#flights.get(key);
    const flight = before ?? this.#begin(key, load);
    const value = await this.#wait(key, flight, signal);
    return { value, shared: before !== undefined };
  }

  #begin(key: string, load: Load<Value>): Flight<Value> {
    const nobodyWaits = new AbortController();
    const landing = load(nobodyWaits.signal);
    const flight: Flight<Value> = { landing, nobodyWaits, waiting: 0 };
    this.#flights.set(key, flight);
    const end = () => this.#forget(key, flight);
    landing.then(end, end);
    return flight;
  }

  #wait(key: string, flight: Flight<Value>, signal: AbortSignal): Promise<Value> {
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    const leave = () => {
      flight.waiting -= 1;
      if (flight.waiting > 0) return reject(new DomainError({ code: "cancelled" }));
      this.#forget(key, flight);
      flight.nobodyWaits.abort();
    };
    flight.waiting += 1;
    signal.addEventListener("abort", leave, { once: true });
    flight.landing.then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", leave));
    return promise;
  }

  #forget(key: string, flight: Flight<Value>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
