import {
  type LintFinding,
  type Place,
  SYNTAX_ERROR,
  TOO_COMPLEX,
} from "../../domain/lint/report.ts";

/** More findings than this are not told. */
export const MOST_FINDINGS = 1000;

/** UTF-16 units of a rule's message: names of any length stand in some. */
const MESSAGE_LENGTH = 500;

/** Findings as they are told: in the order of the text, bounded; whether some were left out. */
export function told(
  findings: readonly LintFinding[],
): { readonly findings: readonly LintFinding[]; readonly truncated: boolean } {
  const sorted = findings.toSorted(inOrder);
  const fault = sorted.find(({ rule }) => rule === SYNTAX_ERROR);
  const kept = fault === undefined ? sorted.slice(0, MOST_FINDINGS) : [fault];
  return {
    findings: kept.map((finding) => ({
      ...finding,
      message: cut(finding.message, MESSAGE_LENGTH),
    })),
    truncated: fault === undefined && sorted.length > MOST_FINDINGS,
  };
}

/** The finding of a text that is not of its language. */
export function syntaxError(place: Place, message: string, end: Place = place): LintFinding {
  return finding(SYNTAX_ERROR, place, end, message);
}

/** Whether a program ended by an abort or a fault of memory, as those do whose stack is full. */
export function isCrash(returnCode: number): boolean {
  return returnCode === 134 || returnCode === 139;
}

/** The finding of a text that its linter cannot read. */
export function tooDeep(place: Place = { line: 1, column: 1 }): LintFinding {
  return finding(TOO_COMPLEX, place, place, "It is nested too deep to be read");
}

function finding(rule: string, place: Place, end: Place, message: string): LintFinding {
  const { line, column } = place;
  return {
    rule,
    severity: "error",
    message,
    line,
    column,
    endLine: end.line,
    endColumn: end.column,
  };
}

/** A text of at most so many UTF-16 units and one character, whole characters only. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = (text.codePointAt(length - 1) ?? 0) > 0xffff ? length - 1 : length;
  return `${text.slice(0, end)}…`;
}

function inOrder(left: LintFinding, right: LintFinding): number {
  return left.line - right.line || left.column - right.column ||
    (left.rule < right.rule ? -1 : left.rule > right.rule ? 1 : 0);
}
