import { createPythonSyntax } from "../../adapters/python_syntax/syntax.ts";
import { ensureSafePythonCode } from "../../application/ensure_safe_python_code.ts";
import { DomainError } from "../../domain/errors.ts";
import type { PythonSyntax } from "../../domain/ports/python_syntax.ts";
import { Work } from "../../domain/policy/work.ts";
import type { CodePolicy, PolicyFinding } from "../../domain/policy/finding.ts";

/** The real parser, as the service has it. */
export const SYNTAX = createPythonSyntax();

/** What is looked with, in place of what the service has. */
interface Looking {
  readonly syntax?: PythonSyntax;
  readonly work?: Work;
}

/** Of a caller who stays. */
export const NEVER = new AbortController().signal;

/** The findings in a program, rejected or not. */
export async function findingsIn(
  code: string,
  policy: CodePolicy = "reject",
  { syntax = SYNTAX, work = new Work() }: Looking = {},
): Promise<readonly PolicyFinding[]> {
  try {
    return await ensureSafePythonCode({ syntax, policy }, { code, files: [] }, NEVER, work);
  } catch (error) {
    if (error instanceof DomainError && error.failure.code === "code_rejected") {
      return error.failure.findings;
    }
    throw error;
  }
}

/** The same in one line: `eval-call 1:5, subprocess 2:8`. */
export async function briefly(
  code: string,
  policy: CodePolicy = "reject",
  looking: Looking = {},
): Promise<string> {
  const findings = await findingsIn(code, policy, looking);
  return findings.map(({ rule, line, column }) => `${rule} ${line}:${column}`).join(", ");
}
