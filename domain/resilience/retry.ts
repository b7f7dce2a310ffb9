import { DomainError } from "../errors.ts";

/** How often, and after what waits, a call is tried again. */
export interface RetryPolicy {
  /** The first one counts too: 1 tries nothing again. */
  readonly attempts: number;
  /** The shortest wait. */
  readonly minSeconds: number;
  /** The longest one. */
  readonly maxSeconds: number;
}

/** What is tried again, by the name that measurements and logs have for it. */
export const RETRIED_OPERATIONS = ["graph_read", "graph_write"] as const;

/** One of {@link RETRIED_OPERATIONS}. */
export type RetriedOperation = (typeof RETRIED_OPERATIONS)[number];

/** What can happen to a call that fails for a moment. */
export const RETRY_RESULTS = ["retried", "recovered", "exhausted", "budget"] as const;

/** What happens while a call is tried again; `attempts` counts those that were made. */
export type RetryEvent =
  /** It is tried again after `waitSeconds`, which begin now. */
  | {
    readonly kind: "retried";
    readonly operation: RetriedOperation;
    readonly attempts: number;
    readonly waitSeconds: number;
    readonly error: unknown;
  }
  /** The part answers again, be it with a refusal. */
  | { readonly kind: "recovered"; readonly operation: RetriedOperation; readonly attempts: number }
  /** Given up: `exhausted` for want of attempts or time, `budget` for want of budget. */
  | {
    readonly kind: "exhausted" | "budget";
    readonly operation: RetriedOperation;
    readonly attempts: number;
    readonly error: unknown;
  };

/** What a {@link Retrier} works with. */
export interface RetrierParts {
  /** What is tried, for whoever listens. */
  readonly operation: RetriedOperation;
  readonly policy: RetryPolicy;
  /** Whether the same call may go through when it is tried again. */
  readonly isTransient: (error: unknown) => boolean;
  readonly budget: RetryBudget;
  /** Milliseconds since an arbitrary start; never goes back. */
  readonly monotonic: () => number;
  /** A number from 0 to below 1, each as likely as any other. */
  readonly chance: () => number;
  /** Resolves after so many milliseconds, or once the signal is aborted; never rejects. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Told before each wait, and how it ended. Must not throw. */
  readonly onEvent: (event: RetryEvent) => void;
}

/** How long a call may be tried again. */
export interface RetryBounds {
  /** Once it is aborted nothing is tried again. */
  readonly signal: AbortSignal;
  /** No attempt begins at or after this time of the retrier's clock, but for the first. */
  readonly deadline: number;
}

/** Retries that a reserve allows beyond those that calls have earned. */
const RESERVE = 10;

/** Calls that earn one retry: retries are a tenth of the calls at most. */
const CALLS_PER_RETRY = 10;

/**
 * Keeps retries from becoming a load of their own: each call earns a tenth of one, and ten can be
 * saved. With everything failing, no more than a tenth is added.
 */
export class RetryBudget {
  /** In calls, of which {@link CALLS_PER_RETRY} make one retry. */
  #credit = RESERVE * CALLS_PER_RETRY;

  /** Counts a call. */
  earn(): void {
    this.#credit = Math.min(this.#credit + 1, RESERVE * CALLS_PER_RETRY);
  }

  /** Takes a retry out of it, if there is one. */
  spend(): boolean {
    if (this.#credit < CALLS_PER_RETRY) return false;
    this.#credit -= CALLS_PER_RETRY;
    return true;
  }
}

/**
 * The wait after so many attempts, in seconds: by chance between the shortest and one that doubles with
 * each attempt, so that callers who failed together do not come back together.
 */
export function retryWait(
  { minSeconds, maxSeconds }: RetryPolicy,
  attempts: number,
  chance: number,
): number {
  const longest = Math.min(maxSeconds, minSeconds * 2 ** attempts);
  return minSeconds + chance * (longest - minSeconds);
}

/** Tries again what failed for a moment. Whatever is tried must do no harm when it is done twice. */
export class Retrier {
  readonly #parts: RetrierParts;

  constructor(parts: RetrierParts) {
    this.#parts = parts;
  }

  /** The time so many seconds from now, as {@link RetryBounds} has it. */
  deadlineIn(seconds: number): number {
    return this.#parts.monotonic() + seconds * 1000;
  }

  /** Seconds until a deadline; 0 when it has passed. */
  secondsUntil(deadline: number): number {
    return Math.max(0, (deadline - this.#parts.monotonic()) / 1000);
  }

  /**
   * Does `work`, told which attempt it is from 1, and does it again while it fails for a moment;
   * rejects as the last attempt did.
   *
   * @throws {DomainError} `cancelled` when the signal is aborted during a wait.
   */
  async run<Done>(work: (attempt: number) => Promise<Done>, bounds: RetryBounds): Promise<Done> {
    this.#parts.budget.earn();
    for (let attempts = 1;; attempts += 1) {
      try {
        const done = await work(attempts);
        this.#answered(attempts);
        return done;
      } catch (error) {
        await this.#afterFailure(error, attempts, bounds);
      }
    }
  }

  /** Resolves when it is to be tried again. */
  async #afterFailure(error: unknown, attempts: number, bounds: RetryBounds): Promise<void> {
    const { operation, isTransient, sleep, onEvent } = this.#parts;
    if (bounds.signal.aborted) throw error;
    if (!isTransient(error)) {
      this.#answered(attempts);
      throw error;
    }
    const waitSeconds = this.#waitWithin(attempts, bounds.deadline);
    if (typeof waitSeconds === "string") {
      onEvent({ kind: waitSeconds, operation, attempts, error });
      throw error;
    }
    onEvent({ kind: "retried", operation, attempts, waitSeconds, error });
    await sleep(waitSeconds * 1000, bounds.signal);
    if (bounds.signal.aborted) throw new DomainError({ code: "cancelled" }, { cause: error });
  }

  #waitWithin(attempts: number, deadline: number): number | "exhausted" | "budget" {
    const { policy, monotonic, chance, budget } = this.#parts;
    if (attempts >= policy.attempts) return "exhausted";
    const wait = retryWait(policy, attempts, chance());
    if (monotonic() + wait * 1000 >= deadline) return "exhausted";
    return budget.spend() ? wait : "budget";
  }

  #answered(attempts: number): void {
    if (attempts === 1) return;
    this.#parts.onEvent({ kind: "recovered", operation: this.#parts.operation, attempts });
  }
}
