import { readAttacks } from "../adapters/sandbox/attack_files.ts";
import { openChosen } from "../adapters/sandbox/chooser.ts";
import type { ForkServerRunner } from "../adapters/sandbox/fork_server/runner.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { type AttackReport, attackSandbox } from "../application/attack_sandbox.ts";
import { resolveLimits } from "../domain/execution/limits.ts";
import type { Log } from "../domain/ports/log.ts";
import { openLog } from "./compose_log.ts";
import { type Config, USUAL_PYTHON } from "./config.ts";
import type { SearchPath } from "./env.ts";

/** Opens the sandbox that the settings choose. */
export function openSandbox(
  config: Config,
  search: SearchPath,
  log: Log,
): Promise<ForkServerRunner> {
  return openChosen({
    python: config.sandbox.python ?? USUAL_PYTHON,
    javascript: config.sandbox.javascript,
    packages: config.sandbox.packagesDir,
    preload: config.sandbox.preload,
    shown: linterFiles(config),
    pool: {
      size: config.sandbox.pool,
      limits: resolveLimits({}, config.execution.ceilings),
    },
    environment: { PATH: search.PATH, HOME: search.HOME },
    log,
    monotonic: () => systemClock.monotonic(),
  }, config.sandbox);
}

/** Where programs have another runtime, the linter of JavaScript has to be shown by itself. */
function linterFiles({ sandbox: { deno, javascript } }: Config): Record<string, string> {
  return javascript.name === "deno" ? {} : { [deno]: "/opt/linters/deno" };
}

/** More attacks at once than this would be a test of the machine's patience. */
const MOST_ATTACKS_AT_ONCE = 6;

/** Attacks the sandbox that the service with this configuration would have, without the service. */
export async function selfTest(config: Config, search: SearchPath): Promise<AttackReport> {
  await using stack = new AsyncDisposableStack();
  const log = stack.use(openLog(config));
  const runner = stack.use(await openSandbox(config, search, log));
  return await attackSandbox({
    attacks: await readAttacks(),
    runner,
    ceilings: config.execution.ceilings,
    concurrency: Math.min(config.execution.concurrency, MOST_ATTACKS_AT_ONCE),
  });
}
