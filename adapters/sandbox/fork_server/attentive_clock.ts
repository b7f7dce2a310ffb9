/**
 * Milliseconds in which somebody listened: it stands still while the event loop does, since what was
 * said meanwhile could not be heard. Whoever waits by it looks every `period`.
 */
export class AttentiveClock {
  readonly #monotonic: () => number;
  readonly #period: number;
  #stood = 0;
  #lookedAt = 0;

  constructor(monotonic: () => number, period: number) {
    this.#monotonic = monotonic;
    this.#period = period;
  }

  now(): number {
    return this.#monotonic() - this.#stood;
  }

  /** Begins to look; until then nobody has waited. */
  begin(): void {
    this.#lookedAt = this.#monotonic();
  }

  /** The time at one of the looks. */
  look(): number {
    const now = this.#monotonic();
    this.#stood += Math.max(0, now - this.#lookedAt - this.#period);
    this.#lookedAt = now;
    return this.now();
  }
}
