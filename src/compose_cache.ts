import { MemoryCache } from "../adapters/memory/cache.ts";
import { CacheMaintenance } from "../adapters/memory/maintenance.ts";
import type { CacheRegistry, NamedCache } from "../application/cache_registry.ts";
import { LoadCounts } from "../application/decorators/cached.ts";
import {
  EarlierRuns,
  type EarlierRunsParts,
  type RememberedRun,
} from "../application/earlier_runs.ts";
import type { Cache, CacheName } from "../domain/ports/cache.ts";
import type { ExecutionRunner } from "../domain/ports/execution_runner.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Telemetry } from "../domain/ports/telemetry.ts";
import type { Config } from "./config.ts";

/** What a cache takes beside the configuration. */
export interface CacheParts {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Where operators find it. */
  readonly cacheRegistry: CacheRegistry;
}

/** What remembering runs takes beside that. */
export interface EarlierRunsSources
  extends CacheParts, Pick<EarlierRunsParts, "records" | "audit" | "sha256"> {
  readonly sandbox: Pick<ExecutionRunner, "status">;
}

/** Remembers runs for those who ask for the same again. */
export function openEarlierRuns(
  config: Config,
  sources: EarlierRunsSources,
  stack: AsyncDisposableStack,
): EarlierRuns {
  const { cache, counts } = openCache<RememberedRun>("executions", config, sources, stack);
  const { ttlSeconds } = config.cache;
  const { policy } = config.execution;
  const toolchain = () => sources.sandbox.status().toolchain;
  return new EarlierRuns({ ...sources, cache, counts, ttlSeconds, policy, toolchain });
}

/** Opens a cache in memory under a name; expired entries leave it until the stack closes. */
export function openCache<Value>(
  name: CacheName,
  { cache: { maxSize } }: Config,
  { clock, telemetry, cacheRegistry }: CacheParts,
  stack: AsyncDisposableStack,
): NamedCache & { readonly cache: Cache<Value> } {
  const cache = new MemoryCache<Value>({
    maxSize,
    monotonic: () => clock.monotonic(),
    timed(operation, durationSeconds) {
      telemetry.record({ kind: "cache_operation_timed", tier: "l1", operation, durationSeconds });
    },
  });
  stack.use(new CacheMaintenance({ sweep: () => cache.sweep() })).start();
  const named = { name, cache, counts: new LoadCounts() };
  cacheRegistry.add(named);
  return named;
}
