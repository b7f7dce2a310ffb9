import { createHash } from "node:crypto";
import { parseValue, valueText } from "../../domain/caching/value_text.ts";

/** What stands under a key in Redis: a value until a time in Unix milliseconds, or somebody's turn. */
export type SlotContent =
  | { readonly kind: "value"; readonly value: unknown; readonly until: number }
  | { readonly kind: "turn" };

const VALUE = "v";
const TURN = "t";
const DIGEST = /^[0-9a-f]{64}$/;

/** A value as it stands in Redis. */
export function valueSlot(value: unknown, until: number): string {
  return `${VALUE}${until} ${valueText(value)}`;
}

/** A turn as it stands in Redis. */
export function turnSlot(turn: string): string {
  return TURN + turn;
}

/** @throws {SyntaxError} for what neither function has made. */
export function slotContent(text: string): SlotContent {
  if (text.startsWith(TURN)) return { kind: "turn" };
  const end = text.indexOf(" ");
  const until = Number(text.slice(VALUE.length, end));
  if (!text.startsWith(VALUE) || !Number.isSafeInteger(until)) {
    throw new SyntaxError("Cannot read what stands in Redis: it is neither a value nor a turn");
  }
  return { kind: "value", value: parseValue(text.slice(end + 1)), until };
}

/** Keys of which it is remembered what their digest is of. */
const MOST_NAMES = 10_000;

/** Keys as Redis sees them: digests only, so that no text of a user's stands there. */
export class SlotNames {
  readonly #keys = new Map<string, string>();

  /** The digest of a key, or the key itself where it is one. */
  digestOf(key: string): string {
    if (DIGEST.test(key)) return key;
    const digest = createHash("sha256").update(JSON.stringify(key)).digest("hex");
    this.#keys.set(digest, key);
    return digest;
  }

  /** The key of a digest, as far as this instance has met it. */
  keyOf(digest: string): string {
    return this.#keys.get(digest) ?? digest;
  }

  /** Whether there is no room for more: whoever rests on them forgets all, and so do they. */
  get isFull(): boolean {
    return this.#keys.size >= MOST_NAMES;
  }

  clear(): void {
    this.#keys.clear();
  }
}
