/** Does some work again and again until the function that it returns is called. */
export type Repeat = (work: () => void, milliseconds: number) => () => void;

/** What {@link CacheMaintenance} works with. */
export interface CacheMaintenanceOptions {
  /** Lets go of what has expired. */
  readonly sweep: () => void;
  /** How often; ten seconds unless said otherwise. */
  readonly everyMilliseconds?: number;
  readonly repeat?: Repeat;
}

const EVERY_MS = 10_000;

/** Has expired entries leave a cache though nobody asks for them. Keeps no process alive. */
export class CacheMaintenance implements Disposable {
  readonly #options: Required<CacheMaintenanceOptions>;
  #end: (() => void) | null = null;

  constructor(options: CacheMaintenanceOptions) {
    this.#options = { everyMilliseconds: EVERY_MS, repeat: unheldInterval, ...options };
  }

  /** Begins, unless it has begun. */
  start(): void {
    const { sweep, everyMilliseconds, repeat } = this.#options;
    this.#end ??= repeat(sweep, everyMilliseconds);
  }

  /** Ends, unless it has ended. It can be started again. */
  stop(): void {
    this.#end?.();
    this.#end = null;
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}

/** An interval that no process waits for. */
function unheldInterval(work: () => void, milliseconds: number): () => void {
  const timer = setInterval(work, milliseconds);
  Deno.unrefTimer(timer);
  return () => clearInterval(timer);
}
