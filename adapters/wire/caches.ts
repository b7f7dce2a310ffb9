import { z } from "@hono/zod-openapi";
import type { CacheReport } from "../../domain/ports/cache.ts";

const count = (description: string) => z.int().nonnegative().meta({ description });
const mean = z.number().nonnegative().meta({ description: "Of the operations that were timed." });

const cacheSchema = z.object({
  size: count("Entries."),
  max_size: count("Entries at most."),
  bytes: count("What they take, about."),
  max_bytes: count("What they may take."),
  utilization: z.number().min(0).max(1).meta({ description: "`size` over `max_size`." }),
  hits: count("Values that were found."),
  misses: count("Values that were not."),
  hit_rate: z.number().min(0).max(1).meta({ description: "Since the start." }),
  evictions: count("Entries that went because it was full."),
  expiries: count("Entries whose time was over."),
  invalidations: count("Entries that were deleted or cleared."),
  loads: count("Values that had to be made."),
  shared_loads: count("Requests that waited for another's value."),
  errors: count("Operations that failed; the request was answered all the same."),
  shared: z.object({
    hits: count("Values that another instance had made, or this one before."),
    misses: count("Values that were not there either."),
    errors: count("Calls that failed; nobody was refused an answer for it."),
  }).nullable().meta({ description: "What instances share; null where they share nothing." }),
  average_get_seconds: mean,
  average_set_seconds: mean,
}).openapi("CacheStatistics");

/** Caches by their names. */
export const cachesSchema = z.record(z.string(), cacheSchema);

/** Caches as they cross the wire. */
export function wireCaches(reports: readonly CacheReport[]): z.output<typeof cachesSchema> {
  return Object.fromEntries(reports.map((report) => [report.name, wireCache(report)]));
}

function wireCache(report: CacheReport): z.output<typeof cacheSchema> {
  return {
    size: report.size,
    max_size: report.maxSize,
    bytes: report.bytes,
    max_bytes: report.maxBytes,
    utilization: report.utilization,
    hits: report.hits,
    misses: report.misses,
    hit_rate: report.hitRate,
    evictions: report.evictions,
    expiries: report.expiries,
    invalidations: report.invalidations,
    loads: report.loads,
    shared_loads: report.sharedLoads,
    errors: report.errors,
    shared: report.shared,
    average_get_seconds: report.averageGetSeconds,
    average_set_seconds: report.averageSetSeconds,
  };
}
