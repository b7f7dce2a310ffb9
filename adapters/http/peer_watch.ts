import type { PeerConnection, Peers } from "../../domain/ports/peers.ts";

/** How often it is asked who has left, and how long a request has lasted before it is asked of at all. */
const LOOK_MS = 75;
/** What answers is also what runs programs: after each answer it is left alone for so many times as long. */
const REST = 4;
/** What was slow once may be well again: meanwhile nobody who leaves is noticed. */
const LONGEST_REST_MS = 1000;

interface Watched {
  readonly connection: PeerConnection;
  readonly left: () => void;
  readonly since: number;
}

/**
 * Notices callers who leave, where the server itself does not: Deno's says nothing of a request whose body
 * it read after its head, until its answer begins. Asks of all requests at once, one question at a time, and
 * more seldom where answers take long.
 */
export class PeerWatch implements Disposable {
  readonly #peers: Peers;
  readonly #monotonic: () => number;
  readonly #watched = new Set<Watched>();
  #looking: ReturnType<typeof setInterval> | undefined;
  #isAsking = false;
  #askAgainAt = -Infinity;
  #isOver = false;

  /** `monotonic`: milliseconds that never go back. */
  constructor(peers: Peers, monotonic: () => number) {
    this.#peers = peers;
    this.#monotonic = monotonic;
  }

  /** Calls `left` once when the caller has left, unless what is returned has been disposed of before. */
  watch(connection: PeerConnection, left: () => void): Disposable {
    const watched = { connection, left, since: this.#monotonic() };
    this.#watched.add(watched);
    if (!this.#isOver) this.#looking ??= setInterval(() => this.#look(), LOOK_MS);
    return { [Symbol.dispose]: () => void this.#watched.delete(watched) };
  }

  /** Notices nothing any more. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#watched.clear();
    this.#rest();
  }

  #look(): void {
    // Not sooner: what is brief shall not begin and end a timer each time.
    if (this.#watched.size === 0) return this.#rest();
    const now = this.#monotonic();
    if (this.#isAsking || now < this.#askAgainAt) return;
    const lasting = [...this.#watched].filter(({ since }) => since <= now - LOOK_MS);
    if (lasting.length > 0) void this.#ask(lasting, now);
  }

  async #ask(lasting: readonly Watched[], begun: number): Promise<void> {
    this.#isAsking = true;
    try {
      const gone = new Set(await this.#peers.gone(lasting.map(({ connection }) => connection)));
      // Whatever has ended meanwhile is not called left: its connection may be another's by now.
      for (const watched of lasting) {
        if (gone.has(watched.connection) && this.#watched.delete(watched)) watched.left();
      }
    } catch {
      // What sees them was lost; it is asked again, and its loss is told by whoever keeps it.
    } finally {
      const now = this.#monotonic();
      this.#askAgainAt = now + Math.min(REST * (now - begun), LONGEST_REST_MS);
      this.#isAsking = false;
    }
  }

  #rest(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}
