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

/** Programs that fail before or beside their own lines, and what is said of it. */
export const BROKEN: Readonly<Record<string, RegExp>> = {
  'console.log("never");\nlet = 5 5;\n': /main\.js:2/,
  'import "./not_there.js";\nconsole.log("never");\n': /not_there/,
  'setTimeout(() => console.log("never"), 50);\nPromise.reject(new Error("nobody"));\n': /nobody/,
};

/** What JavaScript must find and be held to, whatever the runtime and however it was started. */
export function javascriptContract(name: string, open: () => Promise<JavascriptRunner>): void {
  surroundingsContract(name, open);
  endingsContract(name, open);

  Deno.test(`${name}: each limit is held and named [S14, B8]`, async (t) => {
    await using runner = await open();
    for (const [program, limits, limit] of LIMITS) {
      await t.step(`${program} ${JSON.stringify(limits)}`, async () => {
        const outcome = await runner.run(await programNamed(`limits/${program}`, { limits }));
        assert.equal(outcome.limit, limit, JSON.stringify(outcome).slice(0, 600));
        assert.notEqual(outcome.returnCode, 0);
      });
    }
  });

  Deno.test(`${name}: the network is not there [S15, B8]`, async () => {
    await using runner = await open();
    const { stdout, outcome, stderr } = await runner.run(
      await programNamed("javascript/network.js"),
    );
    assert.deepEqual([stdout, outcome], ["", "ok"], stderr);
  });
}

function surroundingsContract(name: string, open: () => Promise<JavascriptRunner>): void {
  Deno.test(`${name}: a program gets arguments, input, environment and files [S13, B8]`, async () => {
    const given = { stdin: "typed in", args: ["one", ""], environment: { GREETING: "hello" } };
    await using runner = await open();
    const { stdout, stderr } = await runner.run(
      await programNamed("javascript/surroundings.js", given),
    );
    const words = stdout.replaceAll(/['"\s]+/g, " ");
    assert.equal(
      words,
      "[ /tmp/work/main.js , one , ] typed in hello /tmp/work /tmp /tmp/work written ",
      stderr,
    );
  });

  Deno.test(`${name}: a program may import, await and read itself [S13, B8]`, async () => {
    await using runner = await open();
    const { stdout, stderr } = await runner.run(await programNamed("javascript/modules.js"));
    const [first = "", second] = stdout.split("\n");
    // Node 20 has no `import.meta.filename`, and none before 24 has `import.meta.main`.
    assert.match(first, /^42 main\.js (\/tmp\/work\/main\.js|undefined) (true|undefined)$/, stderr);
    assert.equal(second, "true function object");
  });

  Deno.test(`${name}: programs of a mebibyte and inputs of one arrive whole [S13, B8]`, async () => {
    await using runner = await open();
    const length = "console.log((await new Response(stream).text()).length)";
    const stream = 'import { Readable } from "node:stream"; import process from "node:process";\n' +
      "const stream = Readable.toWeb(process.stdin);\n";
    const stdin = "x".repeat(1_000_000);
    const read = await runner.run(programOf("javascript", stream + length, { stdin }));
    assert.equal(read.stdout, "1000000\n", read.stderr);
    const code = `//${"x".repeat(1_048_000)}\nconsole.log(1);\n`;
    assert.equal((await runner.run(programOf("javascript", code))).stdout, "1\n");
  });
}

function endingsContract(name: string, open: () => Promise<JavascriptRunner>): void {
  Deno.test(`${name}: an uncaught error names the program's own line and nothing else's [S13, B8]`, async () => {
    await using runner = await open();
    const { outcome, stdout, stderr } = await runner.run(
      await programNamed("javascript/throws.js"),
    );
    assert.deepEqual([outcome, stdout], ["nonzero", "before\n"]);
    assert.match(stderr, /TypeError: on the second line/);
    assert.match(stderr, /main\.js:2/);
    assert.equal(/ahead|preload/.test(stderr), false, stderr);
  });

  Deno.test(`${name}: exit codes are the program's [S13, B8]`, async () => {
    await using runner = await open();
    const code = async (program: string) => {
      const { stdout, stderr, returnCode } = await runner.run(await programNamed(program));
      return [stdout, stderr, returnCode];
    };
    assert.deepEqual(await code("javascript/exits.js"), ["exit 3\n", "words\n", 3]);
    assert.deepEqual(await code("javascript/leaves.js"), ["", "", 7]);
  });

  Deno.test(`${name}: syntax, unhandled rejections and missing modules are failures [S13, B8]`, async () => {
    await using runner = await open();
    for (const [program, said] of Object.entries(BROKEN)) {
      const outcome = await runner.run(programOf("javascript", program));
      assert.equal(outcome.outcome, "nonzero", program);
      assert.match(outcome.stderr, said);
      assert.equal(outcome.stdout.includes("never"), false, program);
    }
  });
}
