/** Why nobody was given a place. */
export class NoPlace extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NoPlace";
  }
}

interface Waiting {
  readonly give: () => void;
  readonly refuse: (error: NoPlace) => void;
}

/** So many may be at work at once; who comes later waits, first come first served. */
export class Places {
  readonly #size: number;
  readonly #waiting = new Set<Waiting>();
  #taken = 0;
  #most = 0;
  #closed: string | null = null;

  constructor(size: number) {
    this.#size = size;
  }

  /** Places that are taken, and the most that ever were. */
  get state(): { readonly taken: number; readonly most: number } {
    return { taken: this.#taken, most: this.#most };
  }

  /**
   * Takes a place, and gives the function that gives it back, which works once.
   *
   * @throws {NoPlace} when there was none for `milliseconds`, once `signal` is aborted, or after closing.
   */
  async take(milliseconds: number, signal: AbortSignal): Promise<() => void> {
    if (this.#closed !== null) throw new NoPlace(this.#closed);
    if (this.#taken >= this.#size) await this.#turn(milliseconds, signal);
    else this.#taken += 1;
    this.#most = Math.max(this.#most, this.#taken);
    let given = true;
    return () => {
      if (given) this.#giveBack();
      given = false;
    };
  }

  /** Refuses all who wait, and all who come. */
  close(reason: string): void {
    this.#closed ??= reason;
    for (const { refuse } of this.#waiting) refuse(new NoPlace(reason));
  }

  #turn(milliseconds: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = {
      give: resolve,
      // Out of the queue at once: a place that is given to one who has left is nobody's any more.
      refuse: (error: NoPlace) => {
        this.#waiting.delete(waiting);
        reject(error);
      },
    };
    const late = setTimeout(() => {
      waiting.refuse(new NoPlace(`no connection became free within ${milliseconds / 1000} s`));
    }, milliseconds);
    const left = () => waiting.refuse(new NoPlace("the caller has left"));
    signal.addEventListener("abort", left, { once: true });
    this.#waiting.add(waiting);
    return promise.finally(() => {
      clearTimeout(late);
      signal.removeEventListener("abort", left);
    });
  }

  /** Whoever has waited longest takes the place over. */
  #giveBack(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#taken -= 1;
      return;
    }
    this.#waiting.delete(next);
    next.give();
  }
}
