import assert from "node:assert/strict";
import {
  type CaseOutcome,
  concludeTests,
  type DraftCase,
  MAX_CASES,
  type ReportDraft,
  type TestEnding,
  type TestOutcome,
} from "./report.ts";

function cases(...states: DraftCase["state"][]): DraftCase[] {
  const nothing = { file: null, line: null, durationSeconds: null, message: null };
  return states.map((state, at) => ({ ...nothing, name: `t${at}`, state }));
}

const DRAFT: ReportDraft = { cases: [], finished: 0, fault: null, doubt: null };
const WELL: TestEnding = { outcome: "ok", returnCode: 0, signal: null };

interface Line {
  readonly draft: Partial<ReportDraft>;
  readonly ending?: Partial<TestEnding>;
  readonly outcome: TestOutcome;
  readonly cases: readonly CaseOutcome[];
  readonly message?: RegExp;
}

const TABLE: Readonly<Record<string, Line>> = {
  "all passed": {
    draft: { cases: cases("passed", "skipped", "xfailed", "xpassed") },
    outcome: "passed",
    cases: ["passed", "skipped", "xfailed", "xpassed"],
  },
  "one failed": {
    draft: { cases: cases("passed", "failed"), finished: 1 },
    ending: { returnCode: 1 },
    outcome: "failed",
    cases: ["passed", "failed"],
  },
  "one was in error, and the process says that all is well": {
    draft: { cases: cases("error") },
    outcome: "failed",
    cases: ["error"],
  },
  "none was found": { draft: {}, outcome: "no_tests", cases: [] },
  "all were skipped, and the framework calls that none": {
    draft: { cases: cases("skipped"), finished: 5 },
    ending: { returnCode: 5 },
    outcome: "no_tests",
    cases: ["skipped"],
  },
  "one was found and never run": {
    draft: { cases: cases("passed", "found") },
    outcome: "crashed",
    cases: ["passed", "not_run"],
    message: /exit code 0 before/,
  },
  "the framework was never through, with exit code 0": {
    draft: { cases: cases("passed"), finished: null },
    outcome: "crashed",
    cases: ["passed"],
  },
  "the framework is through, and another exit code came": {
    draft: { cases: cases("passed") },
    ending: { returnCode: 1 },
    outcome: "crashed",
    cases: ["passed"],
  },
  "the framework is through, and a signal came": {
    draft: { cases: cases("passed") },
    ending: { returnCode: 139, signal: "SIGSEGV" },
    outcome: "crashed",
    cases: ["passed"],
    message: /by SIGSEGV/,
  },
  "no test failed, and the framework is not content": {
    draft: { cases: cases("passed"), finished: 1 },
    ending: { returnCode: 1 },
    outcome: "error",
    cases: ["passed"],
    message: /exit code 1, though no test failed/,
  },
  "the framework could not do its work": {
    draft: { cases: cases("begun", "found"), finished: 3, fault: "its own words" },
    ending: { returnCode: 3 },
    outcome: "error",
    cases: ["crashed", "not_run"],
    message: /^its own words$/,
  },
  "the report cannot be believed": {
    draft: { cases: cases("passed", "xfailed", "skipped", "failed"), doubt: "no" },
    outcome: "error",
    cases: ["error", "error", "error", "failed"],
    message: /^no$/,
  },
  "the time was up": {
    draft: { cases: cases("passed", "begun", "found"), finished: null },
    ending: { outcome: "timeout", returnCode: 124 },
    outcome: "timeout",
    cases: ["passed", "timeout", "not_run"],
  },
  "the time was up after the last test": {
    draft: { cases: cases("passed") },
    ending: { outcome: "timeout", returnCode: 124 },
    outcome: "timeout",
    cases: ["passed"],
  },
  "the memory was": {
    draft: { cases: cases("begun"), finished: null },
    ending: { outcome: "memory", returnCode: 137, signal: "SIGKILL" },
    outcome: "memory",
    cases: ["crashed"],
  },
};

for (const [what, line] of Object.entries(TABLE)) {
  Deno.test(`concludeTests() where ${what} [S19]`, () => {
    const report = concludeTests({ ...DRAFT, ...line.draft }, { ...WELL, ...line.ending });
    assert.equal(report.outcome, line.outcome);
    assert.deepEqual(report.cases.map(({ outcome }) => outcome), line.cases);
    assert.equal(Object.values(report.counts).reduce((sum, n) => sum + n), line.cases.length);
    assert.match(report.message ?? "", line.message ?? /(?:)/);
  });
}

Deno.test("concludeTests() leaves out what passed first, then the last of the others [S19]", () => {
  const passed = cases(...Array.from({ length: MAX_CASES + 10 }, () => "passed" as const));
  const few = concludeTests(
    { ...DRAFT, cases: [...passed, ...cases("failed")], finished: 1 },
    { ...WELL, returnCode: 1 },
  );
  assert.deepEqual([few.cases.length, few.casesOmitted], [MAX_CASES, 11]);
  assert.equal(few.cases.at(-1)?.outcome, "failed");
  const failed = passed.map((one) => ({ ...one, state: "failed" as const, message: "m" }));
  const many = concludeTests(
    { ...DRAFT, cases: [...cases("passed"), ...failed], finished: 1 },
    { ...WELL, returnCode: 1 },
  );
  assert.deepEqual([many.cases.length, many.counts.failed], [MAX_CASES, MAX_CASES + 10]);
  assert.ok(many.cases.every(({ outcome }) => outcome === "failed"));
});

Deno.test("concludeTests() bounds all messages together, and cuts those that come last [S19]", () => {
  const long = "x".repeat(4096);
  const failed = cases(...Array.from({ length: 500 }, () => "failed" as const))
    .map((one) => ({ ...one, message: long }));
  const report = concludeTests({ ...DRAFT, cases: failed, finished: 1 }, {
    ...WELL,
    returnCode: 1,
  });
  const all = report.cases.reduce((sum, { message }) => sum + (message ?? "").length, 0);
  assert.equal(report.cases[0]?.message, long);
  assert.ok(all < 700_000, String(all));
  assert.match(report.cases.at(-1)?.message ?? "", /^x{100,200} …$/);
});
