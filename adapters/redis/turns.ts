import type { LoadTurns, Turn } from "../../domain/ports/cache.ts";
import type { SharedEntries } from "./shared_entries.ts";
import { slotContent } from "./slots.ts";

/** What {@link RedisTurns} works with. */
export interface RedisTurnsParts<Value> {
  /** Another text each time, that nobody else has. */
  readonly newTurn: () => string;
  readonly entries: SharedEntries;
  /** The value in a slot's text, as of a version; `undefined` where there is none that is good still. */
  readonly found: (key: string, text: string, since: number) => Value | undefined;
  readonly version: () => number;
}

/** What anybody waits for another's turn. */
const WAIT_MS = 300;
const FIRST_PAUSE_MS = 4;
const LONGEST_PAUSE_MS = 32;

/**
 * Turns that stand in the very place of the value: who stores a value made in a turn finds it there, or
 * finds that it was deleted meanwhile.
 */
export class RedisTurns<Value> implements LoadTurns<Value> {
  readonly #parts: RedisTurnsParts<Value>;

  constructor(parts: RedisTurnsParts<Value>) {
    this.#parts = parts;
  }

  async take(key: string): Promise<Turn<Value>> {
    if (!this.#parts.entries.isReady) return { kind: "make", turn: null };
    try {
      return await this.#wait(key);
    } catch {
      return { kind: "make", turn: null };
    }
  }

  async giveUp(key: string, turn: string): Promise<void> {
    const { entries } = this.#parts;
    // One that cannot be given up ends by itself, and nobody waits for it long.
    if (entries.isReady) await entries.endTurn(key, turn).catch(() => {});
  }

  async #wait(key: string): Promise<Turn<Value>> {
    const { newTurn, entries, found, version } = this.#parts;
    const turn = newTurn();
    const until = performance.now() + WAIT_MS;
    for (let pause = FIRST_PAUSE_MS;; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const since = version();
      const text = await entries.tryTurn(key, turn);
      if (text === null) return { kind: "make", turn };
      const value = found(key, text, since);
      if (value !== undefined) return { kind: "made", value };
      if (slotContent(text).kind !== "turn" || performance.now() >= until) {
        await entries.takeTurn(key, turn);
        return { kind: "make", turn };
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
