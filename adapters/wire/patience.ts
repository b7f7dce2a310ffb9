/** How long an answer waits for its reader to take the next piece. */
const PATIENCE_MS = 30_000;

/** What all answers that wait for their readers may hold together, in characters. */
const MOST_HELD = 128 * 1024 * 1024;

/** Answers whose readers take nothing, the one that has waited longest first. */
const waiting = new Set<Patience>();
let held = 0;

/** What a {@link Patience} may be told, for tests. */
export interface PatienceBounds {
  readonly milliseconds?: number;
  readonly mostHeld?: number;
}

/**
 * Waits for the reader of one answer, so that answers which nobody takes are not kept for ever: it is
 * over after half a minute without a piece taken, and earlier where such answers hold too much in all.
 */
export class Patience {
  readonly #size: () => number;
  readonly #over: () => void;
  readonly #milliseconds: number;
  readonly #mostHeld: number;
  #counted = 0;
  #late: ReturnType<typeof setTimeout> | undefined;

  /** `size` tells how many characters the answer holds; `over` is called once, at the end of patience. */
  constructor(size: () => number, over: () => void, bounds: PatienceBounds = {}) {
    this.#size = size;
    this.#over = over;
    this.#milliseconds = bounds.milliseconds ?? PATIENCE_MS;
    this.#mostHeld = bounds.mostHeld ?? MOST_HELD;
  }

  /** The reader has to take something now. */
  wait(): void {
    this.stop();
    this.#counted = this.#size();
    held += this.#counted;
    waiting.add(this);
    this.#late = setTimeout(() => this.#end(), this.#milliseconds);
    for (const longest of waiting) {
      if (held <= this.#mostHeld) return;
      longest.#end();
    }
  }

  /** The reader has taken it, or there is nothing more to take. */
  stop(): void {
    clearTimeout(this.#late);
    if (waiting.delete(this)) held -= this.#counted;
  }

  #end(): void {
    this.stop();
    this.#over();
  }
}

/** The reader of an answer took nothing of it for too long. */
export class NobodyReads extends Error {
  constructor() {
    super("Cannot send the answer: its reader takes nothing");
    this.name = "NobodyReads";
  }
}

/** The characters of all texts in a value. */
export function charactersIn(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((sum, member) => sum + charactersIn(member), 0);
}
