/** Units of one look, at a program and everything that comes with it: some 150,000 tokens. */
export const MAX_WORK = 1_400_000;

/** Units after which others have their turn. */
export const WORK_A_TURN = 4000;

/** Units that no single step may go past; a step begins with less than {@link WORK_A_TURN} spent. */
export const MAX_STRETCH = 12_000;

/**
 * Counts the work of one look, so that it depends on the text alone how far that goes. A unit is
 * less than a microsecond: a node, a name that is bound, a value that is followed.
 */
export class Work {
  #spent = 0;
  #turnedAt = 0;

  /** Units so far. */
  get spent(): number {
    return this.#spent;
  }

  /** Whether others should have their turn now. */
  get isDue(): boolean {
    return this.#spent - this.#turnedAt >= WORK_A_TURN;
  }

  /** Whether the step in hand has become too long and must do without the rest. */
  get isOverdue(): boolean {
    return this.#spent - this.#turnedAt >= MAX_STRETCH;
  }

  /** Whether nothing more may be looked at. */
  get isOver(): boolean {
    return this.#spent > MAX_WORK;
  }

  /** Counts units; parts of one are dropped. */
  spend(units: number): void {
    this.#spent += Math.floor(units);
  }

  /** Others have had their turn. */
  turned(): void {
    this.#turnedAt = this.#spent;
  }
}
