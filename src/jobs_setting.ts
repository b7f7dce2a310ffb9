import type { SettingReader } from "./setting_reader.ts";

/** Settings of runs that outlive their requests. */
export const JOB_NAMES = ["JOB_RESULT_TTL_SECONDS", "JOB_QUOTA_PER_USER"] as const;

/** What those settings say. */
export interface JobsSetting {
  /** How long a job is known once it has ended, and the key under which it was asked for. */
  readonly ttlSeconds: number;
  /** Jobs that one user may have that have not ended. */
  readonly quota: number;
}

/** Reads them. */
export function jobsSetting(read: SettingReader<(typeof JOB_NAMES)[number]>): JobsSetting {
  return {
    ttlSeconds: read.whole("JOB_RESULT_TTL_SECONDS", 1, 2_592_000) ?? 86_400,
    quota: read.whole("JOB_QUOTA_PER_USER", 1, 100_000) ?? 100,
  };
}
