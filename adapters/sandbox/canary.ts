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

/** A sandbox to be tried. */
export interface Candidate {
  readonly bash: boolean;
  run(request: ExecutionRequest): Promise<ExecutionOutcome>;
}

/** Runs the canary programs. Rejects only when the sandbox itself breaks. */
export async function askCanary(candidate: Candidate): Promise<Findings> {
  const [walls, javascript, bash] = await Promise.all([
    candidate.run(programOf("python", WALLS)),
    candidate.run(programOf("javascript", "console.log(1 + 1)")),
    candidate.bash ? candidate.run(programOf("bash", "echo $((1 + 1))")) : null,
  ]);
  return {
    refusal: judgeWalls(walls),
    unavailableLanguages: {
      ...missingUnlessTwo("javascript", javascript, "Reinstall Deno where every user may read it."),
      ...missingUnlessTwo("bash", bash, "Install bash (Debian: apt-get install bash)."),
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

function missingUnlessTwo(
  language: Language,
  outcome: ExecutionOutcome | null,
  remedy: string,
): Partial<Record<Language, Unavailability>> {
  if (outcome?.stdout.trim() === "2") return {};
  const said = outcome?.stderr.trim().slice(0, 300) ?? "";
  const reason = said === "" ? `no ${language} interpreter was found on this host` : said;
  return { [language]: { reason, remedy } };
}

function programOf(language: Language, code: string): ExecutionRequest {
  const limits = { ...DEFAULT_LIMITS, timeoutSeconds: 5 };
  return { language, code, stdin: "", args: [], environment: {}, limits };
}
