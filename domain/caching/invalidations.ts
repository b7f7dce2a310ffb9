/** Keys whose deletion is remembered one by one. */
const MAX_KEYS = 1000;

/**
 * Which values are of a state that is no more: versions count what was deleted and cleared.
 *
 * What it remembers is bounded. A value may be refused that was still right, never the other way round.
 */
export class Invalidations {
  readonly #deletedAt = new Map<string, number>();
  readonly #maxKeys: number;
  #version = 0;
  /** Whatever was begun before this is refused. */
  #floor = 0;

  constructor(maxKeys: number = MAX_KEYS) {
    this.#maxKeys = maxKeys;
  }

  get version(): number {
    return this.#version;
  }

  delete(key: string): void {
    this.#version += 1;
    this.#deletedAt.delete(key);
    this.#deletedAt.set(key, this.#version);
    const [oldest] = this.#deletedAt;
    if (this.#deletedAt.size <= this.#maxKeys || oldest === undefined) return;
    this.#deletedAt.delete(oldest[0]);
    this.#floor = oldest[1];
  }

  clear(): void {
    this.#version += 1;
    this.#floor = this.#version;
    this.#deletedAt.clear();
  }

  /** Whether what was begun at a version may still be stored under a key. */
  isCurrent(key: string, since: number): boolean {
    return since >= this.#floor && since >= (this.#deletedAt.get(key) ?? 0);
  }
}
