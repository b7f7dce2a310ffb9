import type { LintLanguage, LintReport } from "../lint/report.ts";

/** A text to be linted, and for whom. */
export interface LintRequest {
  readonly language: LintLanguage;
  readonly code: string;
  /** Who asks: the work that waits is taken from all callers in turn. */
  readonly caller: string;
}

/**
 * Lints texts. Safe for concurrent use; a text is data and is never run.
 *
 * A text that does not parse, or that a linter cannot read, is an answer. Rejects with `code_too_complex`
 * when a text takes more time or memory than it may, `too_many_executions` where too much waits already,
 * `dependency_unavailable` when a linter fails for no fault of the text, `cancelled` once the signal is
 * aborted, and `shutting_down` once the linter is closed. Whatever a text does, those of others are linted
 * as if it were not there.
 */
export interface Linter extends AsyncDisposable {
  lint(request: LintRequest, signal: AbortSignal): Promise<LintReport>;
  /**
   * What makes the reports of a language by now: linter and version. It changes where the reports of the
   * same text may.
   */
  toolchain(language: LintLanguage): string;
}
