import { readdir, statfs } from "node:fs/promises";
import { cpus, freemem, loadavg, totalmem } from "node:os";
import type { Clock } from "../../domain/ports/clock.ts";
import { SecondsWindow } from "./seconds_window.ts";

/** How the machine and the process were when last looked at. */
export interface SystemSample {
  /** Busy share of all processors since the look before, 0 to 100; 0 at the first look. */
  readonly cpuPercent: number;
  readonly memoryUsedBytes: number;
  /** 0 to 100. */
  readonly memoryPercent: number;
  /** Of the file system that holds the data folder, as `df` counts it, 0 to 100. */
  readonly diskPercent: number;
  /** Over 1, 5 and 15 minutes. */
  readonly loadAverage: readonly [number, number, number];
  /** Descriptors open in this process; `null` where nobody may count them. */
  readonly openDescriptors: number | null;
}

/** What a {@link SystemSampler} works with. */
export interface SystemSamplerParts {
  readonly clock: Clock;
  /** A path on the file system whose use is reported. */
  readonly dataDir: string;
  /**
   * Counts the descriptors open in this process. Left out, `/proc/self/fd` is read, which Deno
   * allows only to a process with every permission; a narrower one needs a helper that counts.
   */
  readonly countDescriptors?: () => Promise<number>;
  /** Default 5000. */
  readonly intervalMs?: number;
}

/** Time that all processors spent, in the kernel's ticks. */
export interface CpuTimes {
  readonly busy: number;
  readonly total: number;
}

const LAG_PERIOD_MS = 100;
const LAG_WINDOW_SECONDS = 10;

const UNSEEN: SystemSample = {
  cpuPercent: 0,
  memoryUsedBytes: 0,
  memoryPercent: 0,
  diskPercent: 0,
  loadAverage: [0, 0, 0],
  openDescriptors: null,
};

/**
 * Looks at the machine in the background, so that a scrape only reads what is already known.
 *
 * Needs `--allow-sys=cpus,systemMemoryInfo,loadavg,statfs` and `--allow-read` on `dataDir`. A look
 * that fails or is not permitted leaves its value as it was and never throws. The timers keep no
 * process alive.
 */
export class SystemSampler implements AsyncDisposable {
  readonly #parts: SystemSamplerParts;
  readonly #lag = new SecondsWindow(LAG_WINDOW_SECONDS, Math.max);
  readonly #timers: readonly ReturnType<typeof setInterval>[];
  #sample = UNSEEN;
  #cpu: CpuTimes | null = null;
  #pending: Promise<void>;
  #looking = false;
  #lastTick: number;

  /** Takes the first look at once; `refreshed()` tells when it is done. */
  constructor(parts: SystemSamplerParts) {
    this.#parts = parts;
    this.#lastTick = parts.clock.monotonic();
    this.#pending = this.#look();
    this.#timers = [
      setInterval(() => this.#refresh(), parts.intervalMs ?? 5000),
      setInterval(() => this.#tick(), LAG_PERIOD_MS),
    ];
    for (const timer of this.#timers) Deno.unrefTimer(timer);
  }

  /** The newest sample. */
  current(): SystemSample {
    return this.#sample;
  }

  /** The longest the event loop was late within the last 10 s, in seconds. */
  eventLoopLagSeconds(): number {
    // A scrape that follows a stall is served before the late timer has told of it.
    const now = this.#parts.clock.monotonic();
    return Math.max(this.#lag.total(now), lagSeconds(this.#lastTick, now));
  }

  /** Resolves once the look that is under way, if any, has ended. */
  refreshed(): Promise<void> {
    return this.#pending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#pending;
  }

  #refresh(): void {
    // A file system that hangs must not gather a queue of looks behind it.
    if (!this.#looking) this.#pending = this.#look();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    this.#lookAtMachine();
    const [disk, descriptors] = await Promise.allSettled([
      diskPercent(this.#parts.dataDir),
      countDescriptors(this.#parts),
    ]);
    const before = this.#sample;
    this.#sample = {
      ...before,
      diskPercent: disk.status === "fulfilled" ? disk.value : before.diskPercent,
      openDescriptors: descriptors.status === "fulfilled"
        ? descriptors.value
        : before.openDescriptors,
    };
    this.#looking = false;
  }

  #lookAtMachine(): void {
    const before = this.#sample;
    const cpu = attempt(cpuTimes);
    const cpuPercent = cpu === null ? before.cpuPercent : busyPercent(this.#cpu, cpu);
    this.#cpu = cpu;
    const { memoryUsedBytes, memoryPercent } = attempt(memoryUse) ?? before;
    const loadAverage = attempt(loadAverages) ?? before.loadAverage;
    this.#sample = { ...before, cpuPercent, memoryUsedBytes, memoryPercent, loadAverage };
  }

  #tick(): void {
    const now = this.#parts.clock.monotonic();
    this.#lag.add(lagSeconds(this.#lastTick, now), now);
    this.#lastTick = now;
  }
}

/** The busy share of the time between two looks, 0 to 100; 0 without a first one. */
export function busyPercent(before: CpuTimes | null, after: CpuTimes): number {
  if (before === null || after.total <= before.total) return 0;
  const share = (after.busy - before.busy) / (after.total - before.total);
  return Math.min(100, Math.max(0, share * 100));
}

function lagSeconds(lastTickMs: number, nowMs: number): number {
  return Math.max(0, nowMs - lastTickMs - LAG_PERIOD_MS) / 1000;
}

function attempt<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}

function cpuTimes(): CpuTimes {
  const times = cpus().map((cpu) => cpu.times);
  const idle = times.reduce((sum, time) => sum + time.idle, 0);
  const busy = times.reduce((sum, time) => sum + time.user + time.nice + time.sys + time.irq, 0);
  return { busy, total: busy + idle };
}

function memoryUse(): Pick<SystemSample, "memoryUsedBytes" | "memoryPercent"> {
  const total = totalmem();
  // Deno's `freemem` is what the kernel calls available: caches that can be given back are free.
  const memoryUsedBytes = total - freemem();
  return { memoryUsedBytes, memoryPercent: (100 * memoryUsedBytes) / total };
}

function loadAverages(): SystemSample["loadAverage"] {
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return [one, five, fifteen];
}

async function diskPercent(path: string): Promise<number> {
  const { blocks, bfree, bavail } = await statfs(path);
  const used = blocks - bfree;
  // Blocks kept for root count neither as used nor as available.
  return used + bavail === 0 ? 0 : (100 * used) / (used + bavail);
}

async function countDescriptors(parts: SystemSamplerParts): Promise<number> {
  if (parts.countDescriptors !== undefined) return await parts.countDescriptors();
  // Listing the folder opens one more descriptor.
  return (await readdir("/proc/self/fd")).length - 1;
}
