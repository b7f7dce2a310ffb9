import type { BreakerPolicy } from "../domain/resilience/breaker_policy.ts";
import type { RetryPolicy } from "../domain/resilience/retry.ts";
import type { SettingReader } from "./setting_reader.ts";

/** Settings that say what is done about parts that fail. */
export const RESILIENCE_NAMES = [
  "RETRY_ATTEMPTS",
  "RETRY_MIN_SECONDS",
  "RETRY_MAX_SECONDS",
  "BREAKER_READ",
  "BREAKER_WRITE",
] as const;

type Reader = SettingReader<(typeof RESILIENCE_NAMES)[number]>;

/** When a breaker opens and closes, as far as it can be set. */
export type BreakerSetting = Pick<
  BreakerPolicy,
  "failureThreshold" | "successThreshold" | "timeoutSeconds"
>;

/** What those settings say. */
export interface ResilienceSetting {
  readonly retry: RetryPolicy;
  /** The breakers before reading and writing the graph. */
  readonly breakers: { readonly read: BreakerSetting; readonly write: BreakerSetting };
}

/** Reads them. */
export function resilienceSetting(read: Reader): ResilienceSetting {
  return {
    retry: {
      attempts: read.whole("RETRY_ATTEMPTS", 1, 10) ?? 3,
      minSeconds: seconds(read, "RETRY_MIN_SECONDS") ?? 0.2,
      maxSeconds: seconds(read, "RETRY_MAX_SECONDS") ?? 10,
    },
    breakers: {
      read: breaker(read, "BREAKER_READ") ??
        { failureThreshold: 5, successThreshold: 2, timeoutSeconds: 30 },
      write: breaker(read, "BREAKER_WRITE") ??
        { failureThreshold: 3, successThreshold: 2, timeoutSeconds: 60 },
    },
  };
}

/** What is wrong with them together. */
export function resilienceFaults({ retry }: ResilienceSetting): string[] {
  const { minSeconds, maxSeconds } = retry;
  if (minSeconds <= maxSeconds) return [];
  return [
    `RETRY_MIN_SECONDS must be at most RETRY_MAX_SECONDS, found ${minSeconds} and ${maxSeconds}`,
  ];
}

const SECONDS = "a number of seconds from 0.01 to 60";
const BREAKER = "FAILURES/SUCCESSES/SECONDS such as '5/2/30': 1 to 1000, 1 to 100, 0.1 to 3600";

function seconds(read: Reader, name: "RETRY_MIN_SECONDS" | "RETRY_MAX_SECONDS"): number | null {
  const fits = (text: string) => isBetween(text, 0.01, 60);
  const text = read.text(name, fits, SECONDS);
  return text === null ? null : Number(text);
}

function breaker(read: Reader, name: "BREAKER_READ" | "BREAKER_WRITE"): BreakerSetting | null {
  const text = read.text(name, (text) => breakerOf(text) !== null, BREAKER);
  return text === null ? null : breakerOf(text);
}

function breakerOf(text: string): BreakerSetting | null {
  const [failures = "", successes = "", timeout = "", ...rest] = text.split("/");
  const fits = rest.length === 0 && isWhole(failures) && isBetween(failures, 1, 1000) &&
    isWhole(successes) && isBetween(successes, 1, 100) && isBetween(timeout, 0.1, 3600);
  if (!fits) return null;
  return {
    failureThreshold: Number(failures),
    successThreshold: Number(successes),
    timeoutSeconds: Number(timeout),
  };
}

function isWhole(text: string): boolean {
  return /^\d+$/.test(text);
}

function isBetween(text: string, from: number, to: number): boolean {
  return /^\d{1,6}(\.\d{1,6})?$/.test(text) && Number(text) >= from && Number(text) <= to;
}
