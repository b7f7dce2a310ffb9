import type { SettingReader } from "./setting_reader.ts";

/** Settings that say what is kept for the next who asks for the same, and where. */
export const CACHE_SETTING_NAMES = [
  "CACHE_BACKEND",
  "REDIS_URL",
  "CACHE_MAX_SIZE",
  "CACHE_TTL_SECONDS",
  "QUERY_CACHE_TTL_SECONDS",
  "METRICS_CACHE_TTL_SECONDS",
] as const;

type Name = (typeof CACHE_SETTING_NAMES)[number];

/** What those settings say. */
export interface CacheSetting {
  /** `redis`: instances share what they keep. */
  readonly backend: "memory" | "redis";
  /** Where Redis is, with its password; empty where none is set. */
  readonly redisUrl: string;
  /** Entries of one cache at most. */
  readonly maxSize: number;
  /** How long the answer of a run stays. */
  readonly ttlSeconds: number;
  /** How long the graph's answers stay, and its metrics; 0: not at all. */
  readonly queryTtlSeconds: number;
  readonly metricsTtlSeconds: number;
}

const URL_EXPECTED = "must be redis://HOST:PORT or rediss://HOST:PORT, " +
  "with user and password before the host and a database's number after the port where there are any";
const USUAL_PORT = "6379";

/** Reads them. */
export function cacheSetting(read: SettingReader<Name>): CacheSetting {
  const before = read.faults.length;
  const redisUrl = read.secret("REDIS_URL", redisFaults);
  const isNamed = redisUrl !== null || read.faults.length > before;
  const backend = read.choice("CACHE_BACKEND", ["memory", "redis"]) ??
    (isNamed ? "redis" : "memory");
  if (backend === "redis" && !isNamed) {
    read.faults.push("REDIS_URL must be set where Redis keeps the cache");
  }
  return {
    backend,
    redisUrl: redisUrl ?? "",
    maxSize: read.whole("CACHE_MAX_SIZE", 1, 100_000) ?? 500,
    ttlSeconds: read.whole("CACHE_TTL_SECONDS", 1, 2_592_000) ?? 3600,
    queryTtlSeconds: read.whole("QUERY_CACHE_TTL_SECONDS", 0, 86_400) ?? 300,
    metricsTtlSeconds: read.whole("METRICS_CACHE_TTL_SECONDS", 0, 86_400) ?? 60,
  };
}

function redisFaults(text: string): string[] {
  return redisAddress(text) === null ? [URL_EXPECTED] : [];
}

/** `HOST:PORT` of a Redis, as permissions have it; `null` for what is no address of one. */
export function redisAddress(text: string): string | null {
  const url = URL.parse(text);
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === "") return null;
  if (url.search !== "" || url.hash !== "" || !/^(\/\d{0,5})?$/.test(url.pathname)) return null;
  // Deno's permission lists separate hosts by commas.
  if (!/^[\w.:[\]-]+$/.test(url.hostname)) return null;
  return `${url.hostname}:${url.port || USUAL_PORT}`;
}
