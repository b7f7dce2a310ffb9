import assert from "node:assert/strict";
import { briefly } from "./checked.ts";

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
};

for (const [what, [program, found]] of Object.entries(HOSTILE)) {
  Deno.test(`ensureSafePythonCode() comes to an end of ${what} [S17]`, async () => {
    assert.match(await briefly(program), found);
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
