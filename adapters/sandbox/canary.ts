import { DomainError } from "../../domain/errors.ts";
import { NO_FILES } from "../../domain/execution/files.ts";
import { DEFAULT_LIMITS } from "../../domain/execution/limits.ts";
import type { ExecutionOutcome } from "../../domain/execution/outcome.ts";
import type { ExecutionRequest } from "../../domain/execution/request.ts";
import type { Language } from "../../domain/execution/language.ts";
import type { Unavailability } from "../../domain/ports/execution_runner.ts";
import WALLS from "./canary_walls.py" with { type: "text" };

/** What trying the sandbox has shown. */
export interface Findings {
  /** Why nothing may be run; `null` when every wall held. */
  readonly refusal: Unavailability | null;
  readonly unavailableLanguages: Readonly<Partial<Record<Language, Unavailability>>>;
}

/** @throws {DomainError} `language_unavailable` where programs of a language were found not to run. */
export function requireLanguage(findings: Findings | null, language: Language): void {
  const why = findings?.unavailableLanguages[language];
  if (why !== undefined) {
    throw new DomainError({ code: "language_unavailable", language, ...why });
  }
}

/** A sandbox to be tried. */
export interface Candidate {
  readonly bash: boolean;
  /** The JavaScript runtime that its settings name. */
  readonly javascript: string;
  run(request: ExecutionRequest): Promise<ExecutionOutcome>;
}

/** A program: what it prints inside the sandbox is compared with what the settings name. */
const WHICH_RUNTIME = "console.log(globalThis.Deno ? 'deno' : globalThis.Bun ? 'bun' : 'node')";
const RUNTIME_REMEDY =
  "Have JAVASCRIPT_RUNTIME name a runtime's own binary that every user may read, " +
  "with its libraries where the system keeps them; or leave it unset, for this service's own Deno.";

/** Runs the canary programs. Rejects only when the sandbox itself breaks. */
export async function askCanary(candidate: Candidate): Promise<Findings> {
  const [walls, javascript, bash] = await Promise.all([
    candidate.run(programOf("python", WALLS)),
    candidate.run(programOf("javascript", WHICH_RUNTIME)),
    candidate.bash ? candidate.run(programOf("bash", "echo $((1 + 1))")) : null,
  ]);
  return {
    refusal: judgeWalls(walls),
    unavailableLanguages: {
      ...missingUnless(candidate.javascript, "javascript", javascript, RUNTIME_REMEDY),
      ...missingUnless("2", "bash", bash, "Install bash (Debian: apt-get install bash)."),
    },
  };
}

function judgeWalls(walls: ExecutionOutcome): Unavailability | null {
  if (walls.outcome !== "ok") {
    const reason = `the canary program ended with '${walls.outcome}': ${walls.stderr.slice(-300)}`;
    return { reason, remedy: "Report this with the output of 'uname -a'." };
  }
  const fallen = walls.stdout.trim();
  if (fallen === "") return null;
  const reason = `these walls did not hold on this host: ${fallen}`;
  return { reason, remedy: "Report this with the output of 'uname -a'." };
}

function missingUnless(
  expected: string,
  language: Language,
  outcome: ExecutionOutcome | null,
  remedy: string,
): Partial<Record<Language, Unavailability>> {
  const printed = outcome?.stdout.trim() ?? "";
  if (printed === expected) return {};
  const said = outcome?.stderr.trim().slice(0, 300) ?? "";
  const found = printed === "" ? "nothing" : `'${printed.slice(0, 80)}'`;
  const absent = outcome === null ? `no ${language} interpreter was found on this host` : said;
  const reason = absent || `expected '${expected}' of a first ${language} program, found ${found}`;
  return { [language]: { reason, remedy } };
}

function programOf(language: Language, code: string): ExecutionRequest {
  const limits = { ...DEFAULT_LIMITS, timeoutSeconds: 5 };
  return { language, code, stdin: "", args: [], environment: {}, ...NO_FILES, limits };
}
