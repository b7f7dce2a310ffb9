import type { Severity } from "../../domain/lint/report.ts";

/** The version of Ruff. */
export const RUFF_VERSION = "0.17.3";

/** Families of rules by their prefixes, as Ruff's own settings have them. */
export const RUFF_SELECT: readonly string[] = [
  ...["F", "E", "W", "B", "S", "UP", "I", "SIM", "C4", "C90", "ASYNC", "PLE", "PLW", "RUF"],
];

/** Left out: how long a line may be is for formatters; `assert` is what tests are made of. */
export const RUFF_IGNORE: readonly string[] = ["E501", "S101"];

/** Whatever a program of this kind does is a fault. */
const FAULTS = /^(F(40[2-7]|5|6|7|82)|E9|PLE)/;

/** A matter of form: the program does the same without it. */
const FORM = /^(E|W|I|UP|C4|SIM)\d/;

/** How much a rule of Ruff's matters: Ruff itself does not say. */
export function ruffSeverity(rule: string): Severity {
  if (FAULTS.test(rule)) return "error";
  return FORM.test(rule) && !rule.startsWith("E7") ? "info" : "warning";
}
