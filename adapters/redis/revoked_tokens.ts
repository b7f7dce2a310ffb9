import { isObject } from "../../domain/caching/plain_data.ts";
import type { RevokedTokens } from "../../domain/ports/revoked_tokens.ts";
import type { RedisConnection } from "./connection.ts";
import { RedisScript } from "./script.ts";

/** What telling of revocations over Redis takes. */
export interface ToldRevokedTokensParts {
  readonly connection: Pick<RedisConnection, "run" | "isReady">;
  /** Where they are kept, and what is asked. It is closed by whoever opened it. */
  readonly kept: RevokedTokens;
  /** How often what others have revoked is looked for. */
  readonly everyMs: number;
}

const NEWS = "ultimate-mcp:revoked";
/** How long Redis tells of a revocation: the records have it long before, or are away for so long. */
const TOLD_MS = 86_400_000;
/** One may be told so much later than its own time, where Redis' clock was set back or its replica took over. */
const OVERLAP_MS = 60_000;
/** Revocations that are told of at most, the last ones. */
const MOST = 10_000;
/** Revocations that are read at once; other work gets its turn between two pages. */
const PAGE = 200;

/** KEYS: news. ARGV: revocation, milliseconds that it is told of, most. Gives its time. */
const TELL = new RedisScript(
  `#!lua flags=allow-oom
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZADD', KEYS[1], now, ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
  redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return now`,
);

/**
 * Revocations that are told to all instances over Redis too: they hold everywhere within a moment though
 * what they are kept in is away. What an instance hears it keeps as its own. Without Redis it is as if this
 * were not there.
 */
export class ToldRevokedTokens implements RevokedTokens {
  readonly #parts: ToldRevokedTokensParts;
  /** What was heard, or told, since {@link #since}, as it stands in Redis. */
  readonly #known = new Map<string, number>();
  #since = 0;
  #looking: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(parts: ToldRevokedTokensParts) {
    this.#parts = parts;
    this.#wait();
  }

  async revoke(tokenId: string, until: number | null): Promise<void> {
    const { connection, kept } = this.#parts;
    await kept.revoke(tokenId, until);
    const text = JSON.stringify({ tokenId, until });
    const values = [text, String(TOLD_MS), String(MOST)];
    try {
      const time = await connection.run((client) => TELL.run(client, [NEWS], values));
      this.#known.set(text, Number(time));
    } catch {
      // The others read it from where it is kept.
    }
  }

  isRevoked(tokenId: string): Promise<boolean> {
    return this.#parts.kept.isRevoked(tokenId);
  }

  isKept(tokenId: string, until: number | null): Promise<boolean> {
    return this.#parts.kept.isKept(tokenId, until);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#looking = this.#look().finally(() => {
        if (!this.#closed) this.#wait();
      });
    }, this.#parts.everyMs);
    Deno.unrefTimer(this.#timer);
  }

  async #look(): Promise<void> {
    const { connection } = this.#parts;
    if (!connection.isReady) return this.#lookAnew();
    try {
      await this.#take();
    } catch {
      this.#lookAnew();
    }
  }

  /** Another Redis, or the same one emptied, may go by another clock. */
  #lookAnew(): void {
    this.#since = 0;
    this.#known.clear();
  }

  async #take(): Promise<void> {
    let [latest, unkept] = [this.#since, Infinity];
    for await (const { value, score } of this.#news(Math.max(0, this.#since - OVERLAP_MS))) {
      if (this.#closed) return;
      latest = Math.max(latest, score);
      if (this.#known.has(value)) continue;
      if (await this.#keep(value)) this.#known.set(value, score);
      else unkept = Math.min(unkept, score);
    }
    this.#since = Math.min(latest, unkept);
    for (const [value, score] of this.#known) {
      if (score < this.#since - OVERLAP_MS) this.#known.delete(value);
    }
  }

  /** A page at a time: a day's in one would be later than a command may be. */
  async *#news(from: number) {
    for (let offset = 0;;) {
      const LIMIT = { offset, count: PAGE };
      const page = await this.#parts.connection.run((client) =>
        client.zRangeWithScores(NEWS, from, "+inf", { BY: "SCORE", LIMIT })
      );
      yield* page;
      const last = page.at(-1)?.score;
      if (last === undefined || page.length < PAGE) return;
      // What leaves at the other end meanwhile would shift an offset from there.
      const seen = page.filter(({ score }) => score === last).length;
      offset = last === from ? offset + seen : seen;
      from = last;
    }
  }

  /** Whether it need not be looked at again. What is kept already is written, and handed on, no second time. */
  async #keep(text: string): Promise<boolean> {
    const { kept } = this.#parts;
    const revocation = revocationOf(text);
    if (revocation === null) return true;
    const { tokenId, until } = revocation;
    try {
      if (!await kept.isKept(tokenId, until)) await kept.revoke(tokenId, until);
      return true;
    } catch {
      return false;
    }
  }
}

interface Revocation {
  readonly tokenId: string;
  readonly until: number | null;
}

/** `null` for what is none: others may write there. */
function revocationOf(text: string): Revocation | null {
  try {
    const found: unknown = JSON.parse(text);
    if (!isObject(found)) return null;
    const { tokenId, until }: { tokenId?: unknown; until?: unknown } = found;
    if (typeof tokenId !== "string" || (until !== null && typeof until !== "number")) return null;
    return { tokenId, until };
  } catch {
    return null;
  }
}
