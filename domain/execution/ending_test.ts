import assert from "node:assert/strict";
import { type Ending, judge, signalName, type Verdict } from "./ending.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

const CLEAN: Ending = {
  cause: "itself",
  exitCode: 0,
  signalNumber: null,
  accountedPeakBytes: 0,
  lastWords: "",
};
const MIB = 1024 * 1024;

function verdict(
  ...[outcome, returnCode, signal, limit]: [
    Verdict["outcome"],
    number,
    Verdict["signal"],
    Verdict["limit"],
  ]
): Verdict {
  return { outcome, returnCode, signal, limit };
}

const exit = (exitCode: number, rest: Partial<Ending> = {}) => ({ ...CLEAN, exitCode, ...rest });
const died = (signalNumber: number, rest: Partial<Ending> = {}) => ({
  ...CLEAN,
  exitCode: null,
  signalNumber,
  ...rest,
});

const CASES: readonly (readonly [what: string, ending: Ending, expected: Verdict])[] = [
  ["a clean exit", CLEAN, verdict("ok", 0, null, null)],
  [
    "a clean exit that spoke of memory",
    exit(0, { lastWords: "MemoryError" }),
    verdict("ok", 0, null, null),
  ],
  ["an exit code", exit(3), verdict("nonzero", 3, null, null)],
  ["a signal", died(11), verdict("signal", 139, "SIGSEGV", null)],
  ["the timeout", died(9, { cause: "timeout" }), verdict("timeout", 124, null, "timeout_seconds")],
  ["the CPU limit", died(9, { cause: "cpu" }), verdict("cpu", 137, "SIGKILL", "cpu_seconds")],
  [
    "the memory limit",
    died(9, { cause: "memory" }),
    verdict("memory", 137, "SIGKILL", "memory_mb"),
  ],
  ["a flood", died(9, { cause: "output" }), verdict("output", 137, "SIGKILL", "output_kb")],
  ["the kernel's CPU limit", died(24), verdict("cpu", 152, "SIGXCPU", "cpu_seconds")],
  ["the same through a shell", exit(152), verdict("cpu", 152, null, "cpu_seconds")],
  ["the kernel's file limit", died(25), verdict("signal", 153, "SIGXFSZ", "file_size_mb")],
  ["the same through a shell", exit(153), verdict("nonzero", 153, null, "file_size_mb")],
  [
    "python out of memory",
    exit(1, { lastWords: "Traceback\nMemoryError\n" }),
    verdict("memory", 1, null, "memory_mb"),
  ],
  [
    "V8 out of memory, by its words",
    died(5, { lastWords: "# Fatal JavaScript out of memory: CALL_AND_RETRY_LAST" }),
    verdict("memory", 133, "SIGTRAP", "memory_mb"),
  ],
  [
    "an abort near the memory limit",
    died(6, { accountedPeakBytes: 100 * MIB }),
    verdict("memory", 134, "SIGABRT", "memory_mb"),
  ],
  [
    "an abort far from the memory limit",
    died(6, { accountedPeakBytes: 10 * MIB }),
    verdict("signal", 134, "SIGABRT", null),
  ],
  [
    "too many descriptors",
    exit(1, { lastWords: "OSError: [Errno 24] Too many open files: 'x'" }),
    verdict("nonzero", 1, null, "open_files"),
  ],
  [
    "bash's want of descriptors, which it tells in the words of another want",
    exit(1, {
      lastWords: "main.sh: cannot allocate new file descriptor for bash input from fd 63: " +
        "Too many open files\n",
    }),
    verdict("nonzero", 1, null, "open_files"),
  ],
  [
    "a read that would block, which is no limit",
    exit(1, { lastWords: "BlockingIOError: [Errno 11] Resource temporarily unavailable" }),
    verdict("nonzero", 1, null, null),
  ],
  [
    "python's refused fork",
    exit(1, {
      lastWords: "  p = os.fork()\n        ^^^^\nBlockingIOError: [Errno 11] " +
        "Resource temporarily unavailable\n",
    }),
    verdict("nonzero", 1, null, "processes"),
  ],
  [
    "too many processes",
    exit(254, { lastWords: "bash: fork: Resource temporarily unavailable" }),
    verdict("nonzero", 254, null, "processes"),
  ],
];

for (const [what, ending, expected] of CASES) {
  Deno.test(`judge() tells ${what} [S14]`, () => {
    assert.deepEqual(judge(ending, DEFAULT_LIMITS), expected);
  });
}

Deno.test("signalName() knows the kernel's numbers [S13]", () => {
  const names = [1, 9, 15, 17, 24, 25, 31, 40].map(signalName);
  const known = ["SIGHUP", "SIGKILL", "SIGTERM", "SIGCHLD", "SIGXCPU", "SIGXFSZ", "SIGSYS"];
  assert.deepEqual(names, [...known, "SIG40"]);
});
