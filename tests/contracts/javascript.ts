import assert from "node:assert/strict";
import type { ExecutionLimits, LimitName } from "../../domain/execution/limits.ts";
import type { ExecutionOutcome } from "../../domain/execution/outcome.ts";
import type { ExecutionRequest } from "../../domain/execution/request.ts";
import { programNamed, programOf } from "../fixtures/programs.ts";

/** A way to have JavaScript run. */
export interface JavascriptRunner extends AsyncDisposable {
  run(request: ExecutionRequest): Promise<ExecutionOutcome>;
}

const LIMITS: readonly (readonly [string, Partial<ExecutionLimits>, LimitName])[] = [
  ["timeout.js", { timeoutSeconds: 0.5 }, "timeout_seconds"],
  ["cpu.js", { cpuSeconds: 1 }, "cpu_seconds"],
  ["memory.js", {}, "memory_mb"],
  ["memory_heap.js", {}, "memory_mb"],
  ["open_files.js", {}, "open_files"],
  ["open_files.js", { openFiles: 48 }, "open_files"],
  ["file_size.js", {}, "file_size_mb"],
  ["file_size.js", { fileSizeMb: 2 }, "file_size_mb"],
  ["output.js", { outputKb: 16 }, "output_kb"],
];

/**
 * Programs that fail before or beside their own lines, and what is said of it. Each has a line that
 * would print "never" if it were run. They are no files, because no formatter reads the first.
 */
export const BROKEN: Readonly<Record<string, RegExp>> = {
  'console.log("never");\nlet = 5 5;\n': /main\.js:2/,
  'import "./not_there.js";\nconsole.log("never");\n': /not_there/,
  'setTimeout(() => console.log("never"), 50);\nPromise.reject(new Error("nobody"));\n': /nobody/,
};

/** What JavaScript must find and be held to, whatever the runtime and however it was started. */
export function javascriptContract(name: string, open: () => Promise<JavascriptRunner>): void {
  for (const [what, steps] of Object.entries(CONTRACT)) {
    Deno.test(`${name}: ${what}`, async (t) => {
      await using runner = await open();
      for (const [step, holds] of steps) await t.step(step, () => holds(runner));
    });
  }
}

type Step = readonly [what: string, holds: (runner: JavascriptRunner) => Promise<void>];

const CONTRACT: Readonly<Record<string, readonly Step[]>> = {
  "a program finds what it was given and ends as itself [S13]": [
    ["arguments, input, environment and files", surroundings],
    ["imports, top-level await and its own source", modules],
    ["a program of a mebibyte and an input of one", largest],
    ["an uncaught error names the program's own line and nothing else's", uncaught],
    ["exit codes", exits],
    ["syntax errors, unhandled rejections and missing modules", broken],
  ],
  "a program is held to its limits and walls [S14, S15]": [
    ...LIMITS.map(limitStep),
    ["the network is not there", network],
  ],
};

function limitStep([program, limits, limit]: (typeof LIMITS)[number]): Step {
  return [`${program} ${JSON.stringify(limits)}`, async (runner) => {
    const outcome = await runner.run(await programNamed(`limits/${program}`, { limits }));
    assert.equal(outcome.limit, limit, JSON.stringify(outcome).slice(0, 600));
    assert.notEqual(outcome.returnCode, 0);
  }];
}

async function network(runner: JavascriptRunner): Promise<void> {
  const { stdout, outcome, stderr } = await runner.run(await programNamed("javascript/network.js"));
  assert.deepEqual([stdout, outcome], ["", "ok"], stderr);
}

async function surroundings(runner: JavascriptRunner): Promise<void> {
  const given = { stdin: "typed in", args: ["one", ""], environment: { GREETING: "hello" } };
  const request = await programNamed("javascript/surroundings.js", given);
  const { stdout, stderr } = await runner.run(request);
  const words = stdout.replaceAll(/['"\s]+/g, " ");
  const found = "typed in hello /tmp/work /tmp /tmp/work written ";
  assert.equal(words, `[ /tmp/work/main.js , one , ] ${found}`, stderr);
}

async function modules(runner: JavascriptRunner): Promise<void> {
  const { stdout, stderr } = await runner.run(await programNamed("javascript/modules.js"));
  const [first = "", second] = stdout.split("\n");
  // Node has had `import.meta.filename` since 20.11, and `import.meta.main` since 24.2.
  assert.match(first, /^42 main\.js (\/tmp\/work\/main\.js|undefined) (true|undefined)$/, stderr);
  assert.equal(second, "true function object");
}

async function largest(runner: JavascriptRunner): Promise<void> {
  // Programs: what they print inside the sandbox is compared. One is too long for a file of its own.
  const reads = 'import { readFileSync } from "node:fs"; console.log(readFileSync(0).length);';
  const stdin = "x".repeat(1_000_000);
  const read = await runner.run(programOf("javascript", reads, { stdin }));
  assert.equal(read.stdout, "1000000\n", read.stderr);
  const code = `//${"x".repeat(1_048_000)}\nconsole.log(1);\n`;
  assert.equal((await runner.run(programOf("javascript", code))).stdout, "1\n");
}

async function uncaught(runner: JavascriptRunner): Promise<void> {
  const request = await programNamed("javascript/throws.js");
  const { outcome, stdout, stderr } = await runner.run(request);
  assert.deepEqual([outcome, stdout], ["nonzero", "before\n"]);
  assert.match(stderr, /TypeError: on the second line/);
  assert.match(stderr, /main\.js:2/);
  assert.equal(/ahead|preload/.test(stderr), false, stderr);
}

async function exits(runner: JavascriptRunner): Promise<void> {
  const found = async (program: string) => {
    const { stdout, stderr, returnCode } = await runner.run(await programNamed(program));
    return [stdout, stderr, returnCode];
  };
  assert.deepEqual(await found("javascript/exits.js"), ["exit 3\n", "words\n", 3]);
  assert.deepEqual(await found("javascript/leaves.js"), ["", "", 7]);
}

async function broken(runner: JavascriptRunner): Promise<void> {
  for (const [program, said] of Object.entries(BROKEN)) {
    const outcome = await runner.run(programOf("javascript", program));
    assert.equal(outcome.outcome, "nonzero", program);
    assert.match(outcome.stderr, said);
    assert.equal(outcome.stdout.includes("never"), false, program);
  }
}
