import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { LINT_LANGUAGES, type LintLanguage, type Outline } from "../../../domain/lint/report.ts";
import { outlineOf } from "./outline.ts";

/** What texts are made of, so that they come near to being of a language. */
const TOKENS: Readonly<Record<LintLanguage, readonly string[]>> = {
  python: [
    "def f():",
    "class A:",
    "async ",
    "lambda: 0",
    "f = ",
    "if a:",
    "else:",
    "import a",
    "from",
  ]
    .concat([
      "match a:",
      "case _:",
      " and ",
      "for a in b",
      "\n",
      "\n  ",
      "\n    ",
      "(",
      ")",
      "f'{a}'",
    ]),
  javascript: [
    "function f() {",
    "class A {",
    "async ",
    "=> 0",
    "a = ",
    "if (a)",
    "import a from 'b'",
  ]
    .concat([
      "}",
      "{",
      "(",
      ")",
      "`${",
      "`",
      "/a/",
      " && ",
      "?",
      ":",
      "get b() {",
      "\n",
      ";",
      "</a>",
    ]),
  typescript: [
    "function f<T>(): T {",
    "abstract class A<T> {",
    "type A = ",
    "enum E {",
    "a as b",
    "<",
  ]
    .concat(["}", "{", "(", ")", ">", "@a ", "declare ", "a: b", " => 0", "= ", "\n", ";", "\r\n"]),
  bash: [
    "f() {",
    "function g {",
    "if a; then",
    "fi",
    "case a in",
    "esac",
    "a)",
    ";;",
    "$(",
    ")",
    "`",
  ]
    .concat([
      "<<E",
      "E",
      "\n",
      "&&",
      "[[ a",
      "]]",
      "((",
      "))",
      '"',
      "'",
      "\\",
      "source a",
      "}",
      "${a",
    ]),
};

/** Any text at all: lone surrogates, NUL and every kind of line end are among them. */
const ANYTHING = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map(unit), maxLength: 60 });

function unit(code: number): string {
  return String.fromCharCode(code);
}

function textOf(language: LintLanguage): fc.Arbitrary<string> {
  const odd = fc.constantFrom("\0", "\ud800", "\udc00", "\ufeff", "\r", "\u2028", "😀", "\t", "…");
  const token = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...TOKENS[language]) }, odd);
  return fc.oneof(fc.array(token, { maxLength: 40 }).map((all) => all.join("")), ANYTHING);
}

function check(outline: Outline, text: string): void {
  const lines = text.split(/\r\n?|\n/).length;
  const { functions, classes, imports, syntaxError } = outline;
  for (const list of [functions, classes]) {
    let last = { line: 1, column: 0 };
    for (const { name, line, column, endLine } of list) {
      ok(name.length > 0);
      ok(line > last.line || (line === last.line && column >= last.column), "out of order");
      ok(1 <= column && line <= endLine && endLine <= lines, `${line}:${column}-${endLine}`);
      last = { line, column };
    }
  }
  for (const { line } of imports) ok(1 <= line && line <= lines);
  const decided = functions.reduce((sum, { complexity }) => sum + complexity - 1, 0);
  ok(outline.complexity >= 1 + decided);
  if (syntaxError !== null) ok(syntaxError.line <= lines && syntaxError.column >= 1);
}

for (const language of LINT_LANGUAGES) {
  Deno.test(`outlineOf() has an outline for any text, the same again, as ${language} [S18]`, () => {
    fc.assert(
      fc.property(textOf(language), (text) => {
        const outline = outlineOf(language, text);
        check(outline, text);
        strictEqual(JSON.stringify(outlineOf(language, text)), JSON.stringify(outline));
      }),
      { numRuns: 400 },
    );
  });
}
