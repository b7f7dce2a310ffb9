import assert from "node:assert/strict";
import { type HarnessWords, readHarness } from "./frames.ts";
import { pytestReport } from "./pytest_report.ts";

const PLACE = ["test_a", "test_main.py", 1];
const [FOUND, BEGUN, ENDED] = [["found", ...PLACE], ["begun", ...PLACE], ["ended", "passed", null]];

function told(...words: readonly unknown[][]): HarnessWords {
  const lines = words.map((word, at) => JSON.stringify(["told", at, JSON.stringify(word)]));
  return readHarness(`${[...lines, '["end", 9, 0]'].join("\n")}\n`);
}

Deno.test("pytestReport() believes what fits together [S19]", () => {
  const { cases, finished, doubt } = pytestReport(told(FOUND, BEGUN, ENDED, ["finished", 0]));
  const passed = { name: "test_a", file: "test_main.py", line: 1, message: null };
  assert.deepEqual(cases, [{ ...passed, state: "passed", durationSeconds: 1 }]);
  assert.deepEqual([finished, doubt], [0, null]);
});

const DOUBTFUL = {
  "an end without a begin": [FOUND, ENDED],
  "a second end": [FOUND, BEGUN, ENDED, ENDED],
  "a begin in another's time": [FOUND, BEGUN, BEGUN],
  "an outcome that there is none of": [FOUND, BEGUN, ["ended", "splendid", null]],
  "a pass outside of any test": [["apart", ...PLACE, "passed", null]],
  "a word that there is none of": [["hurray"]],
  "no words at all": [[]],
  "anything after the end of all": [FOUND, ["finished", 0], FOUND],
};

for (const [what, words] of Object.entries(DOUBTFUL)) {
  Deno.test(`pytestReport() does not believe ${what} [S19]`, () => {
    assert.match(pytestReport(told(...words)).doubt ?? "", /none of it is believed/);
  });
}

Deno.test("readHarness() leaves out a last line that was cut off [S19]", () => {
  const words = readHarness('["stdout", 0, "YQ=="]\n["stdout", 0.1, null]\n["end", 1, 0');
  assert.deepEqual([...words.stdout], [97]);
  assert.deepEqual([words.stdoutTruncated, words.stderrTruncated, words.end], [true, false, null]);
});
