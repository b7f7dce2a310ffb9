import type { LintFinding, LintLanguage, Outline } from "../../domain/lint/report.ts";

/** A text that the reading process is to read. */
export interface Question {
  readonly language: LintLanguage;
  readonly code: string;
  /** The Python that programs run with here, such as `3.11`. */
  readonly pythonVersion: string;
}

/** What was read of it; lists are in order and bounded. */
export interface Reading {
  readonly outline: Outline;
  /** Ruff's, of Python; of other languages there are none. */
  readonly findings: readonly LintFinding[];
  /** Whether something was left out. */
  readonly truncated: boolean;
  /** Whether some of it could not be read because it is nested too deep. */
  readonly tooDeep: boolean;
}

/** What the reading process says: one line of JSON each. */
export type Reply =
  | { readonly kind: "ready" }
  /** `last`: the process ends now, as it is not in order any more, or holds too much. */
  | { readonly kind: "read"; readonly reading: Reading; readonly last: boolean }
  /** Its text takes more memory than it may; the process ends. */
  | { readonly kind: "memory" };
