import { requirePermission } from "../domain/identity/principal.ts";
import type { Cache, CacheName, CacheReport, MeasuredCache } from "../domain/ports/cache.ts";
import { actorOf, type Audit } from "./audit_trail.ts";
import type { LoadCounts } from "./decorators/cached.ts";
import type { RequestContext } from "./request_context.ts";

/** A cache that operators know by its name. */
export interface NamedCache {
  readonly name: CacheName;
  readonly cache: Pick<Cache<unknown>, "clear"> & MeasuredCache;
  /** What those who read through it have counted. */
  readonly counts: LoadCounts;
}

/** Every cache of the service. */
export class CacheRegistry {
  readonly #caches: NamedCache[] = [];

  /** Adds one, under a name that no other has. */
  add(cache: NamedCache): void {
    this.#caches.push(cache);
  }

  /** How each of them fares. */
  reports(): readonly CacheReport[] {
    return this.#caches.map(({ name, cache, counts: { loads, sharedLoads, errors } }) => ({
      name,
      ...cache.statistics(),
      loads,
      sharedLoads,
      errors,
    }));
  }

  /** Entries of all of them, on this instance. */
  get entries(): number {
    return this.reports().reduce((sum, { size }) => sum + size, 0);
  }

  /** Empties all. Rejects, once it has tried each, where other instances could not be told. */
  async clear(): Promise<void> {
    const cleared = await Promise.allSettled(
      this.#caches.map(({ cache }) => Promise.try(() => cache.clear())),
    );
    for (const result of cleared) if (result.status === "rejected") throw result.reason;
  }
}

/** How the caches fare, for admins. @throws {DomainError} `forbidden`. */
export function getCaches(
  cacheRegistry: Pick<CacheRegistry, "reports">,
  { principal }: RequestContext,
): Promise<readonly CacheReport[]> {
  return Promise.try(() => {
    requirePermission(principal, "system:admin");
    return cacheRegistry.reports();
  });
}

/** What {@link clearCaches} works with. */
export interface ClearCachesParts {
  readonly cacheRegistry: CacheRegistry;
  readonly audit: Audit;
}

/**
 * Empties every cache, for admins; how many entries went. The audit is told before it is answered. A
 * clearing that it cannot be told of stands, and is answered as a failure; so is one that not every
 * instance can be told of, which holds for this one and for the others once they can be.
 *
 * @throws {DomainError} `forbidden`, `dependency_unavailable`.
 */
export async function clearCaches(
  { cacheRegistry, audit }: ClearCachesParts,
  context: RequestContext,
): Promise<number> {
  requirePermission(context.principal, "system:admin");
  const { entries } = cacheRegistry;
  const failure = await cacheRegistry.clear().then(() => null, (error: unknown) => ({ error }));
  await audit.record({ type: "cache_cleared", details: { entries } }, actorOf(context));
  if (failure !== null) throw failure.error;
  return entries;
}
