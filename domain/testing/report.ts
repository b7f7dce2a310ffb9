import type { Outcome } from "../execution/outcome.ts";

/**
 * How one test ended. `error`: outside the test itself, in its setup, its teardown or in reading its file.
 * `xfailed`, `xpassed`: it was expected to fail. `timeout`, `crashed`: it was the one that ran when all
 * of them were ended, or ended. `not_run`: it was found, and never begun.
 */
export const CASE_OUTCOMES = [
  "passed",
  "failed",
  "error",
  "skipped",
  "xfailed",
  "xpassed",
  "timeout",
  "crashed",
  "not_run",
] as const;

/** One of {@link CASE_OUTCOMES}. */
export type CaseOutcome = (typeof CASE_OUTCOMES)[number];

/** One test, one parameter set of it, or a step of it. */
export interface TestCase {
  readonly name: string;
  /** Relative to the working directory; `null` where nobody said. */
  readonly file: string | null;
  /** Counted from 1. */
  readonly line: number | null;
  readonly outcome: CaseOutcome;
  /** Wall-clock time; `null` of one that never ended. */
  readonly durationSeconds: number | null;
  /** Why it did not pass, cut to 4,096 characters; `null` where there is nothing to say. */
  readonly message: string | null;
}

/**
 * How many there are of each kind, all together as many as there are cases. Like the usual reports, an
 * expected failure counts as skipped, an unexpected pass as passed; `timeout` and `crashed` are errors.
 */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly errors: number;
  readonly skipped: number;
  readonly notRun: number;
}

/**
 * How the tests ended as a whole. `passed`: each was run to its end, and none failed. `failed`: at least
 * one did. `error`: the framework could not do its work, or its report cannot be believed. `crashed`: the
 * process ended before all of them had. The others name the limit that ended the run.
 */
export const TEST_OUTCOMES = [
  "passed",
  "failed",
  "no_tests",
  "error",
  "crashed",
  "timeout",
  "memory",
  "cpu",
  "output",
] as const;

/** One of {@link TEST_OUTCOMES}. */
export type TestOutcome = (typeof TEST_OUTCOMES)[number];

/** What came of tests. */
export interface TestReport {
  readonly outcome: TestOutcome;
  /** The framework's exit code; 128 + n when ended by signal n; 124 on timeout. */
  readonly returnCode: number;
  /** Why the whole is an `error` or `crashed`, where no case says. */
  readonly message: string | null;
  readonly counts: TestCounts;
  /** In the order in which they ran, at most {@link MAX_CASES}: those that passed are left out first. */
  readonly cases: readonly TestCase[];
  /** How many are counted and not told. */
  readonly casesOmitted: number;
}

/** The most cases that are told of one run. */
export const MAX_CASES = 2000;

/** The most characters that the messages of all cases have together; past it each is cut to a line or two. */
const MAX_MESSAGES = 524_288;
const SHORT_MESSAGE = 200;

/** A test as far as it is known; `found` and `begun` where the report breaks off. */
export interface DraftCase extends Omit<TestCase, "outcome"> {
  readonly state: "found" | "begun" | Exclude<CaseOutcome, "timeout" | "crashed" | "not_run">;
}

/** What the framework has told. */
export interface ReportDraft {
  readonly cases: readonly DraftCase[];
  /** The exit code that the framework announced when it was through with all tests; `null`: it never was. */
  readonly finished: number | null;
  /** What kept the framework from its work, in its own words. */
  readonly fault: string | null;
  /** Why the report cannot be believed. */
  readonly doubt: string | null;
}

/** How the process of the tests ended. */
export interface TestEnding {
  /** As the sandbox saw it; `ok` where the process ended by itself, whatever its exit code. */
  readonly outcome: Outcome;
  readonly returnCode: number;
  /** Such as `SIGSEGV`. */
  readonly signal: string | null;
}

const LIMITS: { readonly [O in Outcome]?: Extract<TestOutcome, O> } = {
  timeout: "timeout",
  memory: "memory",
  cpu: "cpu",
  output: "output",
};

/** What is to be told of tests, from what was told of them and how their process ended. */
export function concludeTests(draft: ReportDraft, ending: TestEnding): TestReport {
  const unended = unendedBy(draft, ending);
  const known = isCutShort(draft, ending) ? [...draft.cases, READING] : draft.cases;
  const cases = known.map((one) => concluded(one, unended, draft.doubt));
  const counts = countsOf(cases);
  const outcome = outcomeOf(draft, ending, counts);
  const told = withinRoom(shownOf(cases));
  return {
    outcome,
    returnCode: ending.returnCode,
    message: messageOf(outcome, draft, unended),
    counts,
    cases: told,
    casesOmitted: cases.length - told.length,
  };
}

/** What hung or crashed where no test had begun. */
const READING: DraftCase = {
  ...{ name: "(reading the tests)", file: null, line: null },
  ...{ state: "begun", durationSeconds: null, message: null },
};

/** Whether the process was ended, or ended, before it came to a test. */
function isCutShort(
  { cases, finished, fault, doubt }: ReportDraft,
  { outcome }: TestEnding,
): boolean {
  if (finished !== null || fault !== null || doubt !== null || outcome === "output") return false;
  return cases.every(({ state }) => state === "found");
}

function messageOf(
  outcome: TestOutcome,
  { finished, fault, doubt }: ReportDraft,
  unended: Unended,
): string | null {
  if (outcome === "crashed") return unended.message;
  if (outcome !== "error") return null;
  return doubt ?? fault ?? `The framework ended with exit code ${finished}, though no test failed.`;
}

interface Unended {
  readonly outcome: "timeout" | "crashed";
  readonly message: string;
}

function unendedBy({ fault }: ReportDraft, { outcome, returnCode, signal }: TestEnding): Unended {
  if (outcome === "timeout") return { outcome, message: "It had not ended when the time was up." };
  const limit = LIMITS[outcome];
  const cause = limit !== undefined
    ? `at the limit '${limit}'`
    : signal !== null
    ? `by ${signal}`
    : `with exit code ${returnCode}`;
  const message = fault ?? `The process ended ${cause} before the tests had.`;
  return { outcome: "crashed", message };
}

function concluded(
  { state, ...known }: DraftCase,
  { outcome, message }: Unended,
  doubt: string | null,
): TestCase {
  if (state === "found") return { ...known, outcome: "not_run" };
  if (state === "begun") return { ...known, outcome, message: known.message ?? message };
  // Nobody saw it pass whose word counts.
  if (doubt !== null && HARMLESS.has(state)) return { ...known, outcome: "error", message: doubt };
  return { ...known, outcome: state };
}

const HARMLESS: ReadonlySet<string> = new Set(["passed", "skipped", "xfailed", "xpassed"]);

function countsOf(cases: readonly TestCase[]): TestCounts {
  const count = (...outcomes: CaseOutcome[]) =>
    cases.reduce((sum, { outcome }) => outcomes.includes(outcome) ? sum + 1 : sum, 0);
  return {
    passed: count("passed", "xpassed"),
    failed: count("failed"),
    errors: count("error", "timeout", "crashed"),
    skipped: count("skipped", "xfailed"),
    notRun: count("not_run"),
  };
}

/** `passed` is said only where nothing at all speaks against it. */
function outcomeOf(
  { finished, doubt, fault, cases }: ReportDraft,
  ending: TestEnding,
  counts: TestCounts,
): TestOutcome {
  const limit = LIMITS[ending.outcome];
  if (limit !== undefined) return limit;
  if (doubt !== null) return "error";
  if (finished === null || ending.outcome !== "ok" || ending.signal !== null) {
    return fault === null ? "crashed" : "error";
  }
  if (fault !== null) return "error";
  if (cases.some(({ state }) => state === "begun")) return "crashed";
  if (counts.failed + counts.errors > 0) return "failed";
  if (finished !== ending.returnCode) return "crashed";
  if (counts.passed + counts.notRun === 0 && (cases.length === 0 || finished !== 0)) {
    return "no_tests";
  }
  if (finished !== 0) return "error";
  return counts.notRun > 0 ? "crashed" : "passed";
}

function withinRoom(cases: readonly TestCase[]): readonly TestCase[] {
  let room = MAX_MESSAGES;
  return cases.map((one) => {
    const { message } = one;
    if (message === null) return one;
    const isShort = message.length <= Math.max(SHORT_MESSAGE, room);
    room -= Math.min(message.length, room);
    return isShort ? one : { ...one, message: `${message.slice(0, SHORT_MESSAGE - 2)} …` };
  });
}

function shownOf(cases: readonly TestCase[]): readonly TestCase[] {
  if (cases.length <= MAX_CASES) return cases;
  const others = cases.filter(({ outcome }) => outcome !== "passed").slice(0, MAX_CASES);
  let room = MAX_CASES - others.length;
  const kept = new Set(others);
  return cases.filter((one) => kept.has(one) || (one.outcome === "passed" && room-- > 0));
}
