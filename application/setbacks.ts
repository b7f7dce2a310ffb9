/** Jobs whose setbacks are known at once; of more those that were put off longest ago are forgotten. */
const MOST = 10_000;

/** How often each job was put off in a row, by this process: through no fault of its own, and uncounted. */
export class Setbacks {
  readonly #times = new Map<string, number>();

  /** The job is put off once more: for 1, 2, 4 … seconds, `mostSeconds` at the most. */
  delaySeconds(id: string, mostSeconds: number): number {
    const times = this.#times.get(id) ?? 0;
    this.#times.delete(id);
    this.#times.set(id, times + 1);
    const [oldest] = this.#times.keys();
    if (this.#times.size > MOST && oldest !== undefined) this.#times.delete(oldest);
    return Math.min(2 ** times, mostSeconds);
  }

  /** It has come to something. */
  forget(id: string): void {
    this.#times.delete(id);
  }
}
