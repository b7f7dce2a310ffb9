import type { ExecutionRequest } from "../domain/execution/request.ts";
import type { CodePolicy, PolicyFinding } from "../domain/policy/finding.ts";
import { MAX_FINDINGS, UNCHECKED } from "../domain/policy/finding.ts";
import { inspectPython, uncheckedFinding } from "../domain/policy/python_code.ts";
import type { PythonSyntax } from "../domain/ports/python_syntax.ts";
import { DomainError } from "../domain/errors.ts";

/** What {@link ensureSafePythonCode} works with. */
export interface PolicyParts {
  readonly syntax: PythonSyntax;
  readonly policy: CodePolicy;
}

/** What is looked at: a program, and what it may import of the files that come with it. */
export type PythonSources = Pick<ExecutionRequest, "code" | "files">;

const MODULE = /\.pyi?w?$/i;

/**
 * The findings of the operator's policy in a Python program and in the modules among its files; none
 * where the policy is off.
 *
 * A courtesy to the caller and a policy of the operator's: isolation rests on none of it. Under `warn`
 * nothing is said of a program that cannot be checked: Python itself says what is wrong with it.
 *
 * @throws {DomainError} `code_rejected` under `reject` and `reject-strict`, with the findings; also where
 * the program cannot be checked, since Python may be able to read what this cannot.
 */
export async function ensureSafePythonCode(
  { syntax, policy }: PolicyParts,
  { code, files }: PythonSources,
): Promise<readonly PolicyFinding[]> {
  if (policy === "off") return [];
  const strict = policy === "reject-strict";
  const all = [...await inspect(syntax, code, strict)];
  for (const { path, content } of files) {
    if (!MODULE.test(path)) continue;
    const found = await inspect(syntax, new TextDecoder().decode(content), strict);
    all.push(...found.map((finding) => ({ ...finding, path })));
  }
  const findings = all.slice(0, MAX_FINDINGS);
  if (policy === "warn") return findings.filter(({ rule }) => !UNCHECKED.has(rule));
  if (findings.length > 0) throw new DomainError({ code: "code_rejected", findings });
  return findings;
}

async function inspect(
  syntax: PythonSyntax,
  code: string,
  strict: boolean,
): Promise<readonly PolicyFinding[]> {
  const program = await syntax.parse(code);
  if (program.kind === "unreadable") {
    const rule = program.because === "size" ? "too-complex" : "unreadable";
    return uncheckedFinding(rule, program.at, program.text);
  }
  const inspection = inspectPython(program.root, program.text, { strict });
  for (;;) {
    const { done, value } = inspection.next();
    if (done) return value;
    await syntax.turn();
  }
}
