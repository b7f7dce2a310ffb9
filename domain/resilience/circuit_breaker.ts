import { DomainError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import {
  anyThrow,
  type BreakerChange,
  type BreakerMetrics,
  type BreakerPolicy,
  type BreakerStateName,
  type ChangeCause,
  type Judge,
  TRANSITIONS,
  USUAL_POLICY,
  type Verdict,
} from "./breaker_policy.ts";
import { createWindow, rateAtThreshold, type SlidingWindow } from "./sliding_window.ts";

/** What a {@link CircuitBreaker} is made of. */
export interface BreakerOptions {
  readonly name: string;
  readonly clock: Clock;
  /** What differs from {@link USUAL_POLICY}. */
  readonly policy?: Partial<BreakerPolicy>;
  /** How calls count that throw: {@link anyThrow} where nothing is said. */
  readonly judge?: Judge;
  /** Told of each change of state once it holds. Must not throw. */
  readonly onChange?: (change: BreakerChange) => void;
}

interface Closed {
  readonly kind: "closed";
  /** Failures since the last success. */
  failures: number;
  /** Those that rates are taken of; `null` where none are. */
  readonly recent: SlidingWindow | null;
}

interface HalfOpen {
  readonly kind: "half_open";
  inFlight: number;
  successes: number;
  /** When the youngest probe began. */
  lastProbe: number;
}

/**
 * Counts change within a state; whatever leads elsewhere, or begins anew, is another object. So a result
 * is late when the state that its call began in is not the breaker's any more.
 */
type State =
  | Closed
  | { readonly kind: "open"; readonly until: number }
  | HalfOpen
  | { readonly kind: "forced_open" }
  | { readonly kind: "disabled" };

/** Nobody can tell when a probe ends. */
const PROBE_HINT_SECONDS = 1;

/**
 * Keeps calls from a part that has failed too often: closed it lets all through and counts, open it
 * rejects all until its time is over, half open it lets a few probes find out.
 *
 * A late result is counted, and moves nothing. A probe keeps its place until its work settles; when
 * all places are taken and none has come free within `timeoutSeconds` of the last probe, the probes
 * count as failed: work that never settles does not keep the breaker half open for ever.
 */
export class CircuitBreaker {
  readonly name: string;
  readonly policy: BreakerPolicy;
  readonly #clock: Clock;
  readonly #judge: Judge;
  readonly #onChange: (change: BreakerChange) => void;
  /** Calls longer than this are slow, in milliseconds; `null`: none are, and none are timed. */
  readonly #slowMs: number | null;
  readonly #calls = { successful: 0, failed: 0, ignored: 0, rejected: 0 };
  readonly #transitions = new Map<string, number>();
  #lastFailure: number | null = null;
  #lastSuccess: number | null = null;
  #state: State;

  constructor({ name, clock, policy, judge = anyThrow, onChange = () => {} }: BreakerOptions) {
    this.name = name;
    this.policy = { ...USUAL_POLICY, ...policy };
    this.#clock = clock;
    this.#judge = judge;
    this.#onChange = onChange;
    const slowCalls = this.policy.window?.slowCalls ?? null;
    this.#slowMs = slowCalls === null ? null : slowCalls.seconds * 1000;
    this.#state = this.#closed();
  }

  /** The present state. */
  get state(): BreakerStateName {
    return this.#state.kind;
  }

  /**
   * Does `work` and counts how it went. What it throws once `signal` is aborted is ignored: the caller
   * has left, and the part may be well.
   *
   * @throws {DomainError} `circuit_open`, without doing `work`; whatever `work` throws.
   */
  async call<Done>(work: () => Promise<Done>, signal?: AbortSignal): Promise<Done> {
    const state = this.#enter();
    const began = this.#slowMs === null ? 0 : this.#clock.monotonic();
    let done: Done;
    try {
      done = await work();
    } catch (error) {
      this.#leave(state, signal?.aborted ? "ignored" : this.#judge(error), began);
      throw error;
    }
    this.#leave(state, "successful", began);
    return done;
  }

  /**
   * For what is no call of its own and is not worth a probe: counts nothing.
   *
   * @throws {DomainError} `circuit_open`, unless calls pass freely.
   */
  requireClosed(): void {
    const { kind } = this.#state;
    if (kind === "closed" || kind === "disabled") return;
    const retryAfterSeconds = this.#retryAfterSeconds(this.#clock.monotonic());
    throw new DomainError({ code: "circuit_open", breaker: this.name, retryAfterSeconds });
  }

  /** Closes it, whatever state it is in, and forgets the failures that led there. */
  reset(): void {
    this.#move(this.#closed(), "admin");
  }

  /** Rejects every call until it is reset or disabled. */
  forceOpen(): void {
    this.#move({ kind: "forced_open" }, "admin");
  }

  /** Lets every call through until it is reset or forced open. */
  disable(): void {
    this.#move({ kind: "disabled" }, "admin");
  }

  /** What it has counted since it was made; a reset does not touch it. */
  metrics(): BreakerMetrics {
    const { successful, failed, ignored, rejected } = this.#calls;
    const total = successful + failed + ignored + rejected;
    return {
      name: this.name,
      state: this.state,
      policy: this.policy,
      calls: { total, successful, failed, rejected, ignored },
      transitions: TRANSITIONS.map(([from, to]) => {
        return { from, to, count: this.#transitions.get(`${from} ${to}`) ?? 0 };
      }),
      lastFailureAt: this.#lastFailure,
      lastSuccessAt: this.#lastSuccess,
      retryAfterSeconds: this.#retryAfterSeconds(this.#clock.monotonic()),
    };
  }

  #enter(): State {
    const state = this.#state;
    return state.kind === "closed" || state.kind === "disabled" ? state : this.#enterAsProbe();
  }

  #enterAsProbe(): State {
    const now = this.#clock.monotonic();
    const state = this.#stateAt(now);
    if (state.kind === "half_open" && state.inFlight < this.policy.halfOpenMaxCalls) {
      state.inFlight += 1;
      state.lastProbe = now;
      return state;
    }
    this.#calls.rejected += 1;
    const retryAfterSeconds = this.#retryAfterSeconds(now);
    throw new DomainError({ code: "circuit_open", breaker: this.name, retryAfterSeconds });
  }

  /** Time alone moves it only when somebody asks. */
  #stateAt(now: number): State {
    const state = this.#state;
    if (state.kind === "open" && now >= state.until) {
      const halfOpen: HalfOpen = { kind: "half_open", inFlight: 0, successes: 0, lastProbe: now };
      this.#move(halfOpen, "timeout_over");
    }
    if (state.kind === "half_open" && this.#isOverdue(state, now)) {
      this.#open("probes_overdue", now);
    }
    return this.#state;
  }

  #isOverdue({ inFlight, lastProbe }: HalfOpen, now: number): boolean {
    const { halfOpenMaxCalls, timeoutSeconds } = this.policy;
    return inFlight >= halfOpenMaxCalls && now >= lastProbe + timeoutSeconds * 1000;
  }

  #retryAfterSeconds(now: number): number {
    const state = this.#state;
    switch (state.kind) {
      case "closed":
      case "disabled":
        return 0;
      case "open":
        return Math.max(0, (state.until - now) / 1000);
      case "half_open":
        return state.inFlight < this.policy.halfOpenMaxCalls ? 0 : PROBE_HINT_SECONDS;
      case "forced_open":
        return this.policy.timeoutSeconds;
    }
  }

  #leave(state: State, verdict: Verdict, began: number): void {
    this.#calls[verdict] += 1;
    if (state.kind === "half_open") state.inFlight -= 1;
    if (verdict === "ignored") return;
    const failed = verdict === "failed";
    if (failed) this.#lastFailure = this.#clock.now();
    else this.#lastSuccess = this.#clock.now();
    if (state !== this.#state) return;
    if (state.kind === "closed") this.#countClosed(state, failed, began);
    else if (state.kind === "half_open") this.#countProbe(state, failed, began);
  }

  /** Reads the clock no more than it must: reading it is half of what a call costs. */
  #countClosed(state: Closed, failed: boolean, began: number): void {
    state.failures = failed ? state.failures + 1 : 0;
    if (state.recent === null && !failed) return;
    const now = this.#clock.monotonic();
    state.recent?.record({ failed, slow: this.#isSlow(began, now) }, now);
    const cause = this.#causeToOpen(state, now);
    if (cause !== null) this.#open(cause, now);
  }

  #causeToOpen({ failures, recent }: Closed, now: number): ChangeCause | null {
    if (failures >= this.policy.failureThreshold) return "failures";
    if (recent === null || this.policy.window === null) return null;
    return rateAtThreshold(recent.totals(now), this.policy.window);
  }

  /** A slow probe shows that what it may have opened for is not over. */
  #countProbe(state: HalfOpen, failed: boolean, began: number): void {
    const now = this.#clock.monotonic();
    if (failed || this.#isSlow(began, now)) return this.#open("probe_failed", now);
    state.successes += 1;
    if (state.successes < this.policy.successThreshold) return;
    this.#move(this.#closed(), "probes_succeeded");
  }

  #isSlow(began: number, now: number): boolean {
    return this.#slowMs !== null && now - began > this.#slowMs;
  }

  #open(cause: ChangeCause, now: number): void {
    this.#move({ kind: "open", until: now + this.policy.timeoutSeconds * 1000 }, cause);
  }

  #closed(): Closed {
    const rates = this.policy.window;
    return { kind: "closed", failures: 0, recent: rates === null ? null : createWindow(rates) };
  }

  #move(next: State, cause: ChangeCause): void {
    const [from, to] = [this.#state.kind, next.kind];
    this.#state = next;
    if (from === to) return;
    const transition = `${from} ${to}`;
    this.#transitions.set(transition, (this.#transitions.get(transition) ?? 0) + 1);
    this.#onChange({ breaker: this.name, from, to, cause });
  }
}
