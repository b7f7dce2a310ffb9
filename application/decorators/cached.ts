import { DomainError } from "../../domain/errors.ts";
import { frozenCopy } from "../../domain/caching/plain_data.ts";
import { SingleFlight } from "../../domain/caching/single_flight.ts";
import type { Cache, CacheTerms } from "../../domain/ports/cache.ts";

/** Where values are kept, and for how long. */
export interface StoreOptions<Value> {
  readonly cache: Cache<Value>;
  /** How long a value is good for; `null`: it is not stored. */
  readonly ttlSecondsOf: (value: Value) => number | null;
  readonly counts: LoadCounts;
}

/** How a function's values are cached. */
export interface CachedOptions<Asked, Value> extends StoreOptions<Value> {
  /** The same for two calls whose values are the same, and for no others. */
  readonly keyOf: (asked: Asked) => string;
}

/** A value, and whether this call has not had to make it. */
export interface Answered<Value> {
  readonly value: Value;
  readonly cached: boolean;
}

/** A function that makes values. */
export type Loader<Asked, Value> = (asked: Asked, signal: AbortSignal) => Promise<Value>;

/** How often values were made and shared, and how often the cache itself has failed. */
export class LoadCounts {
  loads = 0;
  sharedLoads = 0;
  errors = 0;
}

/**
 * A function whose values are looked for in a cache before they are made.
 *
 * Calls at once for one key share one load, and so do instances where the cache has turns. One that fails
 * is not stored and rejects for all who wait. A caller that leaves rejects with `cancelled`; the load's own
 * signal is aborted once all have left. Calls that begin after an invalidation do not share a load that
 * began before it, and what that gives is not stored. The values are frozen. A cache that fails is a miss,
 * and costs nobody the answer.
 */
export function cached<Asked, Value>(
  load: Loader<Asked, Value>,
  options: CachedOptions<Asked, Value>,
): (asked: Asked, signal: AbortSignal) => Promise<Answered<Value>> {
  const { cache, keyOf, counts } = options;
  const store = new ForgivingStore(options);
  const flights = new SingleFlight<Found<Value>>();
  return async (asked, signal) => {
    const key = keyOf(asked);
    const since = cache.version;
    const flight = `${since} ${key}`;
    // Nothing may come between not finding a flight and beginning one: there would be two.
    const stored = flights.has(flight) ? undefined : store.find(key);
    const isLate = stored instanceof Promise;
    if (stored !== undefined && !isLate) return { value: stored, cached: true };
    const { value: found, shared } = await flights.run(flight, async (nobodyWaits) => {
      const value = isLate ? await stored : undefined;
      if (value !== undefined) return { value, made: false };
      // Until this is stored the flight stands, so that whoever finds none finds the value.
      return await store.made(key, since, () => {
        // Who would hear of it may have left while others had their turn.
        if (nobodyWaits.aborted) throw new DomainError({ code: "cancelled" });
        counts.loads += 1;
        return load(asked, nobodyWaits);
      });
    }, signal);
    if (shared && found.made) counts.sharedLoads += 1;
    return { value: found.value, cached: shared || !found.made };
  };
}

/** A value, and whether it had to be made. */
interface Found<Value> {
  readonly value: Value;
  readonly made: boolean;
}

/** A cache whose failures are counted and no more: nobody is refused an answer for their sake. */
export class ForgivingStore<Value> {
  readonly #options: StoreOptions<Value>;

  constructor(options: StoreOptions<Value>) {
    this.#options = options;
  }

  /** At once where the cache answers so. */
  find(key: string): Value | undefined | Promise<Value | undefined> {
    try {
      const found = this.#options.cache.get(key);
      return found instanceof Promise ? found.catch(() => this.#failed()) : found;
    } catch {
      return this.#failed();
    }
  }

  /** The value that another instance makes meanwhile, or else what `make` gives, which is kept. */
  async made(key: string, since: number, make: () => Promise<Value>): Promise<Found<Value>> {
    const { turns } = this.#options.cache;
    if (turns === undefined) {
      return { value: await this.keep(key, await make(), { since }), made: true };
    }
    const taken = await turns.take(key);
    if (taken.kind === "made") return { value: taken.value, made: false };
    const { turn } = taken;
    try {
      return { value: await this.keep(key, await make(), { since, turn }), made: true };
    } catch (error) {
      if (turn !== null) await turns.giveUp(key, turn);
      throw error;
    }
  }

  /** What all who wait are given: nobody can change it. */
  async keep(
    key: string,
    made: Value,
    { since, turn = null }: Omit<CacheTerms, "ttlSeconds">,
  ): Promise<Value> {
    const { cache, ttlSecondsOf } = this.#options;
    try {
      const { value } = frozenCopy(made);
      const ttlSeconds = ttlSecondsOf(value);
      if (ttlSeconds === null && turn !== null) await cache.turns?.giveUp(key, turn);
      if (ttlSeconds !== null) {
        await cache.set(key, value, { ttlSeconds, ...(since !== undefined && { since }), turn });
      }
      return value;
    } catch {
      if (turn !== null) await cache.turns?.giveUp(key, turn);
      this.#failed();
      return made;
    }
  }

  #failed(): undefined {
    this.#options.counts.errors += 1;
  }
}
