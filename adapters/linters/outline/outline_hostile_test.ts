import { ok, strictEqual } from "node:assert/strict";
import type { LintLanguage } from "../../../domain/lint/report.ts";
import { outlineOf } from "./outline.ts";

const DEEP = 100_000;
const MIB = 1 << 20;

function deep(unit: string): string {
  return unit.repeat(DEEP);
}

/** A MiB in one line. */
function long(unit: string): string {
  return unit.repeat(Math.floor(MIB / unit.length));
}

/** Texts that overflow stacks, and that cost what their length squared would, where that is not thought of. */
const NOT_READ: readonly [language: LintLanguage, what: string, text: string][] = [
  ...(["python", "javascript", "typescript"] as const).flatMap((
    language,
  ): [LintLanguage, string, string][] => [
    [language, "brackets", deep("(") + deep(")")],
    [language, "open braces", deep("{")],
    [language, "junk", long("\\")],
    [language, "lone surrogates", long("\ud800")],
    [language, "names", long("a ")],
    [language, "a dollar and a brace", long("${")],
    [language, "quotes", `${long("''")}'`],
  ]),
  ["python", "lambdas", `x=${long("lambda:")}`],
  ["javascript", "arrow functions", long("a=>")],
  ["javascript", "nested functions", long("function f(){")],
  ["typescript", "type arguments", long("a<")],
  ["typescript", "assertions", long("<T>(")],
  ["bash", "open braces", deep("{ ")],
  ["bash", "substitutions", deep("$(")],
  ["bash", "substitutions in quotes", deep('"$(')],
  ["bash", "arithmetic", deep("$((")],
  ["bash", "functions", long("a() ")],
  ["bash", "expansions", long("${a/")],
];

for (const [language, what, text] of NOT_READ) {
  Deno.test(`outlineOf() ends with a syntax error for too much ${what} in ${language} [S18]`, () => {
    ok(outlineOf(language, text).syntaxError !== null);
  });
}

/** Long texts that are read, and how many functions and decisions there are. */
const READ: readonly [LintLanguage, text: string, functions: number, decisions: number][] = [
  ["python", long("def f():0\n"), 104_857, 0],
  ["python", long("a and ") + "a", 0, 174_762],
  ["python", long("f=lambda:0;"), 95_325, 0],
  ["javascript", long("function f(){}"), 74_898, 0],
  ["javascript", `class A{${long("m(){}")}}`, 209_715, 0],
  ["typescript", `import {${long("a,")}} from 'x'`, 0, 0],
  ["bash", `${long("f(){ :;};")}:`, 116_508, 0],
  ["bash", `[[ ${long("a && ")}a ]]`, 0, 209_715],
  ["bash", long("$(a)"), 0, 0],
];

for (const [language, text, functions, decisions] of READ) {
  const head = JSON.stringify(text.slice(0, 20));
  Deno.test(`outlineOf() reads a MiB of ${head} in ${language} [S18]`, () => {
    const outline = outlineOf(language, text);
    strictEqual(outline.syntaxError, null);
    strictEqual(outline.functions.length, functions);
    strictEqual(outline.complexity, 1 + decisions);
  });
}

Deno.test("outlineOf() keeps names short where functions are nested and their names long [S18]", () => {
  const text = `function ${"a".repeat(400)}(){`.repeat(500) + "}".repeat(500);
  const { functions } = outlineOf("javascript", text);
  strictEqual(functions.length, 500);
  ok(functions.every(({ name }) => name.length <= 600), "a name grows with what is around it");
});
