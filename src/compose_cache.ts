import { MemoryCache } from "../adapters/memory/cache.ts";
import { sleep } from "../adapters/system/sleep.ts";
import { CacheMaintenance } from "../adapters/memory/maintenance.ts";
import type { CacheRegistry, NamedCache } from "../application/cache_registry.ts";
import { LoadCounts } from "../application/decorators/cached.ts";
import {
  EarlierRuns,
  type EarlierRunsParts,
  isRememberedRun,
  type RememberedRun,
} from "../application/earlier_runs.ts";
import type { Cache, CacheName } from "../domain/ports/cache.ts";
import type { ExecutionRunner } from "../domain/ports/execution_runner.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Telemetry } from "../domain/ports/telemetry.ts";
import type { SharedState } from "./compose_redis.ts";
import type { Tracing } from "./compose_tracing.ts";
import type { Config } from "./config.ts";

/** What a cache takes beside the configuration. */
export interface CacheParts {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Where operators find it. */
  readonly cacheRegistry: CacheRegistry;
  /** What instances share; `null`: nothing. */
  readonly shared: SharedState | null;
  readonly tracing: Pick<Tracing, "cache">;
}

/** A cache's own, beside that. */
export interface OneCacheParts<Value> extends CacheParts {
  /** Whether what stands where instances share it is a value of this cache. */
  readonly isValue: (found: unknown) => found is Value;
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
  // An id is of use only where its record can be found.
  const shared = config.records.backend === "neo4j" ? sources.shared : null;
  const { cache, counts } = openCache<RememberedRun>(
    "executions",
    config,
    { ...sources, shared, isValue: isRememberedRun },
    stack,
  );
  const { ttlSeconds } = config.cache;
  const { policy } = config.execution;
  const toolchain = () => sources.sandbox.status().toolchain;
  return new EarlierRuns({ ...sources, cache, counts, ttlSeconds, policy, toolchain, sleep });
}

/** Opens a cache under a name; expired entries leave memory until the stack closes. */
export function openCache<Value>(
  name: CacheName,
  { cache: { backend, maxSize } }: Config,
  { clock, telemetry, cacheRegistry, shared, tracing, isValue }: OneCacheParts<Value>,
  stack: AsyncDisposableStack,
): NamedCache & { readonly cache: Cache<Value> } {
  const near = new MemoryCache<Value>({
    maxSize,
    monotonic: () => clock.monotonic(),
    timed(operation, durationSeconds) {
      telemetry.record({ kind: "cache_operation_timed", tier: "l1", operation, durationSeconds });
    },
  });
  stack.use(new CacheMaintenance({ sweep: () => near.sweep() })).start();
  const cache = shared === null || backend === "memory"
    ? near
    : shared.tiered(name, near, { telemetry, isValue });
  const counts = new LoadCounts();
  cacheRegistry.add({ name, cache, counts });
  return { name, cache: tracing.cache(name, cache), counts };
}
