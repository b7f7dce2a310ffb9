import type { ExecutionLimits, LimitName } from "./limits.ts";
import type { Outcome } from "./outcome.ts";

/** What brought a run to its end, as the sandbox saw it. */
export type EndCause = "itself" | "timeout" | "cpu" | "memory" | "output" | "order";

/** The bare facts of an ended run. */
export interface Ending {
  readonly cause: EndCause;
  /** The exit code, when the program exited; else `null`. */
  readonly exitCode: number | null;
  /** The number of the signal that ended it; else `null`. */
  readonly signalNumber: number | null;
  /** The most memory that the whole tree was seen to hold, in bytes. */
  readonly accountedPeakBytes: number;
  /** The end of the program's standard error. */
  readonly lastWords: string;
}

/** The part of an outcome that says how the run ended. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly returnCode: number;
  readonly signal: string | null;
  readonly limit: LimitName | null;
}

const SIGNALS = [
  ..."HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD".split(" "),
  ..."CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS".split(" "),
];
const TIMEOUT_CODE = 124;
const SIGNAL_BASE = 128;

/** A heap that ends its own process near this share of the limit was ended by the limit. */
const NEAR_LIMIT = 0.75;
const ABORTS = new Set(["SIGABRT", "SIGTRAP", "SIGKILL", "SIGSEGV", "SIGBUS"]);

/**
 * What a *failing* program says when it meets a limit: the runtimes' own words and the standard
 * texts of the errors that the kernel answers. A program can only lie about its own failure.
 */
const LAST_WORDS: readonly (readonly [RegExp, LimitName])[] = [
  [
    /^MemoryError\b|JavaScript out of memory|allocation failed|annot allocate(?! new file descriptor)/m,
    "memory_mb",
  ],
  [/No space left on device|\bENOSPC\b/, "memory_mb"],
  [/Too many open files|: Error 24$|\bEMFILE\b/m, "open_files"],
  [/File too large|File size limit exceeded|\bEFBIG\b/, "file_size_mb"],
  [/fork(?:.*\n){0,3}?.*Resource temporarily unavailable|can't start new thread/, "processes"],
];

/** How many characters of standard error are worth showing to {@link judge}. */
export const LAST_WORDS_LENGTH = 2048;

/** Tells how a run ended and which limit, if any, ended it. */
export function judge(ending: Ending, limits: ExecutionLimits): Verdict {
  switch (ending.cause) {
    case "timeout":
      return verdict("timeout", TIMEOUT_CODE, null, "timeout_seconds");
    case "cpu":
      return killed("cpu", "cpu_seconds");
    case "memory":
      return killed("memory", "memory_mb");
    case "output":
      return killed("output", "output_kb");
    case "order":
      return killed("cancelled", null);
    case "itself":
      return judgeOwnEnd(ending, limits);
  }
}

/** The name of a signal, `SIGRTMIN+n` style left aside: unknown numbers are given as they are. */
export function signalName(number: number): string {
  return `SIG${SIGNALS[number - 1] ?? number}`;
}

function judgeOwnEnd(ending: Ending, limits: ExecutionLimits): Verdict {
  if (ending.exitCode === 0) return verdict("ok", 0, null, null);
  const number = ending.signalNumber;
  const signal = number === null ? null : signalName(number);
  const code = number === null ? ending.exitCode ?? 0 : SIGNAL_BASE + number;
  const limit = limitOf(ending, limits, signal ?? shellSignal(code));
  if (limit === "memory_mb") return verdict("memory", code, signal, limit);
  if (limit === "cpu_seconds") return verdict("cpu", code, signal, limit);
  return verdict(signal === null ? "nonzero" : "signal", code, signal, limit);
}

/** A shell reports the signal that ended its last command as 128 + n. */
function shellSignal(code: number): string | null {
  return code > SIGNAL_BASE ? signalName(code - SIGNAL_BASE) : null;
}

function limitOf(
  ending: Ending,
  limits: ExecutionLimits,
  signal: string | null,
): LimitName | null {
  if (signal === "SIGXCPU") return "cpu_seconds";
  if (signal === "SIGXFSZ") return "file_size_mb";
  const heap = ending.accountedPeakBytes / (limits.memoryMb * 1024 * 1024);
  if (signal !== null && ABORTS.has(signal) && heap >= NEAR_LIMIT) return "memory_mb";
  const words = ending.lastWords.slice(-LAST_WORDS_LENGTH);
  return LAST_WORDS.find(([pattern]) => pattern.test(words))?.[1] ?? null;
}

function killed(outcome: Outcome, limit: LimitName | null): Verdict {
  return verdict(outcome, SIGNAL_BASE + 9, "SIGKILL", limit);
}

function verdict(
  outcome: Outcome,
  returnCode: number,
  signal: string | null,
  limit: LimitName | null,
): Verdict {
  return { outcome, returnCode, signal, limit };
}
