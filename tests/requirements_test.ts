import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { filesBelow } from "./project_files.ts";
import {
  citedRows,
  NOT_YET_BUILT,
  parseRequirements,
  rowFault,
  strayCitations,
  withCitations,
} from "./requirements.ts";
import { readSource } from "./source_facts.ts";

const REQUIREMENTS = parseRequirements(await Deno.readTextFile("docs/requirements.md"));
const IDS = REQUIREMENTS.map(({ id }) => id);
// Contract suites hold tests too, though their names do not end so.
const TESTS = (await filesBelow(".", [".ts"]))
  .filter(({ path }) => path.endsWith("_test.ts") || path.startsWith("tests/contracts/"))
  .flatMap(({ path, text }) => readSource(path, text).testNames);

Deno.test("docs/requirements.md has every row once, with what it asks", () => {
  const numbered = (letter: string, count: number) =>
    Array.from({ length: count }, (_, at) => `${letter}${at + 1}`);
  const expected = [...numbered("S", 45), ...numbered("B", 12)];
  deepStrictEqual([...IDS].sort(), expected.sort());
  ok(REQUIREMENTS.every(({ what }) => what.length > 0));
});

Deno.test("each row is cited by a test or listed as not yet built", async (context) => {
  for (const row of withCitations(IDS, TESTS)) {
    const shown = row.tests.map((name) => name.replaceAll(/ *\[[^\]]*\]/g, "")).join("; ");
    const standing = row.tests.length === 0
      ? "not yet built"
      : `shown by ${row.tests.length} tests: ${shown}`;
    await context.step(`${row.id}: ${standing}`, () => {
      strictEqual(rowFault(row, NOT_YET_BUILT), null);
    });
  }
});

Deno.test("no test and no list names a row that is not there", () => {
  deepStrictEqual(strayCitations(IDS, TESTS, NOT_YET_BUILT), []);
});

Deno.test("parseRequirements() reads rows and nothing else of the page", () => {
  const page = "# T\n| row | what | acceptance |\n|---|---|---|\n| S1 | **A**: `a` | b |\n" +
    "| B2 | c | |\ntext | S3 | d | e |\n";
  deepStrictEqual(parseRequirements(page), [
    { id: "S1", what: "**A**: `a`", acceptance: "b" },
    { id: "B2", what: "c", acceptance: "" },
  ]);
});

Deno.test("citedRows() reads the brackets of a test's name", () => {
  deepStrictEqual(citedRows("run() ends [S13, B6] quickly [S14]"), ["S13", "B6", "S14"]);
  deepStrictEqual(citedRows("S13 without brackets, array[0], [X1]"), []);
});

Deno.test("rowFault() finds a row that nobody shows, and one that is shown and still listed", () => {
  const [shown, unshown] = withCitations(["S1", "S2"], ["a [S1]"]);
  ok(shown !== undefined && unshown !== undefined);
  strictEqual(rowFault(shown, []), null);
  strictEqual(rowFault(unshown, ["S2"]), null);
  strictEqual(rowFault(shown, ["S1"]), "S1 stands in NOT_YET_BUILT and is cited by: a [S1]");
  strictEqual(rowFault(unshown, []), "S2 is cited by no test and not in NOT_YET_BUILT");
});

Deno.test("strayCitations() finds unknown rows, other forms and doubles", () => {
  deepStrictEqual(strayCitations(["S1"], ["a [S1]", "b [S9]", "c [S1 S2]"], ["S8", "S1", "S1"]), [
    "'b [S9]' cites the unknown row S9",
    "'c [S1 S2]' cites in another form than [S13, B6]",
    "NOT_YET_BUILT has the unknown row S8",
    "NOT_YET_BUILT has S1 twice",
  ]);
});

Deno.test("readSource() finds the names of tests and steps, and no other strings", () => {
  const text = `
    // Deno.test("comment [S1]")
    const other = "string [S1]";
    Deno.test("plain [S2]", () => {});
    Deno.test(\`template \${other} [S3]\`, async (t) => { await t.step("step [S4]", () => {}); });
    Deno.test({ name: "object [S5]", fn() {} });
    Deno.test("joined " + "[S6]", () => {});
  `;
  deepStrictEqual(readSource("a_test.ts", text).testNames.flatMap(citedRows).sort(), [
    "S2",
    "S3",
    "S4",
    "S5",
    "S6",
  ]);
});
