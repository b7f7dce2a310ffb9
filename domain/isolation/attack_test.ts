import assert from "node:assert/strict";
import { CEILINGS } from "../../tests/fixtures/ceilings.ts";
import { DEFAULT_LIMITS } from "../execution/limits.ts";
import type { ExecutionOutcome } from "../execution/outcome.ts";
import { judgeAttack, lackOf, parseAttack, requestOf } from "./attack.ts";

const HEADER = "# tries: to do harm\n# layer: seccomp\n";

function ended(changes: Partial<ExecutionOutcome> = {}): ExecutionOutcome {
  return {
    outcome: "ok",
    returnCode: 0,
    signal: null,
    limit: null,
    stdout: "",
    stderr: "",
    stdoutTruncated: false,
    stderrTruncated: false,
    durationSeconds: 0,
    cpuSeconds: 0,
    memoryPeakBytes: 0,
    files: [],
    omittedFiles: [],
    omittedFileCount: 0,
    isolation: { runner: "any", layers: [], missing: [] },
    ...changes,
  };
}

Deno.test("parseAttack() reads the header and fills in what it leaves out [B10]", () => {
  const code = `${HEADER}print(1)\n# runs: 2\n`;
  assert.deepEqual(parseAttack("network/a.py", code), {
    name: "network/a.py",
    code,
    language: "python",
    tries: "to do harm",
    layer: "seccomp",
    outcomes: ["ok"],
    limit: null,
    limits: {},
    runs: 1,
    atOnce: 1,
  });
});

Deno.test("parseAttack() reads every header, in any order and behind either mark [B10]", () => {
  const code = "// limits: timeout_seconds=0.5 memory_mb=64\n// at-once: 3\n// runs: 2\n" +
    "// limit: memory_mb\n// outcome: memory|timeout\n// layer: rlimits\n// tries: to do harm\n";
  const attack = parseAttack("resources/a.js", code);
  assert.deepEqual([attack.language, attack.layer, attack.tries], [
    "javascript",
    "rlimits",
    "to do harm",
  ]);
  assert.deepEqual(attack.outcomes, ["memory", "timeout"]);
  assert.deepEqual([attack.limit, attack.runs, attack.atOnce], ["memory_mb", 2, 3]);
  assert.deepEqual(attack.limits, { timeoutSeconds: 0.5, memoryMb: 64 });
});

const BAD: readonly (readonly [name: string, code: string, what: string])[] = [
  ["a.py", "print(1)", "the header 'tries' is missing"],
  ["a.py", "# tries: it\n", "the header 'layer' is missing"],
  ["a.rb", HEADER, "it ends in none of .py, .js, .sh"],
  ["a.py", `${HEADER}# layers: two\n`, "there is no header 'layers'"],
  ["a.py", `${HEADER}# layer: rlimits\n`, "the header 'layer' stands twice"],
  [
    "a.py",
    `${HEADER}# outcome: fine\n`,
    "'fine' is none of ok, nonzero, signal, timeout, memory, cpu, output, cancelled",
  ],
  ["a.py", `${HEADER}# runs: 0\n`, "'0' is no number from 1 to 99"],
  ["a.py", `${HEADER}# limits: memory=64\n`, "'memory=64' sets no limit"],
  ["a.py", `${HEADER}# limits: memory_mb\n`, "'memory_mb' sets no limit"],
];

for (const [name, code, what] of BAD) {
  Deno.test(`parseAttack() refuses a file: ${what} [B10]`, () => {
    assert.throws(() => parseAttack(name, code), {
      message: `Cannot read the attack '${name}': ${what}`,
    });
  });
}

Deno.test("requestOf() keeps what an attack asks for, and the rest below the ceilings [B10]", () => {
  const attack = parseAttack("a.py", `${HEADER}# limits: timeout_seconds=0.5\n`);
  const { limits, language, code } = requestOf(attack, { ...CEILINGS, memoryMb: 64 });
  assert.deepEqual([language, code], ["python", attack.code]);
  assert.deepEqual(limits, { ...DEFAULT_LIMITS, memoryMb: 64, timeoutSeconds: 0.5 });
});

Deno.test("lackOf() tells what an attack asks for above a ceiling [B10]", () => {
  const attack = parseAttack("a.py", `${HEADER}# limits: memory_mb=65 processes=8\n`);
  assert.equal(lackOf(attack, CEILINGS), null);
  const lack = lackOf(attack, { ...CEILINGS, memoryMb: 64 });
  assert.equal(lack, "it needs memoryMb 65, the ceiling is 64");
});

Deno.test("judgeAttack() finds what a program got, wherever it says so [B10]", () => {
  const attack = parseAttack("a.py", HEADER);
  assert.equal(judgeAttack(attack, ended()), null);
  assert.equal(judgeAttack(attack, ended({ stdout: "no BREACH: here\n" })), null);
  const stdout = "first\nBREACH: a socket\nBREACH: another\n";
  assert.equal(judgeAttack(attack, ended({ stdout, outcome: "timeout" })), "a socket");
});

Deno.test("judgeAttack() takes no other end than the one announced [B10]", () => {
  const attack = parseAttack("a.py", `${HEADER}# outcome: memory|signal\n# limit: memory_mb\n`);
  assert.equal(judgeAttack(attack, ended({ outcome: "memory", limit: "memory_mb" })), null);
  assert.equal(
    judgeAttack(attack, ended({ outcome: "nonzero", stderr: "Traceback\nNameError: x\n" })),
    "it ended with 'nonzero', not 'memory' or 'signal': NameError: x",
  );
  assert.equal(
    judgeAttack(attack, ended({ outcome: "signal" })),
    "the answer names the limit 'none', not 'memory_mb'",
  );
});
