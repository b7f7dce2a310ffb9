import type { ExecutionOutcome } from "../execution/outcome.ts";
import type { ExecutionRequest } from "../execution/request.ts";
import type { Language } from "../execution/language.ts";
import type { CaseOutcome } from "../testing/report.ts";

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
  /** What programs are run by: another text whenever an interpreter or its packages may be others. */
  readonly toolchain: string;
}

/** The two outputs of a program. */
export type OutputStream = "stdout" | "stderr";

/** Hears of a run while it lasts. Its methods must not throw. */
export interface RunWatcher {
  /** The sandbox takes the run now: what goes wrong from here on is not refused, but fails. */
  started(): void;
  /** The sandbox says that the run is over: what it has left is still to be read. */
  ended?(): void;
  /**
   * The program wrote this, in order within a stream and cut anywhere between characters; what is past
   * the output limit is left out. What a promise is returned for counts as untaken until that settles:
   * with 256 KiB untaken no more is read, and the program waits at its own full pipe. Left out by who
   * does not listen: only a run whose output nobody has heard may be run again unnoticed.
   */
  wrote?(stream: OutputStream, text: string): Promise<void> | void;
  /** Of a run of tests: one of them has ended so, as far as its framework has said yet. */
  tested?(name: string, outcome: CaseOutcome): void;
}

/**
 * Runs untrusted programs, isolated from the host and from each other.
 *
 * Concurrency: as many `run` calls at once as are made; the runner sets no bound of its own (see
 * `admitted`). Failure: a program that fails, or is ended by a limit, is an {@link ExecutionOutcome};
 * `run` rejects only with a `DomainError`: `language_unavailable`, `dependency_unavailable` when the
 * sandbox itself cannot work, or `cancelled`. Cancellation: aborting `signal` before the run has begun
 * rejects with `cancelled`; afterwards it ends the whole process tree, and the outcome says `cancelled`
 * unless the program had ended by then. Closing: ends every run in flight; their calls reject with
 * `shutting_down`; nothing of them is left behind when it resolves. All that a watcher hears of a run it
 * hears before `run` settles.
 */
export interface ExecutionRunner extends AsyncDisposable {
  run(
    request: ExecutionRequest,
    signal: AbortSignal,
    watcher?: RunWatcher,
  ): Promise<ExecutionOutcome>;
  status(): RunnerStatus;
}
