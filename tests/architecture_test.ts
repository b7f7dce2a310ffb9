import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ADAPTER_PACKAGES, breaches, emptyRules, unknownFolders } from "./architecture.ts";
import { filesBelow, foldersIn } from "./project_files.ts";

const FILES = await filesBelow(".", [".ts", ".py"]);

Deno.test("the house: every file keeps to the rules of its room", () => {
  ok(FILES.length > 20, `found only ${FILES.length} files`);
  deepStrictEqual(breaches(FILES), []);
});

Deno.test("the house: every rule covers a file", () => {
  deepStrictEqual(emptyRules(FILES.map(({ path }) => path)), []);
});

Deno.test("the house: every folder is known", async () => {
  deepStrictEqual(unknownFolders(await foldersIn("."), await foldersIn("adapters")), []);
});

/** The breaches of one file, without its path. */
function breachesOf(path: string, text: string): string[] {
  return breaches([{ path, text }]).map((breach) => breach.slice(path.length + 1));
}

/** Files that break one rule each, and what is said of them. */
const BAD: readonly [path: string, text: string, breach: string][] = [
  ["domain/a.ts", 'import "../application/b.ts";', "domain may not import '../application/b.ts'"],
  ["domain/a.ts", 'import type { B } from "zod";', "domain may not import 'zod'"],
  ["domain/a.ts", 'import "node:path";', "domain may not import 'node:path'"],
  ["domain/a.ts", 'export * from "../src/b.ts";', "domain may not import '../src/b.ts'"],
  ["domain/a.ts", 'export type { B } from "jose";', "domain may not import 'jose'"],
  ["domain/a.ts", 'type B = import("hono").B;', "domain may not import 'hono'"],
  ["domain/a.ts", 'import b = require("npm:b");', "domain may not import 'npm:b'"],
  [
    "domain/a.ts",
    'await import("../adapters/http/b.ts");',
    "domain may not import '../adapters/http/b.ts'",
  ],
  ["domain/a.ts", 'await import(`${"jo"}se`);', "imports a module whose name is computed"],
  [
    "domain/a.ts",
    '/// <reference types="npm:b" />\nexport {};',
    "a reference comment imports past the rules",
  ],
  ["domain/a.ts", "export const now = Date.now();", "uses 'Date.now'"],
  ["domain/a.ts", "export const now = new Date();", "uses 'Date'"],
  ["domain/a.ts", "const { now } = Date;", "uses 'Date'"],
  ["domain/a.ts", "export const chance = Math.random();", "uses 'Math.random'"],
  ["domain/a.ts", 'export const chance = Math["random"]();', "uses 'Math'"],
  ["domain/a.ts", "export const pid = Deno.pid;", "uses 'Deno.pid'"],
  ["domain/a.ts", "globalThis.b = 1;", "uses 'globalThis.b'"],
  [
    "domain/a_test.ts",
    'import "../adapters/otel/b.ts";',
    "domain may not import '../adapters/otel/b.ts'",
  ],
  ["domain/a.ts", 'import "./b_test.ts";', "imports the test './b_test.ts'"],
  [
    "application/a.ts",
    'import "../adapters/memory/b.ts";',
    "application may not import '../adapters/memory/b.ts'",
  ],
  ["application/a.ts", "setTimeout(() => {}, 1);", "uses 'setTimeout'"],
  ["application/a.ts", "performance.now();", "uses 'performance.now'"],
  ["application/a.ts", 'await fetch("http://b");', "uses 'fetch'"],
  ["application/a.ts", "AbortSignal.timeout(1);", "uses 'AbortSignal.timeout'"],
  ["application/a.ts", "process.exit();", "uses 'process.exit'"],
  [
    "adapters/sqlite/a.ts",
    'import "../memory/b.ts";',
    "adapters/sqlite may not import '../memory/b.ts'",
  ],
  [
    "adapters/sqlite/a.ts",
    'import "../wire/b.ts";',
    "adapters/sqlite may not import '../wire/b.ts'",
  ],
  [
    "adapters/sqlite/a.ts",
    'import "../../application/b.ts";',
    "adapters/sqlite may not import '../../application/b.ts'",
  ],
  [
    "adapters/sqlite/a.ts",
    'import "../workers/b.ts";',
    "adapters/sqlite may not import '../workers/b.ts'",
  ],
  [
    "adapters/workers/a.ts",
    'import "../templates/b.ts";',
    "adapters/workers may not import '../templates/b.ts'",
  ],
  ["adapters/sqlite/a.ts", 'import "jose";', "adapters/sqlite may not import 'jose'"],
  ["adapters/tokens/a.ts", 'import "josephine";', "adapters/tokens may not import 'josephine'"],
  ["adapters/http/a.ts", 'import "../mcp/b.ts";', "adapters/http may not import '../mcp/b.ts'"],
  [
    "adapters/http/a.ts",
    'import "../../src/b.ts";',
    "adapters/http may not import '../../src/b.ts'",
  ],
  [
    "adapters/http/a.ts",
    'import "../../tests/fakes/b.ts";',
    "adapters/http may not import '../../tests/fakes/b.ts'",
  ],
  ["adapters/http/a.ts", 'Deno.env.get("HOME");', "only src/env.ts reads the environment"],
  ["adapters/http/a.ts", "const { env } = Deno;", "only src/env.ts reads the environment"],
  ["adapters/http/a.ts", 'import "node:process";', "adapters/http may not import 'node:process'"],
  [
    "adapters/http/a.ts",
    'new Deno.Command("ls");',
    "only the sandbox, the graph, linters, workers and the launcher start processes",
  ],
  [
    "adapters/embedded/a.ts",
    'new Deno.Command("ls");',
    "only the sandbox, the graph, linters, workers and the launcher start processes",
  ],
  [
    "adapters/http/a.ts",
    'import "node:child_process";',
    "adapters/http may not import 'node:child_process'",
  ],
  ["adapters/unheard_of/a.ts", "export {};", "lies in no room"],
  [
    "adapters/linters/a.ts",
    'import "../python_syntax/syntax.ts";',
    "adapters/linters may not import '../python_syntax/syntax.ts'",
  ],
  [
    "adapters/sqlite/a.ts",
    'import "../python_syntax/grammar/tables.ts";',
    "adapters/sqlite may not import '../python_syntax/grammar/tables.ts'",
  ],
  ["src/main.ts", 'import "../adapters/http/b.ts";', "src may not import '../adapters/http/b.ts'"],
  [
    "src/main.ts",
    'import "https://b.example/c.ts";',
    "src may not import 'https://b.example/c.ts'",
  ],
  ["src/main.ts", "export let b: Map<string, any>;", "has the type 'any'"],
  ["src/main.ts", `export function b() {${"\n".repeat(60)}}`, "a function of 61 lines"],
  ["src/main.ts", `export {};${"\n//".repeat(300)}`, "a file of 301 lines"],
  [
    "tests/contracts/a.ts",
    'import "../../adapters/http/b.ts";',
    "tests/contracts may not import '../../adapters/http/b.ts'",
  ],
  [
    "adapters/wire/a.ts",
    'import "../../application/b.ts";',
    "adapters/wire may not import '../../application/b.ts'",
  ],
  ["tests/fixtures/a.ts", "export let b: Map<string, any>;", "has the type 'any'"],
  ["tests/fixtures/a.ts", `export {};${"\n//".repeat(300)}`, "a file of 301 lines"],
  ["tests/long/a_test.ts", 'import "left-pad";', "tests may not import 'left-pad'"],
  ["stray/a.ts", "export {};", "lies in no room"],
  ["adapters/sandbox/a.py", `def b():${"\n    pass".repeat(60)}\nb()`, "a function of 61 lines"],
];

for (const [path, text, breach] of BAD) {
  Deno.test(`breaches() finds in ${path}: ${text.slice(0, 60).split("\n")[0]}`, () => {
    const found = breachesOf(path, text);
    strictEqual(found.length, 1, found.join("\n"));
    strictEqual(found[0]?.replace(/^\d+: /, ""), breach);
  });
}

/** Files that look bad and are not. */
const GOOD: readonly [path: string, text: string][] = [
  ["domain/a.ts", '// import "zod"; Date.now()\nexport const a = \'import "zod"; Deno.env\';'],
  ["domain/a.ts", 'import { type B } from "./ports/b.ts"; export const a = new Date(0);'],
  ["domain/a.ts", "export interface Clock { now(): number; fetch: string; at: Date }"],
  ["domain/a.ts", "export const b = (c: { fetch: number }) => c.fetch; Math.min(1, 2);"],
  ["domain/a_test.ts", 'import "node:assert/strict"; import "fast-check"; Date.now();'],
  ["application/a.ts", 'import type { B } from "../domain/b.ts"; import "./c.ts";'],
  [
    "adapters/http/a.ts",
    'import "../wire/b.ts"; import "../../application/b.ts"; import "hono/cors";',
  ],
  ["adapters/templates/a.ts", 'import "../workers/b.ts"; import "minijinja-js/c.js";'],
  ["adapters/linters/outline/a.ts", 'import "../../python_syntax/grammar/tables.ts";'],
  ["adapters/memory/a_test.ts", 'import "../../tests/contracts/b.ts";'],
  ["adapters/sandbox/a.ts", 'new Deno.Command("python3"); import "node:child_process";'],
  ["src/env.ts", 'Deno.env.get("HOME");'],
  ["src/compose.ts", 'import "../adapters/http/b.ts";'],
  ["src/compose_tokens.ts", 'import "../adapters/tokens/b.ts";'],
  ["src/main.ts", `export function b() {${"\n".repeat(59)}}`],
  ["tests/fixtures/programs/a.ts", 'import "anything"; let b: Map<string, any>;'],
  ["adapters/sqlite/testdata/a.ts", 'import "anything"; let b: Map<string, any>;'],
  ["adapters/sandbox/a.py", `def b(\n    c,\n):${"\n    pass".repeat(57)}\n\n\nb()`],
];

for (const [path, text] of GOOD) {
  Deno.test(`breaches() has nothing against ${path}: ${text.slice(0, 60).split("\n")[0]}`, () => {
    deepStrictEqual(breachesOf(path, text), []);
  });
}

Deno.test("emptyRules() finds a room without a file, tests not counted", () => {
  const rooms = Object.keys(ADAPTER_PACKAGES).map((name) => `adapters/${name}/a.ts`);
  const rest = ["domain/a.ts", "application/a.ts", "src/compose.ts", "src/env.ts", "src/launch.ts"]
    .concat("adapters/embedded/child_process.ts", "adapters/workers/seat.ts")
    .concat("adapters/linters/reader_process.ts");
  deepStrictEqual(emptyRules([...rooms, ...rest, "adapters/http/a_test.ts"]), [
    "the rule for 'tests/contracts' covers no file",
    "the rule for 'tests' covers no file",
    "the rule for '.ci' covers no file",
  ]);
});

Deno.test("unknownFolders() finds a folder that no rule knows", () => {
  deepStrictEqual(unknownFolders(["domain", "docs", "common", ".git"], ["http", "shared"]), [
    "no rule knows the folder 'common'",
    "no rule knows the folder 'adapters/shared'",
  ]);
});
