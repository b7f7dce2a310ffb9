import { deepStrictEqual } from "node:assert/strict";
import { outlineOf } from "./outline.ts";

/** What a lambda is called by. */
const LAMBDAS: readonly (readonly [text: string, named: readonly string[]])[] = [
  ["f = lambda: 0", ["f"]],
  ["f = (lambda: 0)", ["f"]],
  ["f = ((  # why\n  lambda: 0))", ["f"]],
  ["class A:\n  f: object = (lambda: 0)", ["A.f"]],
  ["f = g = (lambda: 0)", ["g"]],
  ["f = (lambda: 0), 1", []],
  ["f = (lambda: 0)()", []],
  ["f = (lambda: 0) or 1", []],
  ["f += (lambda: 0)", []],
  ["f.g = (lambda: 0)", []],
  ["(lambda: 0)", []],
  ["f = (1 if a else lambda: 0)", []],
  ["f = (lambda: lambda: 0)", ["f"]],
];

Deno.test("outlineOf() names a lambda by what it is assigned to, parentheses or not [S18]", () => {
  for (const [text, named] of LAMBDAS) {
    const { functions, syntaxError } = outlineOf("python", text);
    deepStrictEqual([text, functions.map(({ name }) => name), syntaxError], [text, named, null]);
  }
});

/** How often a case of a pattern adds a way on. */
const PATTERNS: readonly (readonly [pattern: string, ways: number])[] = [
  ["a", 0],
  ["_", 0],
  ["(a)", 0],
  ["((  # what\n  a))", 0],
  ["(a,)", 1],
  ["()", 1],
  ["[a]", 1],
  ["(None)", 1],
  ["(Nones)", 0],
  ["(1)", 1],
  ["(a.b)", 1],
  ["(a) as b", 1],
  ["(a) if b", 1],
  ["'#'", 1],
];

Deno.test("outlineOf() counts a case that takes everything as no choice, parentheses or not [S18]", () => {
  for (const [pattern, ways] of PATTERNS) {
    const { complexity, syntaxError } = outlineOf(
      "python",
      `match x:\n  case ${pattern}:\n    pass\n`,
    );
    deepStrictEqual([pattern, complexity, syntaxError], [pattern, 1 + ways, null]);
  }
});
