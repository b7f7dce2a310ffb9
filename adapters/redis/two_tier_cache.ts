import { Buffer } from "node:buffer";
import { Invalidations } from "../../domain/caching/invalidations.ts";
import { frozenCopy } from "../../domain/caching/plain_data.ts";
import type {
  Cache,
  CacheStatistics,
  CacheTerms,
  LoadTurns,
  MeasuredCache,
} from "../../domain/ports/cache.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import { redisFailure } from "./faults.ts";
import { type Content, SharedEntries } from "./shared_entries.ts";
import type { SharedSpace, SpaceMember } from "./shared_space.ts";
import { slotContent, SlotNames, valueSlot } from "./slots.ts";
import { RedisTurns } from "./turns.ts";

/** A cache that answers at once. */
export interface NearCache<Value> extends MeasuredCache {
  get(key: string): Value | undefined;
  set(key: string, value: Value, terms: CacheTerms): boolean;
  delete(key: string): void;
  clear(): void;
}

/** What {@link TwoTierCache} works with. */
export interface TwoTierOptions<Value> {
  readonly name: string;
  /** The tier of this process. It is this cache's alone. */
  readonly near: NearCache<Value>;
  readonly space: SharedSpace;
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /** Whether what stands in Redis is a value of this cache; whoever reaches Redis can write there. */
  readonly isValue: (found: unknown) => found is Value;
  /** Whether a key never gets another value: then nothing in this process can be old, and it serves alone. */
  readonly constant: boolean;
  /** From 0 to below 1: by how much of a tenth a value's time in Redis is cut, so that not all end at once. */
  readonly chance: () => number;
  /** Another text each time, that nobody else has. */
  readonly newTurn: () => string;
  /** What a value that is shared takes at most, in bytes; 64 KiB unless said otherwise. */
  readonly maxBytes?: number;
  /** Hears of each call to Redis. */
  readonly timed?: (operation: "get" | "set", seconds: number) => void;
}

/** Redis is shared with limits and jobs: what is larger stays in the memory of who made it. */
const MAX_BYTES = 65_536;
const JITTER = 0.1;

/**
 * A cache in this process before one in Redis, which instances share.
 *
 * Redis away, slow or full costs a call its deadline at most, and soon nothing: reading finds less, storing
 * stores here alone where values are constant, and else rejects. A deletion that cannot be told rejects,
 * and is made up for before Redis is next asked for anything.
 */
export class TwoTierCache<Value> implements Cache<Value>, MeasuredCache, SpaceMember {
  readonly turns: LoadTurns<Value>;
  readonly #options: Required<Omit<TwoTierOptions<Value>, "timed">> & TwoTierOptions<Value>;
  readonly #near: NearCache<Value>;
  readonly #space: SharedSpace;
  readonly #entries: SharedEntries;
  readonly #invalidated = new Invalidations();
  readonly #names = new SlotNames();
  readonly #shared = { hits: 0, misses: 0, errors: 0 };

  constructor(options: TwoTierOptions<Value>) {
    this.#options = { maxBytes: MAX_BYTES, ...options };
    const { name, near, space, newTurn } = options;
    this.#near = near;
    this.#space = space;
    const madeUp = (key: string) => this.#forget(key);
    this.#entries = new SharedEntries({ name, space, names: this.#names, madeUp });
    this.turns = new RedisTurns<Value>({
      newTurn,
      entries: this.#entries,
      found: (key, text, since) => this.#found(key, text, since),
      version: () => this.version,
    });
    space.join(name, this);
  }

  get version(): number {
    return this.#invalidated.version;
  }

  get(key: string): Value | undefined | Promise<Value | undefined> {
    if (!this.#options.constant && !this.#space.isFresh) return this.#confirmedGet(key);
    const found = this.#near.get(key);
    if (found !== undefined) return found;
    return this.#entries.isReady ? this.#sharedGet(key) : undefined;
  }

  async set(key: string, value: Value, terms: CacheTerms): Promise<boolean> {
    const { ttlSeconds, since, turn = null } = terms;
    if (!(ttlSeconds > 0)) throw new RangeError(`Cannot store for '${ttlSeconds}' seconds`);
    const { value: copy } = frozenCopy(value);
    const begun = this.#options.clock.monotonic();
    try {
      const stored = await this.#store(key, copy, {
        ttlSeconds,
        ...(since !== undefined && { since }),
        turn,
      });
      if (!stored && turn !== null) await this.turns.giveUp(key, turn);
      return stored;
    } catch (error) {
      throw redisFailure(error);
    } finally {
      this.#timed("set", begun);
    }
  }

  async delete(key: string): Promise<void> {
    this.#forget(key);
    try {
      await this.#entries.erase(key);
    } catch (error) {
      throw redisFailure(error);
    } finally {
      // What was read before Redis had deleted it may have come only now.
      this.#forget(key);
    }
  }

  async clear(): Promise<void> {
    this.doubtful();
    try {
      await this.#entries.clear();
    } catch (error) {
      throw redisFailure(error);
    }
  }

  statistics(): CacheStatistics {
    const near = this.#near.statistics();
    const hits = near.hits + this.#shared.hits;
    const asked = near.hits + near.misses;
    return {
      ...near,
      hits,
      misses: asked - hits,
      hitRate: asked === 0 ? 0 : hits / asked,
      shared: { ...this.#shared },
    };
  }

  changed(digest: string): void {
    this.#forget(this.#names.keyOf(digest));
  }

  doubtful(): void {
    this.#near.clear();
    this.#invalidated.clear();
    this.#names.clear();
  }

  lost(): void {
    if (!this.#options.constant) this.doubtful();
  }

  /** A value that others may have replaced is given only as long as their news would have arrived. */
  async #confirmedGet(key: string): Promise<Value | undefined> {
    if (!await this.#space.confirm()) return undefined;
    return this.#near.get(key) ?? await this.#sharedGet(key);
  }

  async #sharedGet(key: string): Promise<Value | undefined> {
    const begun = this.#options.clock.monotonic();
    if (this.#names.isFull) this.doubtful();
    const since = this.version;
    try {
      const text = await this.#entries.read(key);
      const found = text === null ? undefined : this.#found(key, text, since);
      if (found === undefined) this.#shared.misses += 1;
      else this.#shared.hits += 1;
      return found;
    } catch {
      this.#shared.errors += 1;
      return undefined;
    } finally {
      this.#timed("get", begun);
    }
  }

  /** The value that a text has, which is kept here too; `undefined` where it has none that is good still. */
  #found(key: string, text: string, since: number): Value | undefined {
    const content = slotContent(text);
    if (content.kind === "turn" || !this.#invalidated.isCurrent(key, since)) return undefined;
    const left = content.until - this.#options.clock.now();
    if (left <= 0) return undefined;
    if (!this.#options.isValue(content.value)) return undefined;
    const { value } = frozenCopy(content.value);
    this.#keepHere(key, value, left / 1000);
    return value;
  }

  async #store(key: string, value: Value, terms: CacheTerms): Promise<boolean> {
    const { ttlSeconds, since, turn = null } = terms;
    if (this.#names.isFull) this.doubtful();
    if (since !== undefined && !this.#invalidated.isCurrent(key, since)) return false;
    const content = this.#contentOf(value, ttlSeconds);
    if (this.#options.constant) {
      const here = this.#keepHere(key, value, ttlSeconds);
      if (content !== null && await this.#put(key, content)) return true;
      if (turn !== null) await this.turns.giveUp(key, turn);
      return here;
    }
    if (content === null) {
      if (since === undefined) await this.delete(key);
      return false;
    }
    const sent = this.version;
    const stored = since === undefined
      ? await this.#entries.replace(key, this.#options.newTurn(), content)
      : await this.#fill(key, content, since, turn);
    const isCurrent = stored && this.#invalidated.isCurrent(key, sent);
    if (isCurrent) this.#keepHere(key, value, ttlSeconds);
    else if (since === undefined) this.#forget(key);
    return stored;
  }

  /** Whether it is shared now. */
  async #put(key: string, content: Content): Promise<boolean> {
    if (!this.#entries.isReady) return false;
    try {
      if (!await this.#space.hasRoom()) return false;
      await this.#entries.put(key, content);
      return true;
    } catch {
      this.#shared.errors += 1;
      return false;
    }
  }

  /**
   * Stores what was made in a turn that still stands. Without one a turn is taken whoever has it: deletions
   * from then on end it, and those before are known here once Redis has answered another question.
   */
  async #fill(key: string, content: Content, since: number, turn: string | null): Promise<boolean> {
    if (turn !== null) return await this.#entries.fill(key, turn, content);
    const mine = this.#options.newTurn();
    await this.#entries.takeTurn(key, mine);
    await this.#space.call((client) => client.ping());
    const stored = this.#invalidated.isCurrent(key, since) &&
      await this.#entries.fill(key, mine, content);
    if (!stored) await this.turns.giveUp(key, mine);
    return stored;
  }

  #contentOf(value: Value, ttlSeconds: number): Content | null {
    const { clock, chance, maxBytes } = this.#options;
    const milliseconds = Math.ceil(ttlSeconds * 1000 * (1 - JITTER * chance()));
    const text = valueSlot(value, clock.now() + milliseconds);
    const isLarge = text.length > maxBytes || Buffer.byteLength(text) > maxBytes;
    return isLarge ? null : { text, milliseconds };
  }

  /** Whether there is room for it. */
  #keepHere(key: string, value: Value, ttlSeconds: number): boolean {
    this.#names.digestOf(key);
    return this.#near.set(key, value, { ttlSeconds });
  }

  #forget(key: string): void {
    this.#invalidated.delete(key);
    this.#near.delete(key);
  }

  #timed(operation: "get" | "set", begun: number): void {
    this.#options.timed?.(operation, (this.#options.clock.monotonic() - begun) / 1000);
  }
}
