import type { TestRun } from "../fixtures/test_runs.ts";

const A = "Deno.test('a', () => {});\n";
const Z = "\nDeno.test('z', () => {});\n";

/** A test that does something between two that pass. */
function amid(body: string): string {
  return `${A}Deno.test('h', async () => { ${body} });${Z}`;
}

const BROKEN_OFF = ["passed a", "crashed h", "not_run z"];
const ALL = ["passed a", "passed h", "passed z"];
const FAILED = ["passed a", "failed h", "passed z"];

function javascript(
  behaviour: string,
  code: string,
  rest: Omit<TestRun, "behaviour" | "language" | "code">,
) {
  return { behaviour, language: "javascript", code, ...rest } as const;
}

/** What Deno's runner makes of tests. */
export const DENO_RUNS: readonly TestRun[] = [
  javascript(
    "passes, and what they write",
    amid("console.log('seen %d', 7); console.error('bad')"),
    {
      outcome: "passed",
      cases: ["passed a", "passed h", "passed z"],
      writes: /^seen 7\nbad\n/,
    },
  ),
  javascript("failures, with their place", amid("throw new Error('out of\\nbread')"), {
    outcome: "failed",
    cases: FAILED,
    says: /out of\nbread[^]*at \.\/main_test\.js:2:/,
  }),
  javascript(
    "steps, each a case",
    "Deno.test('t', async (t) => { await t.step('one', () => {}); " +
      "await t.step('two', () => { throw new Error('x'); }); " +
      "await t.step({ name: 'three', ignore: true, fn() {} }); });",
    {
      outcome: "failed",
      cases: ["failed t", "passed t > one", "failed t > two", "skipped t > three"],
    },
  ),
  javascript(
    "ignored tests, and odd names",
    "Deno.test.ignore('left', () => {});\nDeno.test({ name: 'out', ignore: true, fn() {} });\n" +
      "Deno.test(function named() {});\nDeno.test('# a\\\\\\n\\t\"b\"', () => {});\n" +
      "for (const c of '\\x01\\x85\\x7f\\u2028\\u200b\\ud800') Deno.test(`ok ${c} # SKIP`, () => {});",
    {
      outcome: "passed",
      cases: [
        ...["skipped left", "skipped out", "passed named", 'passed # a\\\n\t"b"'],
        ...[..."\x01\x85\x7f\u2028\u200b\ufffd"].map((c) => `passed ok ${c} # SKIP`),
      ],
    },
  ),
  javascript(
    "node:test",
    "import { describe, it } from 'node:test';\n" +
      "describe('d', () => { it('i', () => {}); it('j', () => { throw new Error('no'); }); });",
    {
      outcome: "failed",
      cases: ["failed d", "passed d > i", "failed d > j"],
    },
  ),
  javascript(
    "what the sanitizers find",
    "Deno.test({ name: 'h', sanitizeOps: true, " +
      "fn() { setTimeout(() => {}, 100); } });",
    {
      outcome: "failed",
      cases: ["failed h"],
      says: /timer was started/,
    },
  ),
  javascript("Deno.exit() in a test", amid("Deno.exit(0)"), {
    outcome: "failed",
    cases: FAILED,
    says: /attempted to exit with exit code: 0/,
  }),
  javascript("a promise that nobody resolves", amid("await new Promise(() => {})"), {
    outcome: "failed",
    cases: FAILED,
    says: /Promise resolution is still pending/,
  }),
  javascript(
    "an error that no test catches",
    amid(
      "setTimeout(() => { throw new Error('late'); }); await new Promise((r) => setTimeout(r, 999))",
    ),
    { outcome: "failed", cases: ["passed a", "error h", "not_run z"], says: /Error: late/ },
  ),
  javascript("an error while the tests are read", `${A}throw new Error('early');${Z}`, {
    outcome: "error",
    cases: ["not_run a", "error main_test.js"],
    says: /Error: early/,
  }),
  javascript("an exit while the tests are read", `${A}Deno.exit(0);${Z}`, {
    outcome: "crashed",
    cases: ["not_run a"],
  }),
  javascript("only one of them", `${A}Deno.test.only('h', () => {});`, {
    outcome: "error",
    cases: ["not_run a", "passed h"],
  }),
  javascript("no tests", "console.log(1);", { outcome: "no_tests", cases: [] }),
  javascript("what is no JavaScript", `${A}(`, {
    outcome: "error",
    cases: ["error main_test.js"],
    says: /SyntaxError: Expression expected/,
  }),
  javascript("a module of the network", `import "https://deno.example/x.js";${A}`, {
    outcome: "error",
    cases: ["error main_test.js"],
    says: /--no-remote/,
  }),
  javascript(
    "more memory than there is",
    amid("for (const x = [];;) x.push(new Array(1e5).fill(Math.random()));"),
    {
      outcome: "memory",
      cases: BROKEN_OFF,
    },
  ),
  javascript(
    "modules, data and more tests beside",
    "import { apples } from './stock.js';\n" +
      "Deno.test('a', () => { if (apples() !== 7) throw new Error(); });",
    {
      files: {
        "stock.js": "export const apples = () => Number(Deno.readTextFileSync('data/n.txt'));",
        "data/n.txt": "7",
        "more/more_test.js": "Deno.test('b', () => {});",
      },
      outcome: "passed",
      cases: ["passed a", "passed b"],
    },
  ),
  {
    behaviour: "TypeScript",
    language: "typescript",
    code: "const n: number = 1; Deno.test('a', () => { if (n !== 1) throw n; });",
    outcome: "passed",
    cases: ["passed a"],
  },
  {
    behaviour: "an error of types",
    language: "typescript",
    code: "Deno.test('a', () => { const n: number = 'x'; });",
    outcome: "error",
    cases: ["error main_test.ts"],
    says: /TS2322[^]*'string' is not assignable to type 'number'/,
  },
];

/** Those that last as long as they may; run beside each other. */
export const HANGING_DENO_RUNS: readonly TestRun[] = [
  javascript("an endless loop", amid("for (;;);"), {
    timeoutSeconds: 5,
    outcome: "timeout",
    cases: ["passed a", "timeout h", "not_run z"],
  }),
  javascript("a wait for nobody", amid("await new Promise((r) => setTimeout(r, 1e6))"), {
    timeoutSeconds: 5,
    outcome: "timeout",
    cases: ["passed a", "timeout h", "not_run z"],
  }),
];

const LINE = "ok 2 - h\\n1..3\\n";

/** Programs that want to be told of as better than they are. */
export const DENO_ATTACKS: readonly TestRun[] = [
  javascript(
    "prints a report in every way",
    amid(
      "const fs = await import('node:fs'); const line = new TextEncoder().encode(`" + LINE +
        "`); " +
        "console.log(`" + LINE +
        "`); Deno.stdout.writeSync(line); await Deno.stdout.write(line); " +
        "process.stdout.write(line); fs.writeSync(1, line); " +
        "for (let n = 3; n < 40; n++) { try { fs.writeSync(n, line); } catch { /* closed */ } } " +
        "Deno[Deno.internal].core.print(`" + LINE + "`, false); throw new Error('mine')",
    ),
    { outcome: "failed", cases: FAILED, says: /Error: mine/ },
  ),
  javascript(
    "prints a report from a worker",
    amid(
      "const text = 'console.log(`" + LINE.replaceAll("\\", "\\\\") + "`); postMessage(1)'; " +
        "const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' })); " +
        "const worker = new Worker(url, { type: 'module' }); " +
        "await new Promise((r) => worker.onmessage = r); worker.terminate(); throw new Error('mine')",
    ),
    { outcome: "failed", cases: FAILED },
  ),
  javascript(
    "opens Deno's own output",
    amid(
      "for (const path of ['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1', '/proc/self/fd/2', '/dev/tty']) " +
        "{ try { Deno.openSync(path, { write: true }); } catch { continue; } throw new Error(path); }",
    ),
    { outcome: "passed", cases: ALL },
  ),
  javascript(
    "starts a program, ends the harness",
    amid(
      "for (const attempt of [() => Deno.kill(Deno.ppid), () => process.kill(Deno.ppid, 'SIGKILL'), " +
        "() => new Deno.Command('/usr/bin/true').outputSync(), () => Deno.dlopen('libc.so.6', {})]) " +
        "{ try { attempt(); } catch { continue; } throw new Error(String(attempt)); }",
    ),
    { outcome: "passed", cases: ALL },
  ),
  javascript(
    "tells the harness what it likes",
    amid(
      "const fs = await import('node:fs'); const pipe = fs.openSync('/tmp/work/told', 'w'); " +
        "fs.writeSync(pipe, '[\"ended\"]\\n'.repeat(9)); fs.closeSync(pipe); throw new Error('mine')",
    ),
    { outcome: "failed", cases: FAILED },
  ),
  javascript(
    "has Deno.test be something else",
    "Deno.test('a', () => { throw new Error('mine'); });\n" +
      "Deno.test = () => {}; Deno.test('z', () => { throw new Error(); });",
    {
      outcome: "failed",
      cases: ["failed a"],
    },
  ),
  javascript(
    "leaves while no test runs",
    `${A}addEventListener('unload', () => Deno.exit(0));` +
      "Deno.test('h', () => { throw new Error('mine'); });",
    {
      outcome: "failed",
      cases: ["passed a", "failed h"],
    },
  ),
];
