import { Invalidations } from "../../domain/caching/invalidations.ts";
import { frozenCopy } from "../../domain/caching/plain_data.ts";
import type { Cache, CacheTerms } from "../../domain/ports/cache.ts";
import type { Clock } from "../../domain/ports/clock.ts";

/** A cache over a map that answers later, as one across a network does. */
export class MapCache<Value> implements Cache<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly until: number }>();
  readonly #invalidated = new Invalidations();
  readonly #clock: Pick<Clock, "now">;
  readonly #maxSize: number;

  constructor(clock: Pick<Clock, "now">, maxSize = 100) {
    this.#clock = clock;
    this.#maxSize = maxSize;
  }

  get version(): number {
    return this.#invalidated.version;
  }

  async get(key: string): Promise<Value | undefined> {
    const entry = this.#entries.get(key);
    await later();
    if (entry === undefined || entry.until < this.#clock.now()) return undefined;
    if (this.#entries.get(key) === entry) this.#put(key, entry);
    return entry.value;
  }

  async set(key: string, value: Value, { ttlSeconds, since }: CacheTerms): Promise<boolean> {
    if (!(ttlSeconds > 0)) throw new RangeError(`Cannot store for '${ttlSeconds}' seconds`);
    const copy = frozenCopy(value);
    await later();
    if (since !== undefined && !this.#invalidated.isCurrent(key, since)) return false;
    this.#put(key, { value: copy.value, until: this.#clock.now() + ttlSeconds * 1000 });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#maxSize && oldest !== undefined) this.#entries.delete(oldest);
    return true;
  }

  async delete(key: string): Promise<void> {
    this.#invalidated.delete(key);
    this.#entries.delete(key);
    await later();
  }

  async clear(): Promise<void> {
    this.#invalidated.clear();
    this.#entries.clear();
    await later();
  }

  /** Put in anew, it is the last of the map again. */
  #put(key: string, entry: { readonly value: Value; readonly until: number }): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }
}

/** A few turns of what runs between tasks. */
async function later(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}
