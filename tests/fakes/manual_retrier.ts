import { DomainError } from "../../domain/errors.ts";
import {
  Retrier,
  type RetrierParts,
  RetryBudget,
  type RetryEvent,
} from "../../domain/resilience/retry.ts";
import { ManualClock } from "./manual_clock.ts";

/** A retrier whose waits pass at once, in a time of its own, with all that it told. */
export class ManualRetrier {
  readonly clock = new ManualClock(0);
  readonly events: RetryEvent[] = [];
  /** Its waits, in seconds. */
  readonly waits: number[] = [];
  readonly retrier: Retrier;

  constructor(changes: Partial<RetrierParts> = {}) {
    this.retrier = new Retrier({
      operation: "graph_read",
      policy: { attempts: 3, minSeconds: 0.2, maxSeconds: 10 },
      isTransient: () => true,
      budget: new RetryBudget(),
      monotonic: () => this.clock.monotonic(),
      chance: () => 0,
      sleep: (milliseconds) => {
        this.waits.push(milliseconds / 1000);
        this.clock.advance(milliseconds);
        return Promise.resolve();
      },
      onEvent: (event) => void this.events.push(event),
      ...changes,
    });
  }

  /** What it told, as `kind attempts`. */
  get told(): readonly string[] {
    return this.events.map(({ kind, attempts }) => `${kind} ${attempts}`);
  }
}

/** The engine is away. */
export function away(changes: { readonly transient?: boolean } = {}): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "the graph",
    reason: "its process has ended",
    remedy: null,
    retryAfterSeconds: 1,
    ...changes,
  });
}
