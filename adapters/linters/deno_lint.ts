import type { LintFinding, Severity } from "../../domain/lint/report.ts";
import { isCrash, MOST_FINDINGS, syntaxError, tooDeep } from "./findings.ts";
import { listIn } from "./listed.ts";
import type { SandboxedLinter } from "./sandboxed_linter.ts";

/** Rules beyond those that Deno recommends: each is mostly a fault. */
const INCLUDED = "eqeqeq,no-eval,no-self-compare,no-throw-literal";

/** What Deno is asked, whatever settings lie about. */
export const DENO_LINT_ARGS: readonly string[] = [
  ...["lint", "--quiet", "--json", "--no-config", `--rules-include=${INCLUDED}`],
];

/** Where a Deno can be inside the sandbox: as its JavaScript runtime, or shown for this alone. */
const PLACES = ["/opt/javascript/deno", "/opt/linters/deno"];

/** Rules of what is a fault whenever it runs; the other rules are told as warnings. */
const FAULTS = new Set(
  ("constructor-super for-direction getter-return no-class-assign no-const-assign no-dupe-args " +
    "no-dupe-class-members no-dupe-else-if no-dupe-keys no-func-assign no-global-assign " +
    "no-import-assign no-invalid-regexp no-new-symbol no-obj-calls no-self-compare no-setter-return " +
    "no-this-before-super no-unreachable no-unsafe-finally no-unsafe-negation use-isnan valid-typeof")
    .split(" "),
);

/** A place as Deno has it: the line from 1, the column from 0, in code points. */
interface DenoPlace {
  readonly line: number;
  readonly col: number;
}

interface Diagnostic {
  readonly code: string;
  readonly message: string;
  readonly range: { readonly start: DenoPlace; readonly end: DenoPlace };
}

/**
 * `deno lint`, in one of the languages that it reads. It passes over some faults of the syntax (a string
 * that does not end) which the formatter, having the same parser, does not: that one looks first.
 */
export function denoLint(language: "javascript" | "typescript"): SandboxedLinter {
  const ext = language === "javascript" ? "js" : "ts";
  const lint = [...DENO_LINT_ARGS, `--ext=${ext}`, "-"].join(" ");
  return {
    name: "deno_lint",
    program: [
      "export DENO_DIR=/dev/null/deno DENO_NO_UPDATE_CHECK=1 NO_COLOR=1",
      `for tool in ${PLACES.join(" ")}; do`,
      '  if [ -x "$tool" ]; then',
      `    "$tool" fmt --quiet --no-config --ext=${ext} - < text 2> said > /dev/null`,
      '    status=$?; if [ "$status" -gt 128 ]; then exit "$status"; fi',
      `    if [[ $(< said) == "${FAULT}"* ]]; then exec cat said; fi`,
      `    exec "$tool" ${lint} < text`,
      "  fi",
      "done",
      "exit 127",
    ].join("\n"),
    remedy: "Run the service with the Deno that it was made for: its sandbox shows none",
    read({ outcome, stdout, returnCode }) {
      if (isCrash(returnCode)) return { findings: [tooDeep()], truncated: false };
      if (stdout.startsWith(FAULT)) return { findings: [faultOf(stdout)], truncated: false };
      return returnCode <= 1 || outcome === "output" ? readReport(stdout) : null;
    },
  };
}

/** What the formatter begins with where a text is not of its language. */
const FAULT = "error: SyntaxError: ";

/** What Deno has written, which may be cut off. */
function readReport(
  stdout: string,
): { readonly findings: readonly LintFinding[]; readonly truncated: boolean } | null {
  if (!stdout.startsWith("{")) return null;
  const { items, more } = listIn(stdout, "diagnostics", MOST_FINDINGS + 1);
  const faults = more ? [] : listIn(stdout, "errors", 1).items;
  const findings = [
    ...(items as Diagnostic[]).map(findingOf),
    ...(faults as { readonly message: string }[]).map(({ message }) => faultOf(message)),
  ];
  return { findings, truncated: more };
}

function findingOf({ code, message, range: { start, end } }: Diagnostic): LintFinding {
  const severity: Severity = FAULTS.has(code) ? "error" : "warning";
  const place = { line: start.line, column: start.col + 1 };
  const ending = { endLine: end.line, endColumn: end.col + 1 };
  return { rule: code, severity, message, ...place, ...ending };
}

/** The message has the place behind the picture of it: `… at file:///text.js:1:11`. */
function faultOf(message: string): LintFinding {
  const [first = ""] = message.split("\n", 1);
  const place = /^ +at \S*:(\d+):(\d+)$/m.exec(message);
  const [line, column] = [Number(place?.[1] ?? 1), Number(place?.[2] ?? 1)];
  return syntaxError({ line, column }, first.replace(/^(error: )?SyntaxError: /, ""));
}
