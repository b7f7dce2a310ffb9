import { DomainError } from "../domain/errors.ts";
import { NO_FILES } from "../domain/execution/files.ts";
import { DEFAULT_LIMITS, type ExecutionLimits } from "../domain/execution/limits.ts";
import type { ExecutionOutcome } from "../domain/execution/outcome.ts";
import type { ExecutionRequest } from "../domain/execution/request.ts";
import { type Attack, judgeAttack, lackOf, requestOf } from "../domain/isolation/attack.ts";
import type { ExecutionRunner, RunnerStatus } from "../domain/ports/execution_runner.ts";

/** What {@link attackSandbox} works with. */
export interface AttackSandboxParts {
  readonly attacks: readonly Attack[];
  readonly runner: ExecutionRunner;
  readonly ceilings: ExecutionLimits;
  /** How many attacks go on at one time. */
  readonly concurrency: number;
}

/** How one attack went. */
export type AttackResult =
  | { readonly attack: Attack; readonly standing: "held" }
  | { readonly attack: Attack; readonly standing: "not held"; readonly got: string }
  | { readonly attack: Attack; readonly standing: "skipped"; readonly reason: string };

/** What the attacks have shown. */
export interface AttackReport {
  /** In the order of the attacks. */
  readonly results: readonly AttackResult[];
  /** The layers that every single answer named. */
  readonly layers: readonly string[];
  /** What a better equipped host would have added. */
  readonly missing: readonly string[];
}

const NEVER = new AbortController().signal;
/** The run that must go right after every attack. */
export const ORDINARY: ExecutionRequest = {
  language: "python",
  code: "print(6 * 7)",
  stdin: "",
  args: [],
  environment: {},
  ...NO_FILES,
  limits: DEFAULT_LIMITS,
};

/**
 * Has every attack run against the sandbox, each followed by an ordinary run that must go right.
 *
 * An attack whose layer the sandbox itself says it lacks, whose language the host lacks, or which needs
 * more than the ceilings allow, is skipped with the reason.
 *
 * @throws {DomainError} `dependency_unavailable` when the sandbox stands not at all.
 */
export async function attackSandbox(parts: AttackSandboxParts): Promise<AttackReport> {
  const results = new Map<Attack, AttackResult>();
  const receipts: string[][] = [];
  const waiting = parts.attacks.values();
  const run = async (request: ExecutionRequest) => {
    const outcome = await parts.runner.run(request, NEVER);
    receipts.push([...outcome.isolation.layers]);
    return outcome;
  };
  await run(ORDINARY);
  async function attackInTurn(): Promise<void> {
    for (const attack of waiting) results.set(attack, await tryAttack(attack, parts, run));
  }
  await Promise.all(Array.from({ length: parts.concurrency }, attackInTurn));
  const [first = [], ...others] = receipts;
  return {
    results: parts.attacks.flatMap((attack) => results.get(attack) ?? []),
    layers: first.filter((layer) => others.every((layers) => layers.includes(layer))),
    missing: parts.runner.status().missing,
  };
}

type Run = (request: ExecutionRequest) => Promise<ExecutionOutcome>;

async function tryAttack(
  attack: Attack,
  { runner, ceilings }: AttackSandboxParts,
  run: Run,
): Promise<AttackResult> {
  const reason = reasonToSkip(attack, runner.status()) ?? lackOf(attack, ceilings);
  if (reason !== null) return { attack, standing: "skipped", reason };
  const got = await attackWith(attack, requestOf(attack, ceilings), run) ?? await failedAfter(run);
  return got === null ? { attack, standing: "held" } : { attack, standing: "not held", got };
}

function reasonToSkip(
  { language, layer }: Attack,
  { missing, unavailableLanguages }: RunnerStatus,
): string | null {
  const why = unavailableLanguages[language];
  if (why !== undefined) return `no ${language}: ${why.reason}`;
  return missing.includes(layer) ? `this host has no '${layer}'` : null;
}

/** What the attack got in any of its runs. */
async function attackWith(
  attack: Attack,
  request: ExecutionRequest,
  run: Run,
): Promise<string | null> {
  for (let turn = 1; turn <= attack.runs; turn += 1) {
    const each = Array.from({ length: attack.atOnce }, () => runJudged(attack, request, run));
    const got = (await Promise.all(each)).find((found) => found !== null);
    if (got !== undefined) return got;
  }
  return null;
}

async function runJudged(
  attack: Attack,
  request: ExecutionRequest,
  run: Run,
): Promise<string | null> {
  try {
    return judgeAttack(attack, await run(request));
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return `its run was not answered: ${error.message}`;
  }
}

/** What was wrong with the next run; `null` when it went right. */
async function failedAfter(run: Run): Promise<string | null> {
  try {
    const { outcome, stdout } = await run(ORDINARY);
    if (outcome === "ok" && stdout === "42\n") return null;
    return `the next run ended with '${outcome}' and printed ${JSON.stringify(stdout)}`;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return `the next run was not answered: ${error.message}`;
  }
}
