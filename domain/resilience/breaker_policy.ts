import { isFailure } from "../errors.ts";
import type { WindowPolicy } from "./sliding_window.ts";

/** When a circuit breaker opens, and when it closes again. */
export interface BreakerPolicy {
  /** Failures in a row that open it. */
  readonly failureThreshold: number;
  /** Probes that must succeed to close it. */
  readonly successThreshold: number;
  /** How long it stays open before it lets a probe through. */
  readonly timeoutSeconds: number;
  /** Probes in flight at most. */
  readonly halfOpenMaxCalls: number;
  /** Rates that open it too; `null`: none do. */
  readonly window: WindowPolicy | null;
}

/** What holds where nothing else is said. */
export const USUAL_POLICY: BreakerPolicy = {
  failureThreshold: 5,
  successThreshold: 2,
  timeoutSeconds: 60,
  halfOpenMaxCalls: 3,
  window: null,
};

/** The states of a circuit breaker; the last two are an admin's doing and end only by one. */
export const BREAKER_STATES = ["closed", "open", "half_open", "forced_open", "disabled"] as const;

/** The name of a state. */
export type BreakerStateName = (typeof BREAKER_STATES)[number];

/** Why a breaker changed its state. */
export type ChangeCause =
  | "failures"
  | "failure_rate"
  | "slow_call_rate"
  | "timeout_over"
  | "probes_succeeded"
  | "probe_failed"
  /** No probe came back within `timeoutSeconds`. */
  | "probes_overdue"
  | "admin";

/** A change of state, as listeners are told. */
export interface BreakerChange {
  readonly breaker: string;
  readonly from: BreakerStateName;
  readonly to: BreakerStateName;
  readonly cause: ChangeCause;
}

/** Every change of state that there can be. */
export const TRANSITIONS: readonly (readonly [from: BreakerStateName, to: BreakerStateName])[] = [
  ["closed", "open"],
  ["closed", "forced_open"],
  ["closed", "disabled"],
  ["open", "half_open"],
  ["open", "closed"],
  ["open", "forced_open"],
  ["open", "disabled"],
  ["half_open", "closed"],
  ["half_open", "open"],
  ["half_open", "forced_open"],
  ["half_open", "disabled"],
  ["forced_open", "closed"],
  ["forced_open", "disabled"],
  ["disabled", "closed"],
  ["disabled", "forced_open"],
];

/** What an admin can do to a breaker. */
export const BREAKER_ACTIONS = ["reset", "open", "disable"] as const;

/** One of {@link BREAKER_ACTIONS}. */
export type BreakerAction = (typeof BREAKER_ACTIONS)[number];

/**
 * How a call counts: `successful` where the part behind the breaker did its work, though it may have
 * refused what it was asked; `ignored` where the call says nothing of the part.
 */
export type Verdict = "successful" | "failed" | "ignored";

/** How a call counts that has thrown. */
export type Judge = (error: unknown) => Verdict;

/** Any throw is a failure, but a caller's leaving says nothing. */
export function anyThrow(error: unknown): Verdict {
  return isFailure(error, "cancelled") ? "ignored" : "failed";
}

/** What a breaker has counted; times are in milliseconds since the Unix epoch. */
export interface BreakerMetrics {
  readonly name: string;
  readonly state: BreakerStateName;
  readonly policy: BreakerPolicy;
  /** Calls that have ended, each in one way; `total` is their sum. */
  readonly calls: Readonly<Record<Verdict | "rejected" | "total", number>>;
  /** Each of {@link TRANSITIONS}, and how often it has happened. */
  readonly transitions: readonly {
    readonly from: BreakerStateName;
    readonly to: BreakerStateName;
    readonly count: number;
  }[];
  readonly lastFailureAt: number | null;
  readonly lastSuccessAt: number | null;
  /** Until a call may be let in again; 0 while calls are. */
  readonly retryAfterSeconds: number;
}
