import { newRandomId } from "../adapters/system/ids.ts";
import type { NearCache } from "../adapters/redis/two_tier_cache.ts";
import type { BucketRule } from "../domain/limits/token_bucket.ts";
import type { Cache, CacheName, MeasuredCache } from "../domain/ports/cache.ts";
import type { Clock } from "../domain/ports/clock.ts";
import type { Log } from "../domain/ports/log.ts";
import type { RateLimiter } from "../domain/ports/rate_limiter.ts";
import type { RevokedTokens } from "../domain/ports/revoked_tokens.ts";
import type { Telemetry } from "../domain/ports/telemetry.ts";
import type { BreakerRegistry } from "../domain/resilience/breaker_registry.ts";
import type { Config } from "./config.ts";

/** How often it is looked for what others have revoked. */
const REVOCATIONS_MS = 250;

/** What a tier in Redis takes. */
export interface TierParts<Value> {
  readonly telemetry: Telemetry;
  /** Whether what stands there is a value of this cache. */
  readonly isValue: (found: unknown) => found is Value;
}

/** What instances share through Redis. */
export interface SharedState {
  /** Puts a cache of this process before what all share under its name. Before {@link start} only. */
  tiered<Value>(
    name: CacheName,
    near: NearCache<Value>,
    around: TierParts<Value>,
  ): Cache<Value> & MeasuredCache;
  /** Token buckets that all share under a name; `local` counts along, and alone while Redis is away. */
  limiter(name: "users" | "addresses", rule: BucketRule, local: RateLimiter): RateLimiter;
  /** Tells others of revocations, and hears of theirs; what is given keeps them. Once only. */
  told(kept: RevokedTokens): RevokedTokens;
  /** Begins to connect; resolves once Redis answers, or a second later. */
  start(): Promise<void>;
  /** Resolves when Redis answers. */
  ping(): Promise<void>;
}

/** What Redis takes beside its settings. */
export interface RedisParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly breakers: BreakerRegistry;
  /** The product's version: another one's values may be of other shapes. */
  readonly version: string;
}

/** Makes ready for the Redis of the settings; `null` where there is none. `CACHE_BACKEND` is the caches' alone. */
export async function openRedis(
  { cache: { redisUrl: url }, graph, records }: Config,
  { clock, log, breakers, version }: RedisParts,
  stack: AsyncDisposableStack,
): Promise<SharedState | null> {
  if (url === "") return null;
  warnOfOwnDatabases({ graph: graph.backend, records: records.backend }, log);
  // Loaded where it is needed: it takes a fifth of a second.
  const [
    { REDIS_POLICY, RedisConnection },
    { redisVerdict },
    { RedisRateLimiter },
    { ToldRevokedTokens },
    { SharedSpace },
    { TwoTierCache },
  ] = await Promise.all([
    import("../adapters/redis/connection.ts"),
    import("../adapters/redis/faults.ts"),
    import("../adapters/redis/rate_limiter.ts"),
    import("../adapters/redis/revoked_tokens.ts"),
    import("../adapters/redis/shared_space.ts"),
    import("../adapters/redis/two_tier_cache.ts"),
  ]);
  const breaker = breakers.getOrCreate("cache", { policy: REDIS_POLICY, judge: redisVerdict });
  const connection = stack.use(new RedisConnection({ url, breaker, log }));
  const prefix = `ultimate-mcp:${version}:cache`;
  const space = new SharedSpace({ connection, clock, prefix, newId: newRandomId });
  return {
    tiered: <Value>(name: CacheName, near: NearCache<Value>, around: TierParts<Value>) =>
      new TwoTierCache<Value>({
        ...{ name, near, space, clock, newTurn: newRandomId, chance: () => Math.random() },
        // Every key of the service's names a state: of the graph, or a program with all it is given.
        constant: true,
        isValue: around.isValue,
        timed(operation, durationSeconds) {
          const measured = { tier: "l2", operation, durationSeconds } as const;
          around.telemetry.record({ kind: "cache_operation_timed", ...measured });
        },
      }),
    limiter: (name, rule, local) => new RedisRateLimiter({ connection, name, rule, local }),
    told: (kept) => stack.use(new ToldRevokedTokens({ connection, kept, everyMs: REVOCATIONS_MS })),
    start: () => connection.start(),
    ping: () => connection.ping(),
  };
}

/** Whoever sets a Redis means to run several instances, which are one service only with Neo4j. */
function warnOfOwnDatabases(
  backends: Readonly<Record<"graph" | "records", string>>,
  log: Log,
): void {
  const own = Object.entries(backends).filter(([, backend]) => backend !== "neo4j");
  if (own.length === 0) return;
  log.write("warn", "one_instance_only", {
    ...Object.fromEntries(own),
    reason: "REDIS_URL is set, but what other instances write here is kept by each for itself: " +
      "several are one service only where Neo4j keeps the graph and the records",
  });
}
