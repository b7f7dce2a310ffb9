import type { Clock } from "../../domain/ports/clock.ts";
import type { RedisClient } from "./client.ts";
import type { RedisConnection, RedisSession } from "./connection.ts";
import { EPOCH, NEW_EPOCH } from "./scripts.ts";

/** What {@link SharedSpace} works with. */
export interface SharedSpaceOptions {
  readonly connection: RedisConnection;
  readonly clock: Pick<Clock, "monotonic">;
  /** What begins every key: another for each version of the product, whose values may be of other shapes. */
  readonly prefix: string;
  /** Another text each time, without colons. */
  readonly newId: () => string;
}

/** A cache that hears what other instances have done to it. */
export interface SpaceMember {
  /** Somebody has deleted or replaced what stands under this digest. */
  changed(digest: string): void;
  /** Whatever this instance has of it may be old. */
  doubtful(): void;
  /** Nothing more is heard, for now. */
  lost(): void;
}

/** The keys in Redis of one entry. */
export interface EntryKeys {
  readonly slot: string;
  readonly bell: string;
}

/** How old the knowledge that nothing was missed may be. */
const FRESH_MS = 25;
/** Of its cap, what Redis has when caches stop adding to it: the rest is for limits and jobs. */
const SHARE = 0.5;
/** How old the knowledge of that may be. */
const ROOM_MS = 250;
const EPOCH_NAME = "epoch";

interface Member {
  readonly heard: SpaceMember;
  /** The part of its keys that a clearing changes; `null`: not known now. */
  epoch: string | null;
  /** The one that was known last. */
  lastEpoch: string | null;
  /** Counts what could make an epoch that is being asked for an old one. */
  asked: number;
  learning: Promise<void>;
}

/**
 * What several caches keep in one Redis: their keys, and who is told of what becomes of them.
 *
 * Every instance tracks the keys of bells and epochs, which nothing else touches: whoever deletes or
 * replaces an entry rings its bell, and whoever clears a cache gives it a new epoch. Redis sends the news
 * before the answer to anything that is asked later, so that an answer also shows that nothing was missed.
 */
export class SharedSpace implements RedisSession {
  readonly #options: SharedSpaceOptions;
  readonly #members = new Map<string, Member>();
  readonly #news: string;
  /** Stands in the bells that this instance rings. */
  readonly #self: string;
  #listens = false;
  /** When the last question was sent that was answered. */
  #confirmedAt = -Infinity;
  #confirming: Promise<void> | null = null;
  #room = { asked: -Infinity, is: Promise.resolve(true) };

  constructor(options: SharedSpaceOptions) {
    this.#options = options;
    this.#news = `${options.prefix}:news:`;
    this.#self = options.newId();
    options.connection.keep(this);
  }

  /** Adds a cache under a name that no other has. Its epoch is known once the next connection stands. */
  join(name: string, heard: SpaceMember): void {
    this.#members.set(name, {
      ...{ heard, epoch: null, lastEpoch: null, asked: 0, learning: Promise.resolve() },
    });
  }

  /** Whether Redis can be asked for entries of this cache. */
  isReady(name: string): boolean {
    return this.#options.connection.isReady && this.epochOf(name) !== null;
  }

  /** Whether all that others had done 25 ms ago is known here. */
  get isFresh(): boolean {
    return this.#options.clock.monotonic() - this.#confirmedAt < FRESH_MS;
  }

  /** Makes sure of what {@link isFresh} says, and whether that could be done. */
  async confirm(): Promise<boolean> {
    this.#confirming ??= this.call((client) => client.ping()).then(() => {}, () => {})
      .finally(() => this.#confirming = null);
    await this.#confirming;
    return this.isFresh;
  }

  /** Whether caches may add to what Redis has, as it stood 250 ms ago. Rejects as {@link call} does. */
  async hasRoom(): Promise<boolean> {
    const now = this.#options.clock.monotonic();
    if (now - this.#room.asked >= ROOM_MS) {
      this.#room = { asked: now, is: this.call((client) => client.info("memory")).then(isRoomIn) };
    }
    return await this.#room.is;
  }

  /** The epoch of a cache; `null` where it is not known just now. */
  epochOf(name: string): string | null {
    return this.#members.get(name)?.epoch ?? null;
  }

  /** The keys of an entry in an epoch of its cache. */
  keysOf(name: string, epoch: string, digest: string): EntryKeys {
    const slot = `${this.#options.prefix}:${name}:${epoch}:${digest}`;
    return { slot, bell: `${this.#news}${name}:${digest}:${this.#self}` };
  }

  /** As `RedisConnection.run`. */
  async call<Done>(work: (client: RedisClient) => Promise<Done>): Promise<Done> {
    const { clock, connection } = this.#options;
    const asked = clock.monotonic();
    const done = await connection.run(work);
    this.#confirmedAt = Math.max(this.#confirmedAt, asked);
    return done;
  }

  /** Ends the epoch of a cache: nobody finds what was stored before. */
  async renew(name: string): Promise<void> {
    const member = this.#members.get(name);
    if (member === undefined) return;
    await this.call(async (client) => {
      await NEW_EPOCH.run(client, [this.#epochKey(name)], [this.#options.newId()]);
      await this.#learn(client, name, member);
      await this.#settled(client);
    });
  }

  async begin(client: RedisClient): Promise<void> {
    if (!this.#listens) client.on("invalidate", (key: unknown) => this.#heard(client, key));
    this.#listens = true;
    // The client tracks in the other mode by itself, and modes are changed only by turning it off.
    await Promise.all([
      client.sendCommand(["CLIENT", "TRACKING", "OFF"]),
      client.sendCommand(
        ["CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", this.#news, "NOLOOP"],
      ),
    ]);
    for (const [name, member] of this.#members) {
      // What was read before tracking began may have changed unheard.
      member.lastEpoch = null;
      await this.#learn(client, name, member);
    }
    await this.#settled(client);
  }

  end(): void {
    this.#confirmedAt = -Infinity;
    for (const member of this.#members.values()) {
      member.epoch = null;
      member.asked += 1;
      member.heard.lost();
    }
  }

  #epochKey(name: string): string {
    return `${this.#news}${name}:${EPOCH_NAME}`;
  }

  async #learn(client: RedisClient, name: string, member: Member): Promise<void> {
    const asked = ++member.asked;
    const known = await EPOCH.run(client, [this.#epochKey(name)], [this.#options.newId()]);
    if (asked !== member.asked) return;
    const epoch = String(known);
    if (epoch !== member.lastEpoch) member.heard.doubtful();
    member.lastEpoch = epoch;
    member.epoch = epoch;
  }

  /** What a script does is told to who sent it, too: waits until that was heard. */
  async #settled(client: RedisClient): Promise<void> {
    await client.ping();
    await Promise.all(Array.from(this.#members.values(), ({ learning }) => learning));
  }

  /** `null`: all keys of Redis are gone. */
  #heard(client: RedisClient, key: unknown): void {
    const rest = key === null ? "" : String(key).slice(this.#news.length);
    for (const [name, member] of this.#members) {
      if (key === null) member.lastEpoch = null;
      else if (!rest.startsWith(`${name}:`)) continue;
      const [what = "", who] = rest.slice(name.length + 1).split(":");
      if (key === null || what === EPOCH_NAME) this.#relearn(client, name, member);
      else if (who !== this.#self) member.heard.changed(what);
    }
  }

  #relearn(client: RedisClient, name: string, member: Member): void {
    member.epoch = null;
    // At once: whoever waits to know that nothing was missed is answered before the epoch is known.
    member.heard.doubtful();
    const learning = this.#learn(client, name, member);
    member.learning = learning.catch(() => this.#options.connection.beginAnew());
  }
}

/** By what `INFO` says; a Redis without a cap has room. */
function isRoomIn(info: string): boolean {
  const [used, cap] = [/^used_memory:(\d+)/m, /^maxmemory:(\d+)/m].map((line) =>
    line.exec(info)?.[1]
  );
  return Number(cap ?? 0) === 0 || Number(used ?? 0) < SHARE * Number(cap);
}
