import assert from "node:assert/strict";
import { readTap, shownName, tapName } from "./tap.ts";

function tapOf(text: string) {
  return readTap(text.split("\n").map((line, at) => ({ at, text: line })));
}

const TAP = `TAP version 14
# ./main_test.js
ok 1 - a
not ok 2 - b
  ---
  {"message":"Error: no","severity":"fail","at":{"file":"./main_test.js","line":2}}
  ...
ok 3 - c # SKIP
# Subtest: d
    ok 1 - one
    not ok 2 - two
      ---
      {"message":"cut o
      ...
    1..2
not ok 4 - d
  ---
  {"message":"1 test step failed."}
  ...
not ok 5 - e
1..5`;

Deno.test("readTap() reads results with their steps, reasons and files [S19]", () => {
  const { results, isWhole } = tapOf(TAP);
  assert.equal(isWhole, true);
  assert.deepEqual(results.map(({ name, verdict, message }) => [name, verdict, message]), [
    ["a", "passed", null],
    ["b", "failed", "Error: no"],
    ["c", "skipped", null],
    ["d", "failed", "1 test step failed."],
    ["e", "cancelled", null],
  ]);
  assert.ok(results.every(({ file }) => file === "main_test.js"));
  assert.deepEqual(
    results[3]?.steps.map(({ name, verdict, message }) => [name, verdict, message]),
    [
      ["one", "passed", null],
      ["two", "failed", '{"message":"cut o'],
    ],
  );
});

Deno.test("readTap() takes a report for whole only with its plan, and as many results [S19]", () => {
  assert.equal(tapOf(TAP.replace("\n1..5", "")).isWhole, false);
  assert.equal(tapOf(TAP.replace("1..5", "1..6")).isWhole, false);
  assert.equal(tapOf("1..0").isWhole, true);
  assert.equal(tapOf("").isWhole, false);
});

Deno.test("shownName() gives back what tapName() was given, but for controls [S19]", () => {
  for (const name of ["a", "# a \\ b", "\\#", "\\n", "é😀"]) {
    assert.equal(shownName(tapName(name)), name);
  }
  assert.equal(shownName(tapName("a\nb")), "a\\nb");
});
