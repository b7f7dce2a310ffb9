import { ensureWithinLimits } from "../input/limits.ts";

/** The bounds of one run. All are whole numbers but `timeoutSeconds` and `cpuSeconds`. */
export interface ExecutionLimits {
  /** Wall-clock time, in seconds. */
  readonly timeoutSeconds: number;
  /** Memory of the whole process tree with its temporary files, in MiB. */
  readonly memoryMb: number;
  /** CPU time of the whole process tree, in seconds. */
  readonly cpuSeconds: number;
  /** Processes and threads alive at once. */
  readonly processes: number;
  /** Open descriptors of one process. */
  readonly openFiles: number;
  /** Size of one file, in MiB. */
  readonly fileSizeMb: number;
  /**
   * Bytes kept of each of standard output and standard error, in KiB. What is past it is dropped; a
   * program that writes 64 times as much is ended.
   */
  readonly outputKb: number;
}

/** Every limit by its name in requests and answers. */
export const LIMIT_NAMES = [
  "timeout_seconds",
  "memory_mb",
  "cpu_seconds",
  "processes",
  "open_files",
  "file_size_mb",
  "output_kb",
] as const;

/** The name of a limit as it stands in requests and answers. */
export type LimitName = (typeof LIMIT_NAMES)[number];

/** What a caller may leave out. */
export type RequestedLimits = { readonly [K in keyof ExecutionLimits]?: number | undefined };

interface LimitRule {
  readonly name: LimitName;
  readonly pointer: string;
  readonly fallback: number;
  readonly minimum: number;
  readonly whole: boolean;
}

const RULES: { readonly [K in keyof ExecutionLimits]: LimitRule } = {
  timeoutSeconds: rule("timeout_seconds", "/timeout_seconds", 8, 0.5, false),
  memoryMb: rule("memory_mb", "/limits/memory_mb", 128, 1, true),
  cpuSeconds: rule("cpu_seconds", "/limits/cpu_seconds", 30, 1, false),
  processes: rule("processes", "/limits/processes", 32, 1, true),
  openFiles: rule("open_files", "/limits/open_files", 64, 1, true),
  fileSizeMb: rule("file_size_mb", "/limits/file_size_mb", 10, 1, true),
  outputKb: rule("output_kb", "/limits/output_kb", 1024, 1, true),
};

function rule(
  name: LimitName,
  pointer: string,
  fallback: number,
  minimum: number,
  whole: boolean,
): LimitRule {
  return { name, pointer, fallback, minimum, whole };
}

const KEYS = Object.keys(RULES) as (keyof ExecutionLimits)[];

/** What a run gets that asks for nothing else. */
export const DEFAULT_LIMITS: ExecutionLimits = collect((key) => RULES[key].fallback);

/** The least that may be asked for. */
export const MINIMUM_LIMITS: ExecutionLimits = collect((key) => RULES[key].minimum);

/** Whether a limit takes whole numbers only. */
export function isWholeLimit(key: keyof ExecutionLimits): boolean {
  return RULES[key].whole;
}

function collect(limitOf: (key: keyof ExecutionLimits) => number): ExecutionLimits {
  const limit = (key: keyof ExecutionLimits) => ({ [key]: limitOf(key) });
  return Object.assign({}, ...KEYS.map(limit));
}

/**
 * Fills in defaults and holds each limit against the operator's ceiling.
 *
 * A default above its ceiling becomes the ceiling: only what a caller asked for is ever refused.
 *
 * @throws {DomainError} `validation_failed` naming every limit out of bounds at once.
 */
export function resolveLimits(
  requested: RequestedLimits,
  ceilings: ExecutionLimits,
): ExecutionLimits {
  ensureWithinLimits(KEYS.flatMap((key) => {
    const { pointer, minimum, whole } = RULES[key];
    const value = requested[key];
    if (value === undefined) return [];
    return [{ pointer, value, minimum, maximum: ceilings[key], whole }];
  }));
  return collect((key) => requested[key] ?? Math.min(RULES[key].fallback, ceilings[key]));
}
