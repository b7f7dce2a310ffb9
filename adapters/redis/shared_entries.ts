import type { RedisClient } from "./client.ts";
import { isFull, redisUnavailable } from "./faults.ts";
import { ERASE, FILL, GIVE_UP, REPLACE } from "./scripts.ts";
import type { EntryKeys, SharedSpace } from "./shared_space.ts";
import { type SlotNames, turnSlot } from "./slots.ts";

/** What {@link SharedEntries} works with. */
export interface SharedEntriesParts {
  /** The cache whose entries they are. */
  readonly name: string;
  readonly space: SharedSpace;
  readonly names: SlotNames;
  /** Told of each key whose deletion has been made up for. */
  readonly madeUp: (key: string) => void;
}

/** A value as Redis is given it, and for how long. */
export interface Content {
  readonly text: string;
  readonly milliseconds: number;
}

type Work<Done> = (client: RedisClient, keys: EntryKeys) => Promise<Done>;

/** How long a turn stands at most: longer than anything takes to make. */
const TURN_MS = 300_000;
/** Deletions that are remembered one by one until they can be told; past that, all is cleared. */
const MOST_OWED = 1000;
const EPOCH_TRIES = 5;
const EPOCH_PAUSE_MS = 5;

/** An entry was asked for in an epoch that ended meanwhile. */
class EpochEnded extends Error {}

/**
 * The entries of one cache in Redis. Each method rejects with what `RedisConnection.run` does.
 *
 * Deletions that could not be told are made up for before Redis is asked for anything else.
 */
export class SharedEntries {
  readonly #parts: SharedEntriesParts;
  readonly #owed = new Set<string>();
  #owesAll = false;

  constructor(parts: SharedEntriesParts) {
    this.#parts = parts;
  }

  /** Whether Redis can be asked just now. */
  get isReady(): boolean {
    return this.#parts.space.isReady(this.#parts.name);
  }

  /** What stands there. */
  async read(key: string): Promise<string | null> {
    return await this.#call(key, (client, { slot }) => client.get(slot));
  }

  /** Stores it whatever stands there, and tells nobody. */
  async put(key: string, { text, milliseconds }: Content): Promise<void> {
    const expiration = { type: "PX", value: milliseconds } as const;
    await this.#call(key, (client, { slot }) => client.set(slot, text, { expiration }));
  }

  /**
   * Stores it whatever stands there, and tells all; `false`: there was no room, or somebody else came
   * meanwhile. A turn that is Redis' to know first, in a call of its own: what was given up here, and is
   * heard there only after others have written, finds it ended.
   */
  async replace(key: string, turn: string, { text, milliseconds }: Content): Promise<boolean> {
    try {
      await this.#insist(key, (client, { slot }) => {
        return client.set(slot, turnSlot(turn), { expiration: { type: "PX", value: TURN_MS } });
      });
      const stored = await this.#insist(key, (client, { slot, bell }) => {
        return REPLACE.run(client, [slot, bell], [turnSlot(turn), text, `${milliseconds}`]);
      });
      return stored === 1;
    } catch (error) {
      if (!isFull(error)) this.#owe(key);
      if (!isFull(error)) throw error;
      await this.erase(key);
      return false;
    }
  }

  /** Deletes it and tells all. */
  async erase(key: string): Promise<void> {
    try {
      await this.#insist(key, (client, { slot, bell }) => ERASE.run(client, [slot, bell], []));
    } catch (error) {
      this.#owe(key);
      throw error;
    }
  }

  /** Deletes everything and tells all. */
  async clear(): Promise<void> {
    this.#owesAll = true;
    await this.#parts.space.renew(this.#parts.name);
    this.#owesAll = false;
    this.#owed.clear();
  }

  /** Begins a turn where nothing stands; what does stand there, `null` where now the turn does. */
  async tryTurn(key: string, turn: string): Promise<string | null> {
    const expiration = { type: "PX", value: TURN_MS } as const;
    return await this.#call(key, (client, { slot }) => {
      return client.set(slot, turnSlot(turn), { expiration, condition: "NX", GET: true });
    });
  }

  /** Begins a turn whatever stands there. */
  async takeTurn(key: string, turn: string): Promise<void> {
    await this.put(key, { text: turnSlot(turn), milliseconds: TURN_MS });
  }

  /** Stores it where that turn still stands; whether it did, and there was room. */
  async fill(key: string, turn: string, { text, milliseconds }: Content): Promise<boolean> {
    try {
      const stored = await this.#call(key, (client, { slot }) => {
        return FILL.run(client, [slot], [turnSlot(turn), text, `${milliseconds}`]);
      });
      return stored === 1;
    } catch (error) {
      if (isFull(error)) return false;
      throw error;
    }
  }

  async endTurn(key: string, turn: string): Promise<void> {
    await this.#call(key, (client, { slot }) => GIVE_UP.run(client, [slot], [turnSlot(turn)]));
  }

  async #call<Done>(key: string, work: Work<Done>): Promise<Done> {
    if (this.#owesAll || this.#owed.size > 0) await this.#makeUp();
    return await this.#callNow(key, work);
  }

  async #callNow<Done>(key: string, work: Work<Done>): Promise<Done> {
    const { name, space, names } = this.#parts;
    const epoch = space.epochOf(name);
    if (epoch === null) throw new EpochEnded();
    const keys = space.keysOf(name, epoch, names.digestOf(key));
    const done = await space.call((client) => work(client, keys));
    if (epoch !== space.epochOf(name)) throw new EpochEnded();
    return done;
  }

  /** Does it again where the cache was cleared meanwhile, in what came after. */
  async #insist<Done>(key: string, work: Work<Done>): Promise<Done> {
    for (let tries = 1;; tries += 1) {
      try {
        return await this.#call(key, work);
      } catch (error) {
        if (!(error instanceof EpochEnded)) throw error;
        if (tries === EPOCH_TRIES) throw redisUnavailable("what it keeps may be old");
        await new Promise((resolve) => setTimeout(resolve, EPOCH_PAUSE_MS));
      }
    }
  }

  #owe(key: string): void {
    this.#owed.add(key);
    if (this.#owed.size > MOST_OWED) this.#owesAll = true;
  }

  async #makeUp(): Promise<void> {
    const due = [...this.#owed];
    this.#owed.clear();
    try {
      if (this.#owesAll) return await this.clear();
      await Promise.all(due.map((key) => {
        return this.#callNow(key, (client, { slot, bell }) => ERASE.run(client, [slot, bell], []));
      }));
    } catch (error) {
      for (const key of due) this.#owe(key);
      throw error;
    } finally {
      for (const key of due) this.#parts.madeUp(key);
    }
  }
}
