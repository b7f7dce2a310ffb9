import type { ExecutionOutcome } from "../execution/outcome.ts";
import type { ExecutionRequest } from "../execution/request.ts";
import type { Language } from "../execution/language.ts";

/** Why a language cannot be run on this host, and what to do about it. */
export interface Unavailability {
  readonly reason: string;
  readonly remedy: string;
}

/** Libraries that Python runs find imported already. */
export interface PackagesStatus {
  /** Modules that cost a run nothing to import. */
  readonly preloaded: readonly string[];
  /** Modules that should have been among them; a run may still import them itself, if it can. */
  readonly notPreloaded: Readonly<Record<string, Unavailability>>;
}

/** What a runner can do on this host, found by trying it, not by reading settings. */
export interface RunnerStatus {
  readonly runner: string;
  /** Whether isolation was seen to hold and runs are accepted now. */
  readonly ready: boolean;
  /** Why runs are refused; `null` when ready. */
  readonly refusal: Unavailability | null;
  readonly layers: readonly string[];
  readonly missing: readonly string[];
  readonly unavailableLanguages: Readonly<Partial<Record<Language, Unavailability>>>;
  readonly packages: PackagesStatus;
}

/**
 * Runs untrusted programs, isolated from the host and from each other.
 *
 * Concurrency: as many `run` calls at once as are made; the runner sets no bound of its own (see
 * `admitted`). Failure: a program that fails, or is ended by a limit, is an {@link ExecutionOutcome};
 * `run` rejects only with a `DomainError`: `language_unavailable`, `dependency_unavailable` when the
 * sandbox itself cannot work, or `cancelled`. Cancellation: aborting `signal` ends the whole process
 * tree and rejects with `cancelled`, unless the run has already settled. Closing: ends every run in
 * flight; their calls reject with `shutting_down`; nothing of them is left behind when it resolves.
 */
export interface ExecutionRunner extends AsyncDisposable {
  run(request: ExecutionRequest, signal: AbortSignal): Promise<ExecutionOutcome>;
  status(): RunnerStatus;
}
