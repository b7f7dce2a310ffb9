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
    const { connection, kept } = this.#parts;
    const from = Math.max(0, this.#since - OVERLAP_MS);
    const found = await connection.run((client) =>
      client.zRangeWithScores(NEWS, from, "+inf", { BY: "SCORE" })
    );
    for (const { value, score } of found) {
      this.#since = Math.max(this.#since, score);
      if (this.#known.has(value)) continue;
      this.#known.set(value, score);
      const revocation = revocationOf(value);
      if (revocation !== null) await kept.revoke(revocation.tokenId, revocation.until);
    }
    for (const [value, score] of this.#known) {
      if (score < this.#since - OVERLAP_MS) this.#known.delete(value);
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
