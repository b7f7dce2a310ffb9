/** Folds numbers into one-second slots and tells the fold over the newest `seconds` of them. */
export class SecondsWindow {
  readonly #slots: { second: number; value: number }[];
  readonly #fold: (left: number, right: number) => number;

  /** `fold` must be commutative and keep `x` for `fold(0, x)` with `x >= 0`: a sum or a maximum. */
  constructor(seconds: number, fold: (left: number, right: number) => number) {
    this.#slots = Array.from({ length: seconds }, () => ({ second: -Infinity, value: 0 }));
    this.#fold = fold;
  }

  /** Adds a value at a monotonic time in milliseconds. */
  add(value: number, atMs: number): void {
    const second = Math.floor(atMs / 1000);
    const slot = this.#slots[second % this.#slots.length];
    if (slot === undefined) return;
    slot.value = slot.second === second ? this.#fold(slot.value, value) : value;
    slot.second = second;
  }

  /** The fold over the second of `atMs` and those before it; 0 when nothing was added. */
  total(atMs: number): number {
    const oldest = Math.floor(atMs / 1000) - this.#slots.length;
    return this.#slots
      .filter((slot) => slot.second > oldest)
      .reduce((sum, slot) => this.#fold(sum, slot.value), 0);
  }
}
