import type { ExecutionRequest } from "../domain/execution/request.ts";
import type { CodePolicy, PolicyFinding } from "../domain/policy/finding.ts";
import { MAX_FINDINGS, UNCHECKED } from "../domain/policy/finding.ts";
import { inspectPython, uncheckedFinding } from "../domain/policy/python_code.ts";
import { messageOf } from "../domain/policy/rules.ts";
import { Work } from "../domain/policy/work.ts";
import type { Look, PythonSyntax } from "../domain/ports/python_syntax.ts";
import { DomainError } from "../domain/errors.ts";

/** What {@link ensureSafePythonCode} works with. */
export interface PolicyParts {
  readonly syntax: PythonSyntax;
  readonly policy: CodePolicy;
}

/** What is looked at: a program, and what it may import of the files that come with it. */
export type PythonSources = Pick<ExecutionRequest, "code" | "files">;

/** UTF-8 bytes or UTF-16 units of one look: no step takes long for a single string or comment. */
const MAX_TEXT = 2_097_152;

/** Units of text whose decoding and normalisation count for one unit of work. */
const UNITS_READ = 256;

const MODULE = /\.pyi?w?$/i;

/**
 * The findings of the operator's policy in a Python program and in the modules among its files; none
 * where the policy is off.
 *
 * A courtesy to the caller and a policy of the operator's: isolation rests on none of it. Under `warn`
 * nothing is said of a program that cannot be checked: Python itself says what is wrong with it. The
 * program and the modules have one {@link Work} together; others have their turns in between.
 *
 * @throws {DomainError} `cancelled` at the next turn once the signal is aborted; `code_rejected` under `reject` and `reject-strict`, with the findings; also where
 * the program cannot be checked, since Python may be able to read what this cannot.
 */
export async function ensureSafePythonCode(
  { syntax, policy }: PolicyParts,
  sources: PythonSources,
  signal: AbortSignal,
  work: Work = new Work(),
): Promise<readonly PolicyFinding[]> {
  if (policy === "off") return [];
  const inspection = {
    syntax,
    look: lookOf(syntax, signal, work),
    strict: policy === "reject-strict",
  };
  const all: PolicyFinding[] = [];
  let size = 0;
  for (const { path, length, text } of textsOf(sources)) {
    size += length;
    const found = size > MAX_TEXT ? TOO_LONG : await inspect(inspection, text());
    all.push(...path === undefined ? found : found.map((finding) => ({ ...finding, path })));
    if (size > MAX_TEXT || work.isOver || all.length >= MAX_FINDINGS) break;
    if (work.isDue) await inspection.look.pause();
  }
  const findings = all.slice(0, MAX_FINDINGS);
  if (policy === "warn") return findings.filter(({ rule }) => !UNCHECKED.has(rule));
  if (findings.length > 0) throw new DomainError({ code: "code_rejected", findings });
  return findings;
}

const TOO_LONG: readonly PolicyFinding[] = [{
  rule: "too-complex",
  line: 1,
  column: 1,
  message: messageOf("too-complex", "the text"),
}];

function lookOf(syntax: PythonSyntax, signal: AbortSignal, work: Work): Look {
  return {
    work,
    async pause() {
      await syntax.turn();
      work.turned();
      if (signal.aborted) throw new DomainError({ code: "cancelled" });
    },
  };
}

interface Source {
  readonly path?: string;
  readonly length: number;
  readonly text: () => string;
}

/** The program, then its modules; each is decoded only when it is its turn. */
function* textsOf({ code, files }: PythonSources): Generator<Source> {
  yield { length: code.length, text: () => code };
  for (const { path, content } of files) {
    if (!MODULE.test(path)) continue;
    yield { path, length: content.byteLength, text: () => new TextDecoder().decode(content) };
  }
}

interface Inspected {
  readonly syntax: PythonSyntax;
  readonly look: Look;
  readonly strict: boolean;
}

async function inspect(
  { syntax, look, strict }: Inspected,
  code: string,
): Promise<readonly PolicyFinding[]> {
  const { work } = look;
  work.spend(1 + code.length / UNITS_READ);
  const program = await syntax.parse(code, look);
  const inspection = program.kind === "read"
    ? inspectPython(program.root, program.text, { strict }, work)
    : uncheckedFinding(
      program.because === "size" ? "too-complex" : "unreadable",
      program.at,
      program.text,
      work,
    );
  for (;;) {
    const { done, value } = inspection.next();
    if (done) return value;
    await look.pause();
  }
}
