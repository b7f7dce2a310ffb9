import type { LintLanguage, Outline } from "../../../domain/lint/report.ts";

/** What a text defines and brings in. */
export function outlineOf(_language: LintLanguage, _text: string): Outline {
  return { functions: [], classes: [], imports: [], complexity: 1, syntaxError: null };
}
