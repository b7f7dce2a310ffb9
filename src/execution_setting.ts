import type { FileCaps } from "../domain/execution/file_paths.ts";
import type { ExecutionLimits } from "../domain/execution/limits.ts";
import { CODE_POLICIES, type CodePolicy } from "../domain/policy/finding.ts";
import type { SettingReader } from "./setting_reader.ts";

/** Settings that say what runs may have. */
export const EXECUTION_NAMES = [
  "CODE_POLICY",
  "EXECUTION_CONCURRENCY",
  "EXECUTION_QUEUE",
  "EXECUTION_PER_USER",
  "EXECUTION_MAX_MEMORY_MB",
  "EXECUTION_MAX_CPU_SECONDS",
  "EXECUTION_MAX_PROCESSES",
  "EXECUTION_MAX_FILES_MB",
  "EXECUTION_MAX_FILES",
  "EXECUTION_MAX_FILES_OUT_MB",
  "EXECUTION_MAX_OUTPUT_KB",
] as const;

/** What those settings say. */
export interface ExecutionSetting {
  /** Runs at once. */
  readonly concurrency: number;
  /** Runs waiting. */
  readonly queue: number;
  /** Runs that one user may have in hand, waiting ones among them. */
  readonly perUser: number;
  /** Sum of the memory limits of the runs at once, in MiB. */
  readonly memoryMb: number;
  readonly ceilings: ExecutionLimits;
  readonly fileCaps: FileCaps;
  /** What is done about what the policy finds in Python programs. */
  readonly policy: CodePolicy;
}

const MIB = 1024 * 1024;
const MEMORY_SHARE = 0.7;
const OPEN_FILES_CEILING = 1024;
const TIMEOUT_CEILING_SECONDS = 60;

/** Reads them; defaults and bounds follow from the machine. */
export function executionSetting(
  read: SettingReader<(typeof EXECUTION_NAMES)[number]>,
  facts: { readonly cpus: number; readonly totalMemoryBytes: number },
): ExecutionSetting {
  const machineMb = Math.max(1, Math.floor(facts.totalMemoryBytes / MIB));
  const concurrency = read.whole("EXECUTION_CONCURRENCY", 1, 1024) ?? Math.min(facts.cpus, 4) * 2;
  const queue = read.whole("EXECUTION_QUEUE", 0, 100_000) ?? 200;
  return {
    policy: read.choice("CODE_POLICY", CODE_POLICIES) ?? "warn",
    concurrency,
    queue,
    // Half of all places: nobody alone can keep everyone else out.
    perUser: read.whole("EXECUTION_PER_USER", 1, 101_024) ?? Math.ceil((concurrency + queue) / 2),
    memoryMb: Math.max(1, Math.floor(machineMb * MEMORY_SHARE)),
    ceilings: {
      timeoutSeconds: TIMEOUT_CEILING_SECONDS,
      memoryMb: read.whole("EXECUTION_MAX_MEMORY_MB", 1, machineMb) ?? Math.min(1024, machineMb),
      cpuSeconds: read.whole("EXECUTION_MAX_CPU_SECONDS", 1, 3600) ?? 60,
      processes: read.whole("EXECUTION_MAX_PROCESSES", 1, 32_768) ?? 128,
      openFiles: OPEN_FILES_CEILING,
      fileSizeMb: read.whole("EXECUTION_MAX_FILES_MB", 1, 65_536) ?? 16,
      outputKb: read.whole("EXECUTION_MAX_OUTPUT_KB", 1, 65_536) ?? 8192,
    },
    fileCaps: {
      maxFiles: read.whole("EXECUTION_MAX_FILES", 0, 1000) ?? 100,
      maxOutputBytes: (read.whole("EXECUTION_MAX_FILES_OUT_MB", 0, 64) ?? 8) * MIB,
    },
  };
}
