import type { Language } from "../domain/execution/language.ts";
import type { RunWatcher } from "../domain/ports/execution_runner.ts";

/** What is known of an execution once the sandbox takes it. */
export interface StartedExecution {
  /** Under which its record will be found. */
  readonly id: string;
  readonly language: Language;
  /** ISO 8601 UTC with milliseconds. */
  readonly createdAt: string;
}

/** Hears of an execution while it lasts; see {@link RunWatcher}. */
export interface ExecutionWatcher extends Required<Pick<RunWatcher, "wrote">> {
  started(execution: StartedExecution): void;
}
