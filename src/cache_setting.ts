import type { SettingReader } from "./setting_reader.ts";

/** Settings that say what is kept for the next who asks for the same. */
export const CACHE_SETTING_NAMES = [
  "CACHE_MAX_SIZE",
  "CACHE_TTL_SECONDS",
  "QUERY_CACHE_TTL_SECONDS",
  "METRICS_CACHE_TTL_SECONDS",
] as const;

/** What those settings say. */
export interface CacheSetting {
  /** Entries of one cache at most. */
  readonly maxSize: number;
  /** How long the answer of a run stays. */
  readonly ttlSeconds: number;
  /** How long the graph's answers stay, and its metrics; 0: not at all. */
  readonly queryTtlSeconds: number;
  readonly metricsTtlSeconds: number;
}

/** Reads them. */
export function cacheSetting(
  read: SettingReader<(typeof CACHE_SETTING_NAMES)[number]>,
): CacheSetting {
  return {
    maxSize: read.whole("CACHE_MAX_SIZE", 1, 100_000) ?? 500,
    ttlSeconds: read.whole("CACHE_TTL_SECONDS", 1, 2_592_000) ?? 3600,
    queryTtlSeconds: read.whole("QUERY_CACHE_TTL_SECONDS", 0, 86_400) ?? 300,
    metricsTtlSeconds: read.whole("METRICS_CACHE_TTL_SECONDS", 0, 86_400) ?? 60,
  };
}
