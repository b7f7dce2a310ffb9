import { LRUCache } from "lru-cache";
import { Invalidations } from "../../domain/caching/invalidations.ts";
import { frozenCopy } from "../../domain/caching/plain_data.ts";
import type {
  Cache,
  CacheStatistics,
  CacheTerms,
  MeasuredCache,
} from "../../domain/ports/cache.ts";

/** What {@link MemoryCache} works with. */
export interface MemoryCacheOptions {
  /** Entries at most. */
  readonly maxSize: number;
  /** Bytes that keys and values may take together, about; 64 MiB unless said otherwise. */
  readonly maxBytes?: number;
  /** Milliseconds since an arbitrary start; never goes back. */
  readonly monotonic: () => number;
  /** How long a reading of the clock is good for; 1 unless said otherwise, 0 reads it each time. */
  readonly resolutionMilliseconds?: number;
  /** Hears of each operation that was timed: every `set`, and one `get` in 256. */
  readonly timed?: (operation: "get" | "set", seconds: number) => void;
}

const MAX_BYTES = 64 * 1024 * 1024;
/** One value may take a quarter of the cache: it would send too many others away. */
const MAX_SHARE = 4;
/** One get in 256 is timed: reading a clock twice costs more than reading the cache. */
const TIMED_MASK = 255;

/** How often an operation was timed, and how long it took in all. */
class Stopwatch {
  #count = 0;
  #seconds = 0;

  add(seconds: number): void {
    this.#count += 1;
    this.#seconds += seconds;
  }

  get average(): number {
    return this.#count === 0 ? 0 : this.#seconds / this.#count;
  }
}

/** A cache in this process: values are copied and frozen as they are stored, so that a hit copies nothing. */
export class MemoryCache<Value> implements Cache<Value>, MeasuredCache {
  readonly #options: Required<Omit<MemoryCacheOptions, "timed">> & MemoryCacheOptions;
  readonly #entries: LRUCache<string, NonNullable<Value>>;
  readonly #invalidated = new Invalidations();
  readonly #gets = new Stopwatch();
  readonly #sets = new Stopwatch();
  readonly #gone = { evict: 0, expire: 0, delete: 0, set: 0, fetch: 0 };
  /** Hits are the rest of these: a hit moves one count alone. */
  #asked = 0;
  #misses = 0;

  constructor(options: MemoryCacheOptions) {
    this.#options = { maxBytes: MAX_BYTES, resolutionMilliseconds: 1, ...options };
    const { maxSize, maxBytes, monotonic, resolutionMilliseconds } = this.#options;
    this.#entries = new LRUCache({
      max: maxSize,
      maxSize: maxBytes,
      ttlResolution: resolutionMilliseconds,
      // An entry of the time 0 would never expire.
      perf: { now: () => monotonic() + 1 },
      dispose: (_value, _key, reason) => void (this.#gone[reason] += 1),
    });
  }

  get version(): number {
    return this.#invalidated.version;
  }

  get(key: string): Value | undefined {
    this.#asked += 1;
    if ((this.#asked & TIMED_MASK) === 1) return this.#timedGet(key);
    const found = this.#entries.get(key);
    if (found === undefined) this.#misses += 1;
    return found;
  }

  set(key: string, value: Value, { ttlSeconds, since }: CacheTerms): boolean {
    if (!(ttlSeconds > 0)) throw new RangeError(`Cannot store for '${ttlSeconds}' seconds`);
    if (since !== undefined && !this.#invalidated.isCurrent(key, since)) return false;
    const begun = this.#options.monotonic();
    const copy = frozenCopy(value);
    const bytes = Math.ceil(copy.bytes) + 2 * key.length;
    const fits = bytes <= this.#options.maxBytes / MAX_SHARE;
    // What stood there is older than what did not fit.
    if (fits) this.#put(key, copy.value, { size: bytes, ttl: Math.ceil(ttlSeconds * 1000) });
    else this.#entries.delete(key);
    this.#timed("set", this.#sets, begun);
    return fits;
  }

  delete(key: string): void {
    this.#invalidated.delete(key);
    this.#entries.delete(key);
  }

  clear(): void {
    this.#invalidated.clear();
    this.#entries.clear();
  }

  /** Lets go of what has expired. Called now and then. */
  sweep(): void {
    this.#entries.purgeStale();
  }

  statistics(): CacheStatistics {
    const { maxSize, maxBytes } = this.#options;
    const { size, calculatedSize: bytes } = this.#entries;
    const hits = this.#asked - this.#misses;
    return {
      size,
      maxSize,
      bytes,
      maxBytes,
      utilization: size / maxSize,
      hits,
      misses: this.#misses,
      hitRate: this.#asked === 0 ? 0 : hits / this.#asked,
      evictions: this.#gone.evict,
      expiries: this.#gone.expire,
      invalidations: this.#gone.delete,
      averageGetSeconds: this.#gets.average,
      averageSetSeconds: this.#sets.average,
      shared: null,
    };
  }

  #timedGet(key: string): Value | undefined {
    const begun = this.#options.monotonic();
    const found = this.#entries.get(key);
    this.#timed("get", this.#gets, begun);
    if (found === undefined) this.#misses += 1;
    return found;
  }

  /** The library's types know no `null`, but it keeps one like any other value. */
  #put(key: string, value: Value, terms: { readonly size: number; readonly ttl: number }): void {
    const kept = (value: Value | null) => value as NonNullable<Value>;
    // It leaves what is equal to the new value in its place, and -0 is equal to 0.
    if (value === 0) this.#entries.set(key, kept(null), terms);
    this.#entries.set(key, kept(value), terms);
  }

  #timed(operation: "get" | "set", watch: Stopwatch, begun: number): void {
    const seconds = (this.#options.monotonic() - begun) / 1000;
    watch.add(seconds);
    this.#options.timed?.(operation, seconds);
  }
}
