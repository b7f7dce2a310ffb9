/** Why nobody was given a place. */
export class NoPlace extends Error {
  /** Whether the time was over while others had the places: nothing is wrong with the places themselves. */
  readonly isLate: boolean;

  constructor(message: string, isLate = false) {
    super(message);
    this.name = "NoPlace";
    this.isLate = isLate;
  }
}

/** What a place is taken for. */
export interface Use {
  /** Set for a caller's own statement, of which only a share is at work at once; `null`: it is not known whose. */
  readonly caller?: string | null;
  /** Whether the database may be at it for ever, whatever the time is that it is given. */
  readonly endless?: true;
}

/** How many places there are, and what of them may be taken for what at once. */
export interface PlaceCounts {
  readonly all: number;
  readonly callers: number;
  readonly oneCaller: number;
  readonly endless: number;
}

interface Waiting {
  readonly use: Use;
  readonly give: () => void;
  readonly refuse: (error: NoPlace) => void;
}

/** One place in so many may be taken for what the database does not stop. */
const ENDLESS_SHARE = 4;

/** So many places, of which callers' statements leave a quarter to all else, and one caller's half to others'. */
export function sharesOf(all: number): PlaceCounts {
  const callers = atLeastOne(all * 3 / 4);
  return {
    all,
    callers,
    oneCaller: atLeastOne(callers / 2),
    endless: atLeastOne(all / ENDLESS_SHARE),
  };
}

function atLeastOne(count: number): number {
  return Math.max(1, Math.floor(count));
}

/** Places to work at. Who comes later waits; first come first served, but for those whose share is used up. */
export class Places {
  readonly #counts: PlaceCounts;
  readonly #waiting = new Set<Waiting>();
  readonly #inUse = new Set<Use>();
  #most = 0;
  #closed: string | null = null;

  constructor(counts: PlaceCounts) {
    this.#counts = counts;
  }

  /** Places that are taken, and the most that ever were. */
  get state(): { readonly taken: number; readonly most: number } {
    return { taken: this.#inUse.size, most: this.#most };
  }

  /**
   * Takes a place, and gives the function that gives it back, which works once.
   *
   * @throws {NoPlace} when there was none for `milliseconds`, once `signal` is aborted, or after closing.
   */
  async take(milliseconds: number, signal: AbortSignal, use: Use = {}): Promise<() => void> {
    if (this.#closed !== null) throw new NoPlace(this.#closed);
    const own = { ...use };
    if (this.#mayTake(own)) this.#give(own);
    else await this.#turn(milliseconds, signal, own);
    return () => {
      if (this.#inUse.delete(own)) this.#serve();
    };
  }

  /** Refuses all who wait, and all who come. */
  close(reason: string): void {
    this.#closed ??= reason;
    for (const { refuse } of this.#waiting) refuse(new NoPlace(reason));
  }

  #give(use: Use): void {
    this.#inUse.add(use);
    this.#most = Math.max(this.#most, this.#inUse.size);
  }

  #turn(milliseconds: number, signal: AbortSignal, use: Use): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = {
      use,
      give: resolve,
      // Out of the queue at once: a place that is given to one who has left is nobody's any more.
      refuse: (error: NoPlace) => {
        this.#waiting.delete(waiting);
        reject(error);
      },
    };
    const late = setTimeout(() => {
      const words = `no connection became free within ${milliseconds / 1000} s`;
      waiting.refuse(new NoPlace(words, true));
    }, milliseconds);
    const left = () => waiting.refuse(new NoPlace("the caller has left"));
    signal.addEventListener("abort", left, { once: true });
    this.#waiting.add(waiting);
    return promise.finally(() => {
      clearTimeout(late);
      signal.removeEventListener("abort", left);
    });
  }

  /** Whoever has waited longest goes first, of those who may: one share that is free again can serve two. */
  #serve(): void {
    for (const waiting of this.#waiting) {
      if (this.#inUse.size >= this.#counts.all) return;
      if (!this.#mayTake(waiting.use)) continue;
      this.#waiting.delete(waiting);
      this.#give(waiting.use);
      waiting.give();
    }
  }

  #mayTake({ caller, endless }: Use): boolean {
    const { all, callers, oneCaller, endless: mostEndless } = this.#counts;
    const inUse = [...this.#inUse];
    if (inUse.length >= all) return false;
    if (endless && inUse.filter((use) => use.endless).length >= mostEndless) return false;
    if (caller === undefined) return true;
    const reads = inUse.filter((use) => use.caller !== undefined);
    if (reads.length >= callers) return false;
    return caller === null || reads.filter((use) => use.caller === caller).length < oneCaller;
  }
}
