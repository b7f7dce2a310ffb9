import assert from "node:assert/strict";
import { Work } from "../../domain/policy/work.ts";
import { briefly } from "./checked.ts";
import { CountedSyntax } from "./counted_syntax.ts";

const MIB = 1_048_576;

/** Programs that would take any careless reader long, or its stack, and what is said of each. */
const HOSTILE: Readonly<Record<string, readonly [program: string, found: RegExp]>> = {
  "a line of a mebibyte": [`x = '${"a".repeat(MIB)}'`, /^$/],
  "100,000 nested brackets": ["(".repeat(100_000) + ")".repeat(100_000), /^unreadable/],
  "a mebibyte of brackets": ["(".repeat(MIB), /^unreadable/],
  "100,000 members in a chain": ["a" + ".b".repeat(100_000), /^(unreadable|too-complex)/],
  "a sum of 250,000": ["x = " + "a + ".repeat(250_000) + "1", /^(unreadable|too-complex)/],
  "80,000 branches": ["if a: 1\n" + "elif a: 1\n".repeat(80_000), /^too-complex/],
  "100,000 nested lambdas": ["lambda:".repeat(100_000) + "1", /^unreadable/],
  "half a million names": ["a\n".repeat(MIB / 2), /^too-complex/],
  "half a million comments": ["#\n".repeat(MIB / 2), /^too-complex/],
  "60,000 aliases, last first": [
    Array.from({ length: 30_000 }, (_, index) => `n${index} = n${index + 1}`).join("\n"),
    /^too-complex/,
  ],
  "60,000 aliases of one name": ["a = a\n".repeat(30_000) + "eval", /^eval-call 30001:1$/],
  "texts that double": [
    Array.from({ length: 60 }, (_, at) => `a${at + 1} = a${at} + a${at}`).join("\n"),
    /^$/,
  ],
  "values that double": [
    Array.from({ length: 60 }, (_, at) => `a${at + 1} = a${at} + 'a' if b else a${at} + 'b'`).join(
      "\n",
    ),
    /^$/,
  ],
  "2,000 modules, all of each": ["from os import *\n".repeat(2000) + "x\n".repeat(2000), /^$/],
  "f-strings in f-strings": ["f'{".repeat(50_000), /^unreadable/],
  "an encoding that never ends": ["#" + "coding:".repeat(100_000), /^(|unreadable 1:1)$/],
  "100,000 targets": ["a,".repeat(100_000) + "=x", /^too-complex/],
  "80,000 targets in brackets": ["[" + "a,".repeat(80_000) + "]=x", /^too-complex/],
  "20 lists of 4,000 targets": [("[" + "a,".repeat(4000) + "]=").repeat(20) + "x", /^too-complex/],
  "100,000 loop targets": ["for " + "a,".repeat(100_000) + " in x: pass", /^too-complex/],
  "60,000 loop targets in brackets": [
    "for [" + "a,".repeat(60_000) + "] in x: pass",
    /^too-complex/,
  ],
  "a tuple of 60,000 for as many names": [
    `(${numbered(30_000, "a")}) = (${numbered(30_000, "b")})`,
    /^too-complex/,
  ],
  "60,000 parameters": [`def f(${numbered(60_000, "p")}): pass`, /^too-complex/],
  "a lambda of 60,000 parameters": [`lambda ${numbered(60_000, "p")}: 1`, /^too-complex/],
  "60,000 keywords": [`f(${numbered(60_000, "k", "=1")})`, /^too-complex/],
  "60,000 arguments": [`f(${numbered(60_000, "a")})`, /^too-complex/],
  "2,000 calls of 40 openers": [
    "open if a else open(" + "b,".repeat(40) + ")\n" + ("o = open\n").repeat(60) +
    ("o(" + "b,".repeat(10) + ")\n").repeat(2000),
    /^write-open/,
  ],
  "100 findings behind a long string": [
    `'${"😀".repeat(300_000)}';` + "eval;".repeat(100),
    /^eval-call 1:300004, eval-call 1:300009/,
  ],
  "60,000 findings": ["eval\n".repeat(60_000), /^eval-call 1:1, eval-call 2:1/],
  "20,000 decorators": ["@a\n".repeat(20_000) + "def f(): pass", /^too-complex/],
  "4,000 decorators that are forbidden": ["@eval\n".repeat(4000) + "def f(): pass", /^eval-call/],
  "a list of 60,000 numbers": [`x = [${"1,".repeat(60_000)}]`, /^$/],
  "a set of 60,000 names": [`x = {${"a,".repeat(60_000)}}`, /^$/],
  "a dictionary of 40,000": [`x = {${"1:a,".repeat(40_000)}}`, /^(|too-complex.*)$/],
  "a text of 60,000": ["x = " + "'a'\n".repeat(60_000).replaceAll("\n", " "), /^too-complex/],
  "a long list in 3,000 functions": [
    "def f(): return x\n".repeat(3000) + `x = [${"1,".repeat(40_000)}]`,
    /^$/,
  ],
  "a long list that is joined 5,000 times": [
    `x = [${"'',".repeat(20_000)}]\n` + "''.join(x)\n".repeat(5000),
    /^too-complex/,
  ],
  "a nest of comprehensions": ["[x for x in ".repeat(80) + "y" + "]".repeat(80), /^$/],
  "a comprehension of 8,000 clauses": [`[x${" for x in y".repeat(8000)}]`, /^unreadable/],
  "a comprehension of 400 clauses": [`[x${" for x in y".repeat(400)}]`, /^$/],
  "10,000 cases": ["match x:\n" + "  case A(b=c, d=[e, *f]): g\n".repeat(5000), /^$/],
  "a case of 30,000": [`match x:\n  case [${"a,".repeat(30_000)}]: pass`, /^(|too-complex.*)$/],
  "2,000 modules, all of each, for as many names": [
    Array.from({ length: 2000 }, (_, at) => `from m${at} import *\n`).join("") +
    Array.from({ length: 20_000 }, (_, at) => `a${at}\n`).join(""),
    /^(|too-complex.*)$/,
  ],
  "60,000 names that are global": [`def f():\n  global ${numbered(60_000, "g")}`, /^too-complex/],
  "names that are nobody's in deep functions": [
    depths(80, (at) => `def f${at}():`) + `${" ".repeat(80)}nonlocal ${numbered(4000, "g")}`,
    /^too-complex/,
  ],
  "names in 300 lambdas": [
    "lambda: ".repeat(300) + `[${numbered(20_000, "a")}]`,
    /^(|too-complex.*)$/,
  ],
  "a module of 30,000 words": [`import ${"a.".repeat(30_000)}a`, /^too-complex/],
  "a module of 2,000 words for many names": [
    `from ${"a.".repeat(2000)}a import ${numbered(2000, "b")}`,
    /^$/,
  ],
  "members of members": [
    Array.from({ length: 8000 }, (_, at) => `a${at + 1} = a${at}.b`).join("\n"),
    /^$/,
  ],
  "a long name called often": [`n = x.${"a".repeat(300_000)}\n` + "n()\n".repeat(10_000), /^$/],
  "dictionaries of dictionaries": [
    "a0 = x\n" + Array.from({ length: 6000 }, (_, at) => `a${at + 1} = vars(a${at})`).join("\n"),
    /^$/,
  ],
  "every text for every object": [
    Array.from({ length: 16 }, (_, at) => `o = o${at}\nn = 'n${at}.a.b.c.d.e.f'\n`).join("") +
    "getattr(o, n)\n".repeat(5000),
    /^too-complex/,
  ],
  "a comment of a mebibyte": ["#" + "a".repeat(MIB - 1), /^$/],
  "a sum before 50,000 comments": [
    "x = (" + "a**".repeat(700) + "a" + "\n#".repeat(50_000) + "\n)",
    /^(|unreadable.*|too-complex.*)$/,
  ],
};

/** `a0,a1,…`, with what follows each. */
function numbered(count: number, name: string, after = ""): string {
  return Array.from({ length: count }, (_, at) => `${name}${at}${after}`).join(",");
}

/** Lines of which each stands in the one before. */
function depths(count: number, line: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => `${" ".repeat(at)}${line(at)}\n`).join("");
}

for (const [what, [program, found]] of Object.entries(HOSTILE)) {
  Deno.test(`ensureSafePythonCode() takes a turn at a time for ${what} [S17]`, async () => {
    const work = new Work();
    const syntax = new CountedSyntax(work);
    assert.match(await briefly(program, "reject", { syntax, work }), found);
    syntax.check();
  });
}

Deno.test("ensureSafePythonCode() leaves the event loop its turns [S17]", async () => {
  let turns = 0;
  const checked = briefly("x = a.b(c, 'd')\n".repeat(10_000));
  let going = true;
  const turn = () => {
    turns += 1;
    if (going) setImmediate(turn);
  };
  setImmediate(turn);
  assert.equal(await checked, "");
  going = false;
  assert.ok(turns > 20, `${turns} turns`);
});
