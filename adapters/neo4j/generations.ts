import { DomainError } from "../../domain/errors.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import { isBookmarkFault, serviceFailure, unavailable } from "./faults.ts";
import type { Link } from "./link.ts";
import type { ServerStart } from "./server_start.ts";
import { traceless } from "./traceless.ts";

/** How old a generation may be. */
const FRESH_MS = 25;
const ASK_SECONDS = 5;

/** How long whoever asks will wait to be told. */
export interface Patience {
  readonly milliseconds: number;
  /** What it comes to then. */
  readonly overdue: () => Promise<DomainError>;
}

/** A state of the graph. */
export interface Generation {
  /** What no other state has: see {@link Generations}. */
  readonly name: string;
  /** What a session is given that must not see less. */
  readonly bookmark: string;
}

interface Known {
  readonly generation: Generation;
  /** When it was asked for, on the clock that never goes back. */
  readonly askedAt: number;
}

interface Asked {
  readonly promise: Promise<Generation>;
  readonly askedAt: number;
}

/**
 * The graph's generation: the bookmark that the database hands out with a read, which names the last
 * transaction whose changes that read could see. It is the database's own, so that it moves with every
 * change in the transaction that makes it, whoever makes it, and nothing of it lies in the graph.
 *
 * A database into which an older copy was put hands out the same bookmarks again for other states. So a
 * generation is named by the server's start, too, without which nothing can be put there.
 */
export class Generations {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #start: ServerStart;
  /** The server's start when it was last asked for. */
  #started: string | null = null;
  #known: Known | null = null;
  #asked: Asked | null = null;
  /** Bookmarks of this instance's own writes that no generation is known to be past. */
  #writes: ReadonlySet<string> = new Set();

  constructor(
    { link, clock, start }: {
      readonly link: Link;
      readonly clock: Clock;
      readonly start: ServerStart;
    },
  ) {
    this.#link = link;
    this.#clock = clock;
    this.#start = start;
  }

  /** The present generation, no older than 25 ms, with all writes in it that {@link wrote} was told of. */
  async current(signal: AbortSignal, patience: Patience): Promise<Generation> {
    if (signal.aborted) throw new DomainError({ code: "cancelled" });
    const since = this.#clock.monotonic() - FRESH_MS;
    if (this.#known !== null && this.#known.askedAt > since) return this.#known.generation;
    if (this.#asked === null || this.#asked.askedAt <= since) this.#asked = this.#ask();
    return await heeding(this.#asked.promise, signal, patience);
  }

  /** Takes note of a write of this instance, by its bookmarks: what is asked from now on must be past it. */
  wrote(bookmarks: readonly string[]): void {
    this.#writes = new Set([...this.#writes, ...bookmarks]);
    this.#known = null;
    this.#asked = null;
  }

  #ask(): Asked {
    const askedAt = this.#clock.monotonic();
    const asked: Asked = { promise: this.#answer(() => this.#asked === asked, askedAt), askedAt };
    asked.promise.catch(() => {
      if (this.#asked === asked) this.#asked = null;
    });
    return asked;
  }

  async #answer(isLatest: () => boolean, askedAt: number): Promise<Generation> {
    let started = await this.#startedNow();
    for (;;) {
      const past = this.#writes;
      const bookmark = await this.#bookmarkAfter(past);
      this.#writes = new Set([...this.#writes].filter((write) => !past.has(write)));
      // The bookmark is of that start only if it was the same before and after.
      const before = started;
      started = await this.#startedNow();
      if (started !== before) continue;
      const generation = { name: `${started} ${bookmark}`, bookmark };
      if (isLatest()) this.#known = { generation, askedAt };
      return generation;
    }
  }

  /** What was written before another start may be gone: a database waits half a minute for such a bookmark. */
  async #startedNow(): Promise<string> {
    const past = this.#writes;
    const started = await this.#start.current();
    if (this.#started !== null && this.#started !== started) {
      this.#writes = new Set([...this.#writes].filter((write) => !past.has(write)));
    }
    this.#started = started;
    return started;
  }

  async #bookmarkAfter(past: ReadonlySet<string>): Promise<string> {
    try {
      return await this.#read([...past]);
    } catch (error) {
      if (!isBookmarkFault(error) || past.size === 0) throw serviceFailure(error);
      // Another database stands there now, which has none of those writes.
      return await this.#read([]);
    }
  }

  #read(bookmarks: readonly string[]): Promise<string> {
    return this.#link.run({
      mode: "read",
      bookmarks,
      timeoutMs: ASK_SECONDS * 1000,
      signal: new AbortController().signal,
      overdue: () => unavailable(`it did not answer within ${ASK_SECONDS} s`),
    }, async (session, left) => {
      await traceless(() => session.run("RETURN 1", {}, { timeout: left() }));
      const [bookmark] = session.lastBookmarks();
      if (bookmark === undefined) throw unavailable("it gives no bookmarks");
      return bookmark;
    });
  }
}

/** The promise, but for a caller who leaves, and no longer than that one waits. */
async function heeding(
  promise: Promise<Generation>,
  signal: AbortSignal,
  { milliseconds, overdue }: Patience,
): Promise<Generation> {
  const { promise: left, resolve, reject } = Promise.withResolvers<null>();
  const leave = () => reject(new DomainError({ code: "cancelled" }));
  const late = setTimeout(() => resolve(null), milliseconds);
  signal.addEventListener("abort", leave, { once: true });
  try {
    const told = await Promise.race([promise, left]);
    if (told === null) throw await overdue();
    return told;
  } finally {
    clearTimeout(late);
    signal.removeEventListener("abort", leave);
  }
}
