import { isObject } from "../caching/plain_data.ts";
import {
  LINT_LANGUAGES,
  LINTERS,
  type LintFinding,
  type LintLanguage,
  type LintReport,
  SEVERITIES,
} from "./report.ts";

/** The largest text that is linted, in bytes of UTF-8. */
export const MAX_LINTED_BYTES = 1_048_576;

/** A report as it is kept. The text itself is not: it is known by its hash. */
export interface LintRecord extends LintReport {
  /** UUID version 7: ids made later sort later. */
  readonly id: string;
  /** The subject of the token that asked for it. */
  readonly owner: string;
  readonly correlationId: string;
  /** The trace that it was asked for in, where there was one: 32 hexadecimal digits. */
  readonly traceId?: string;
  readonly language: LintLanguage;
  /** The SHA-256 of the text's UTF-8, 64 hexadecimal digits. */
  readonly codeHash: string;
  /** ISO 8601 UTC with milliseconds. */
  readonly createdAt: string;
}

type Members = Readonly<Record<string, unknown>>;
type Check = (found: unknown) => boolean;

/** Whether something is a report as it is kept, in all its parts. */
export function isLintRecord(found: unknown): found is LintRecord {
  return isRecord(found) && has(found, isText, TEXTS) &&
    isAmong(LINT_LANGUAGES, found["language"]) &&
    isAmong(LINTERS, found["linter"]) && isNumber(found["complexity"]) &&
    (found["traceId"] === undefined || isText(found["traceId"])) &&
    (found["remedy"] === null || isText(found["remedy"])) &&
    typeof found["truncated"] === "boolean" && isListOf(found["functions"], isFunction) &&
    isListOf(found["classes"], isClass) && isListOf(found["imports"], isImport) &&
    isListOf(found["findings"], isLintFinding);
}

const TEXTS = ["id", "owner", "correlationId", "codeHash", "createdAt"];

function isFunction(found: unknown): boolean {
  return isRecord(found) && isText(found["name"]) && typeof found["async"] === "boolean" &&
    has(found, isNumber, ["line", "column", "endLine", "complexity"]);
}

function isClass(found: unknown): boolean {
  return isRecord(found) && isText(found["name"]) && isListOf(found["methods"], isText) &&
    has(found, isNumber, ["line", "column", "endLine"]);
}

function isImport(found: unknown): boolean {
  return isRecord(found) && isText(found["module"]) && isListOf(found["names"], isText) &&
    isNumber(found["line"]);
}

/** Whether something is a finding. */
export function isLintFinding(found: unknown): found is LintFinding {
  return isRecord(found) && has(found, isText, ["rule", "message"]) &&
    isAmong(SEVERITIES, found["severity"]) &&
    has(found, isNumber, ["line", "column", "endLine", "endColumn"]);
}

function has(found: Members, check: Check, names: readonly string[]): boolean {
  return names.every((name) => check(found[name]));
}

function isAmong(words: readonly string[], found: unknown): boolean {
  return words.some((word) => word === found);
}

function isRecord(found: unknown): found is Members {
  return isObject(found) && !Array.isArray(found);
}

function isListOf(found: unknown, check: Check): boolean {
  return Array.isArray(found) && found.every(check);
}

function isText(found: unknown): found is string {
  return typeof found === "string";
}

function isNumber(found: unknown): found is number {
  return typeof found === "number";
}
