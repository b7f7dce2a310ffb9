import type { SettingReader } from "./setting_reader.ts";

/** Settings of runs that outlive their requests. */
export const JOB_NAMES = [
  "JOB_RESULT_TTL_SECONDS",
  "JOB_QUOTA_PER_USER",
  "JOB_CONCURRENCY",
  "WORKER_PORT",
] as const;

/** What those settings say. */
export interface JobsSetting {
  /** How long a job is known once it has ended, and the key under which it was asked for. */
  readonly ttlSeconds: number;
  /** Jobs that one user may have that have not ended. */
  readonly quota: number;
  /** Jobs that this process runs at once; `null`: as many as there are places for. */
  readonly concurrency: number | null;
  /** Where a worker answers for its health and metrics, 0 taking a free one; `null`: nowhere. */
  readonly workerPort: number | null;
}

/** Reads them. */
export function jobsSetting(read: SettingReader<(typeof JOB_NAMES)[number]>): JobsSetting {
  return {
    ttlSeconds: read.whole("JOB_RESULT_TTL_SECONDS", 1, 2_592_000) ?? 86_400,
    quota: read.whole("JOB_QUOTA_PER_USER", 1, 100_000) ?? 100,
    concurrency: read.whole("JOB_CONCURRENCY", 0, 1024),
    workerPort: read.whole("WORKER_PORT", 0, 65_535),
  };
}

/** What of a configuration says with whom jobs are shared. */
interface Sharing {
  readonly jobs: JobsSetting;
  readonly records: { readonly backend: "sqlite" | "neo4j" };
  readonly cache: { readonly redisUrl: string };
}

/** Whether jobs are shared: by instances that share their records too, or nobody would find a result. */
export function areJobsShared({ records, cache }: Omit<Sharing, "jobs">): boolean {
  return records.backend === "neo4j" && cache.redisUrl !== "";
}

/** What is wrong with them together, for a command. */
export function jobsFaults(config: Sharing, command: string): string[] {
  if (command === "worker") return workerFaults(config);
  if (config.jobs.concurrency !== 0 || areJobsShared(config)) return [];
  return [
    "JOB_CONCURRENCY must be 1 or more where no worker can be: without REDIS_URL and " +
    "RECORDS_BACKEND 'neo4j'",
  ];
}

function workerFaults({ jobs, records, cache }: Sharing): string[] {
  return [
    ...(cache.redisUrl === ""
      ? ["REDIS_URL must be set for a worker: it takes from there what services queue"]
      : []),
    ...(records.backend === "sqlite"
      ? [
        "RECORDS_BACKEND must be 'neo4j' for a worker, found 'sqlite': the services would not " +
        "find what it has run",
      ]
      : []),
    ...(jobs.concurrency === 0 ? ["JOB_CONCURRENCY must be 1 or more for a worker, found 0"] : []),
  ];
}
