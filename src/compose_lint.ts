import { Linters } from "../adapters/linters/linters.ts";
import { newId } from "../adapters/system/ids.ts";
import { codeLinter, type LintCodeCase, type LintCodeParts } from "../application/lint_code.ts";
import { isLintRecord, type LintRecord } from "../domain/lint/record.ts";
import type { ExecutionRunner } from "../domain/ports/execution_runner.ts";
import type { Log } from "../domain/ports/log.ts";
import { type CacheParts, openCache } from "./compose_cache.ts";
import type { Tracing } from "./compose_tracing.ts";
import type { Config } from "./config.ts";
import type { SearchPath } from "./env.ts";

/** What a text may take of the process that reads it. */
const READER_BOUNDS = { seconds: 20, memoryMegabytes: 512 } as const;

/** Texts that wait beyond those in hand: of all, and of one caller. */
const QUEUE = { queue: 64, queueOfCaller: 16 } as const;

/** More processors than these are left to programs. */
const MOST_PROCESSORS = 4;

/** The Python that texts are held against where the sandbox has not said which it has. */
const OLDEST_PYTHON = "3.11";

/** What linting takes beside the configuration. */
export interface LintSources extends CacheParts, Pick<LintCodeParts, "audit" | "sha256"> {
  readonly stores: Pick<LintCodeParts, "lints">;
  readonly sandbox: ExecutionRunner;
  readonly log: Log;
  readonly tracing: Pick<Tracing, "cache" | "linter">;
}

/** Opens the linters, with the cache before them. */
export function openLinting(
  config: Config,
  { PATH, HOME, DENO_DIR }: SearchPath,
  { sandbox, ...sources }: LintSources,
  stack: AsyncDisposableStack,
): { readonly lintCode: LintCodeCase; readonly linter: AsyncDisposable } {
  const places = Math.min(navigator.hardwareConcurrency, MOST_PROCESSORS) + 1;
  const linter = stack.use(
    new Linters({
      ...{ ...READER_BOUNDS, ...QUEUE, places, placesOfCaller: places - 1 },
      deno: config.sandbox.deno,
      environment: { PATH, HOME, ...(DENO_DIR !== null && { DENO_DIR }) },
      log: sources.log,
      runner: sandbox,
      pythonVersion: () => pythonIn(sandbox.status().toolchain),
    }),
  );
  // As with runs: an id is of use only where its record can be found.
  const shared = config.records.backend === "neo4j" ? sources.shared : null;
  const { cache, counts } = openCache<LintRecord>(
    "lint_results",
    config,
    { ...sources, shared, isValue: isLintRecord },
    stack,
  );
  const { ttlSeconds } = config.cache;
  const traced = sources.tracing.linter(linter);
  const kept = { ...sources.stores, cache, counts, ttlSeconds };
  return { lintCode: codeLinter({ ...sources, ...kept, linter: traced, newId }), linter };
}

/** The version in what the sandbox says of its interpreter: `… /usr/bin/python3.11 3.11.2`. */
function pythonIn(toolchain: string): string {
  return /\b(3\.\d+)\.\d+\S*$/.exec(toolchain)?.[1] ?? OLDEST_PYTHON;
}
