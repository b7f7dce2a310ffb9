import assert from "node:assert/strict";
import type { LimitName } from "../../domain/execution/limits.ts";
import type { Outcome } from "../../domain/execution/outcome.ts";
import type { ExecutionRunner } from "../../domain/ports/execution_runner.ts";
import { type Changes, programNamed, programOf } from "../fixtures/programs.ts";
import { listProcesses } from "../fixtures/processes.ts";
import { run } from "./execution_runner.ts";

type LimitCase = readonly [
  program: string,
  limits: Changes["limits"],
  limit: LimitName,
  outcomes: readonly Outcome[],
];

/** A program for each limit, in each language in which it can be broken. */
const LIMITS: readonly LimitCase[] = [
  ["limits/timeout.py", { timeoutSeconds: 0.5 }, "timeout_seconds", ["timeout"]],
  ["limits/timeout.js", { timeoutSeconds: 0.5 }, "timeout_seconds", ["timeout"]],
  ["limits/timeout.sh", { timeoutSeconds: 0.5 }, "timeout_seconds", ["timeout"]],
  ["limits/cpu.py", { cpuSeconds: 1 }, "cpu_seconds", ["cpu"]],
  ["limits/cpu.js", { cpuSeconds: 1 }, "cpu_seconds", ["cpu"]],
  ["limits/cpu.sh", { cpuSeconds: 1 }, "cpu_seconds", ["cpu"]],
  ["limits/cpu_tree.py", { cpuSeconds: 1 }, "cpu_seconds", ["cpu"]],
  ["limits/memory.py", {}, "memory_mb", ["memory"]],
  ["limits/memory_at_once.py", {}, "memory_mb", ["memory"]],
  ["limits/memory_tree.py", {}, "memory_mb", ["memory"]],
  ["limits/memory_files.py", {}, "memory_mb", ["memory"]],
  ["../../security/programs/resources/memory_sockets.py", {}, "memory_mb", ["memory"]],
  ["limits/memory_tables.py", {}, "memory_mb", ["memory"]],
  ["limits/cpu_orphans.py", { cpuSeconds: 1 }, "cpu_seconds", ["cpu"]],
  ["limits/memory.js", {}, "memory_mb", ["memory"]],
  ["limits/memory_heap.js", {}, "memory_mb", ["memory"]],
  ["limits/memory.sh", {}, "memory_mb", ["memory"]],
  ["limits/processes.py", { processes: 8 }, "processes", ["nonzero"]],
  ["limits/threads.py", { processes: 8 }, "processes", ["nonzero"]],
  ["limits/processes.sh", { processes: 8, timeoutSeconds: 30 }, "processes", ["nonzero"]],
  ["limits/open_files.py", {}, "open_files", ["nonzero"]],
  ["limits/open_files.js", {}, "open_files", ["nonzero"]],
  ["limits/open_files.sh", {}, "open_files", ["nonzero"]],
  ["limits/file_size.py", {}, "file_size_mb", ["nonzero"]],
  ["limits/file_size.js", {}, "file_size_mb", ["nonzero", "signal"]],
  ["limits/file_size.sh", {}, "file_size_mb", ["nonzero"]],
  ["limits/output.py", { outputKb: 16 }, "output_kb", ["output"]],
  ["limits/output.js", { outputKb: 16 }, "output_kb", ["output"]],
  ["limits/output.sh", { outputKb: 16 }, "output_kb", ["output"]],
];

/** Programs that print one line for each thing that they should not have been able to do. */
const ESCAPES = [
  "isolation/network.py",
  "isolation/network.js",
  "isolation/network.sh",
  "isolation/privileges.py",
  "isolation/watching.py",
  "limits/memory_shared.py",
];

/** What any `ExecutionRunner` that runs real programs must hold, beyond the plain contract. */
export function executionSandboxContract(
  name: string,
  open: () => Promise<ExecutionRunner>,
): void {
  limitsContract(name, open);
  languageContract(name, open);
  pythonContract(name, open);
  isolationContract(name, open);
  neighboursContract(name, open);
}

function limitsContract(name: string, open: () => Promise<ExecutionRunner>): void {
  for (const [program, limits, limit, outcomes] of LIMITS) {
    Deno.test(`${name}: ${program} is ended and the answer names ${limit} [S14]`, async () => {
      await using runner = await open();
      const request = await programNamed(program, limits === undefined ? {} : { limits });
      const outcome = await run(runner, request);
      assert.equal(outcome.limit, limit, JSON.stringify(outcome).slice(0, 600));
      assert.ok(outcomes.includes(outcome.outcome), outcome.outcome);
      assert.notEqual(outcome.returnCode, 0);
    });
  }

  Deno.test(`${name}: output past its cap is dropped and flagged, and the program goes on [S14]`, async () => {
    await using runner = await open();
    const request = await programNamed("ordinary/chatty.py", { limits: { outputKb: 2 } });
    const outcome = await run(runner, request);
    assert.equal(outcome.outcome, "ok");
    assert.deepEqual([outcome.stdout.length, outcome.stderr.length], [2048, 2048]);
    assert.deepEqual([outcome.stdoutTruncated, outcome.stderrTruncated], [true, true]);
  });

  Deno.test(`${name}: a program that floods and leaves at once is answered [S14]`, async () => {
    await using runner = await open();
    const code = 'import os, time\ntime.sleep(0.006)\nos.write(1, b"x" * 66000)';
    for (let turn = 0; turn < 40; turn += 1) {
      const outcome = await run(runner, programOf("python", code, { limits: { outputKb: 1 } }));
      assert.ok(["ok", "output"].includes(outcome.outcome), JSON.stringify(outcome));
      assert.equal(outcome.stdoutTruncated, true);
    }
  });
}

function languageContract(name: string, open: () => Promise<ExecutionRunner>): void {
  const given = { stdin: "typed in", args: ["one", ""], environment: { GREETING: "hello" } };

  Deno.test(`${name}: python gets arguments, input and environment [S13, B5]`, async () => {
    await using runner = await open();
    const { stdout } = await run(runner, await programNamed("ordinary/surroundings.py", given));
    const expected = "['main.py', 'one', ''] typed in hello /tmp/work __main__ /tmp/work/main.py\n";
    assert.equal(stdout, expected);
  });

  Deno.test(`${name}: a Python run starts others with the packages that it has [S13]`, async () => {
    await using runner = await open();
    const { stdout, stderr } = await run(runner, await programNamed("ordinary/children.py"));
    assert.equal(stdout, "0 False True True\n", stderr);
  });

  Deno.test(`${name}: javascript gets arguments, input, environment and files [S13, B5]`, async () => {
    await using runner = await open();
    const { stdout } = await run(runner, await programNamed("ordinary/surroundings.js", given));
    assert.equal(stdout, '[ "one", "" ] typed in hello /tmp/work\nwritten\n');
  });

  Deno.test(`${name}: bash gets arguments, input and environment [S13, B5]`, async () => {
    await using runner = await open();
    const { stdout } = await run(runner, await programNamed("ordinary/surroundings.sh", given));
    assert.equal(stdout, "one||typed in|hello|/tmp/work\n");
  });
}

function pythonContract(name: string, open: () => Promise<ExecutionRunner>): void {
  Deno.test(`${name}: a python run ends as the interpreter would end it [S13]`, async () => {
    await using runner = await open();
    const { stdout, stderr } = await run(runner, await programNamed("ordinary/endings.py"));
    const expected = "main done\nthread done\nexit function called\n";
    assert.deepEqual([stdout, stderr], [`${expected}finaliser called\nfile flushed\n`, ""]);
  });

  Deno.test(`${name}: an uncaught exception shows only the program's own frames [S13]`, async () => {
    await using runner = await open();
    const outcome = await run(runner, programOf("python", "def f():\n    1 / 0\nf()\n"));
    assert.deepEqual([outcome.outcome, outcome.returnCode], ["nonzero", 1]);
    assert.match(outcome.stderr, /^Traceback .*\n {2}File "\/tmp\/work\/main.py", line 3, in <mod/);
    assert.match(outcome.stderr, /ZeroDivisionError: division by zero\n$/);
    assert.equal(outcome.stderr.includes("sandbox"), false);
  });

  Deno.test(`${name}: a program can be told to end [S13]`, async () => {
    await using runner = await open();
    const outcome = await run(runner, await programNamed("ordinary/terminate.py"));
    assert.deepEqual([outcome.stdout, outcome.signal], ["-15 True\n", "SIGTERM"]);
  });

  Deno.test(`${name}: an interrupted program's output is kept [S13]`, async () => {
    await using runner = await open();
    const outcome = await run(runner, await programNamed("ordinary/interrupted.py"));
    const { stdout, signal, returnCode } = outcome;
    assert.equal(stdout, "written before\nexit function called\n");
    assert.deepEqual([signal, returnCode], ["SIGINT", 130]);
  });

  Deno.test(`${name}: a program that breaks its interpreter still ends cleanly [S15]`, async () => {
    await using runner = await open();
    const outcome = await run(runner, await programNamed("ordinary/vandal.py"));
    assert.deepEqual([outcome.outcome, outcome.stdout], ["ok", "written before\n"], outcome.stderr);
  });

  Deno.test(`${name}: a signal is told by its name [S13]`, async () => {
    await using runner = await open();
    const outcome = await run(runner, programOf("python", "import os; os.kill(os.getpid(), 11)"));
    const { signal, returnCode } = outcome;
    assert.deepEqual([outcome.outcome, signal, returnCode], ["signal", "SIGSEGV", 139]);
  });

  Deno.test(`${name}: a program of one mebibyte runs [S13]`, async () => {
    const code = "x = 1\n" + "#".repeat(1_048_576 - 6 - 9) + "\nprint(x)";
    await using runner = await open();
    const { stdout } = await run(runner, programOf("python", code));
    assert.equal(stdout, "1\n");
  });
}

function isolationContract(name: string, open: () => Promise<ExecutionRunner>): void {
  for (const program of ESCAPES) {
    Deno.test(`${name}: ${program} gets nothing [S15]`, async () => {
      await using runner = await open();
      const outcome = await run(runner, await programNamed(program));
      assert.deepEqual([outcome.stdout, outcome.outcome], ["", "ok"], outcome.stderr);
    });
  }

  Deno.test(`${name}: a run sees nothing of the service's environment [S15]`, async () => {
    await using runner = await open();
    const { stdout } = await run(runner, await programNamed("isolation/environment.py"));
    const lines = stdout.split("\n");
    assert.equal(lines[0], "HOME LANG LOGNAME PATH TMPDIR USER");
    assert.equal(/token|secret|JWT|broker/i.test(stdout), false, stdout);
    assert.equal(stdout.includes(Deno.cwd()), false, stdout);
  });

  Deno.test(`${name}: a run's frames show no path of the host [S15]`, async () => {
    await using runner = await open();
    const { stdout } = await run(runner, await programNamed("isolation/frames.py"));
    assert.match(stdout, /main.py/);
    assert.equal(stdout.includes(`${Deno.cwd()}/`), false, stdout);
    assert.equal(/broker.py|node_modules|adapters/.test(stdout), false, stdout);
  });

  Deno.test(`${name}: a run sees no host file but the interpreter's [S15]`, async () => {
    await using runner = await open();
    const { stdout } = await run(runner, await programNamed("isolation/host_files.py"));
    const own =
      /^(unexpected: \[\]|etc: (passwd|group|hosts|nsswitch.conf|ld.so.cache|localtime|mime.types))$/;
    const links = /^etc: [\w.+-]+$/;
    const odd = stdout.trim().split("\n").filter((line) => !own.test(line) && !links.test(line));
    assert.deepEqual(odd, []);
    assert.equal(/shadow|ssh|sudoers/.test(stdout), false);
  });

  Deno.test(`${name}: a run sees and reaches no process but its own [S15]`, async () => {
    await using runner = await open();
    const { stdout } = await run(runner, await programNamed("isolation/processes.py"));
    assert.equal(stdout, "seen: 1 2\nreached: []\n");
  });
}

function neighboursContract(name: string, open: () => Promise<ExecutionRunner>): void {
  Deno.test(`${name}: two runs at once cannot see each other [S15]`, async () => {
    await using runner = await open();
    const mark = async (which: string) =>
      run(runner, await programNamed("isolation/neighbour.py", { args: [which] }));
    const [left, right] = await Promise.all([mark("left"), mark("right")]);
    assert.equal(left.stdout, "['mark-left']\n['1', '2']\n");
    assert.equal(right.stdout, "['mark-right']\n['1', '2']\n");
  });

  Deno.test(`${name}: a daemon is dead when the answer arrives [S15]`, async () => {
    await using runner = await open();
    const mark = `31.${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    const daemon = await programNamed("isolation/daemon.py", { args: [mark] });
    const outcome = await run(runner, daemon);
    const living = (await listProcesses()).filter(({ dead, command }) =>
      !dead && command.includes(mark)
    );
    assert.deepEqual([outcome.stdout, living], ["daemon runs\nparent done\n", []]);
  });

  Deno.test(`${name}: 50 runs share no randomness and no temporary name [S15]`, async () => {
    await using runner = await open();
    const request = await programNamed("isolation/chance.py");
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => run(runner, request)));
    for (const column of [0, 1, 2, 3, 4]) {
      const words = new Set(outcomes.map(({ stdout }) => stdout.trim().split(" ")[column]));
      assert.equal(words.size, 50, `column ${column}`);
    }
  });
}
