/** What a finding is about. */
export const POLICY_RULES = [
  "eval-call",
  "exec-call",
  "compile-call",
  "dynamic-import",
  "system-call-out",
  "subprocess",
  "ctypes",
  "write-open",
  "dunder-walk",
  "network-module",
  "unreadable",
  "too-complex",
] as const;

/** The name of a rule. */
export type PolicyRule = (typeof POLICY_RULES)[number];

/** A place in a program that the policy does not like. */
export interface PolicyFinding {
  readonly rule: PolicyRule;
  /** The file that it is in, of those that came with the program; absent: the program itself. */
  readonly path?: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in code points. */
  readonly column: number;
  readonly message: string;
}

/** What is done about findings: nothing, said in the answer, or the program refused. */
export const CODE_POLICIES = ["warn", "reject", "reject-strict", "off"] as const;

/** What an operator wants done about findings. */
export type CodePolicy = (typeof CODE_POLICIES)[number];

/** More findings than this are not told. */
export const MAX_FINDINGS = 100;

/** Rules that say that nothing could be said. */
export const UNCHECKED: ReadonlySet<PolicyRule> = new Set(["unreadable", "too-complex"]);

/** Takes what breaks a rule: the rule, the place, and what it is about. */
export type Report = (rule: PolicyRule, at: number, subject: string) => void;
