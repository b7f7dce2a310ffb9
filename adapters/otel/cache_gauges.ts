import type { Meter, ObservableResult } from "@opentelemetry/api";
import type { CacheReport } from "../../domain/ports/cache.ts";
import { PREFIX } from "./instruments.ts";

/** What is shown of a cache. */
export type CacheCounts = Omit<
  CacheReport,
  "maxSize" | "bytes" | "maxBytes" | "averageGetSeconds" | "averageSetSeconds"
>;

/** Each operation that is counted, by its label. */
const OPERATIONS = {
  hit: "hits",
  miss: "misses",
  eviction: "evictions",
  expiry: "expiries",
  invalidation: "invalidations",
  load: "loads",
  load_shared: "sharedLoads",
  error: "errors",
} as const;

/** Shows caches as they are when a scrape asks: counting a hit must cost no more than the hit. */
export function createCacheGauges(meter: Meter, reports: () => readonly CacheCounts[]): void {
  const gauge = (name: string, description: string, read: (counts: CacheCounts) => number) =>
    meter.createObservableGauge(PREFIX + name, { description }).addCallback((result) => {
      for (const counts of reports()) result.observe(read(counts), { cache: counts.name });
    });
  gauge("cache_size", "Entries in a cache", ({ size }) => size);
  gauge("cache_utilization", "Share of a cache's entries in use, 0 to 1", (it) => it.utilization);
  gauge("cache_hit_rate", "Share of a cache's gets that found a value, 0 to 1", (it) => it.hitRate);
  const description = "What caches have done, and what went from them";
  meter.createObservableCounter(`${PREFIX}cache_operations_total`, { description })
    .addCallback((result) => reports().forEach((counts) => observeOperations(result, counts)));
}

function observeOperations(result: ObservableResult, counts: CacheCounts): void {
  const cache = counts.name;
  const shared = counts.shared ?? { hits: 0, misses: 0, errors: 0 };
  // What another tier has found was a miss in this one.
  const own = {
    ...counts,
    hits: counts.hits - shared.hits,
    misses: counts.misses + shared.hits,
  };
  for (const [operation, member] of Object.entries(OPERATIONS)) {
    result.observe(own[member], { cache, operation, tier: "l1" });
  }
  result.observe(shared.hits, { cache, operation: "hit", tier: "l2" });
  result.observe(shared.misses, { cache, operation: "miss", tier: "l2" });
  result.observe(shared.errors, { cache, operation: "error", tier: "l2" });
}
