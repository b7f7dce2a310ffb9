import type { DraftCase, ReportDraft } from "../../../domain/testing/report.ts";
import { type HarnessWords, lineOrNull, textOrNull, wordsOf } from "./frames.ts";
import { readTap, shownName, tapName, type TapResult } from "./tap.ts";

const FOLDER = "file:///tmp/work/tests/";
const LONGEST_MESSAGE = 4096;
const LONGEST_NAME = 500;
/** Frames of a stack that are Deno's own, or the script's that runs before the tests. */
const OWN_FRAME = /^\s+at .*(?:\bext:|deno_side\.js)/;

/** A test that was registered; told by the tests' own process. */
interface Found {
  readonly name: string;
  readonly file: string | null;
  readonly line: number | null;
  begunAt: number | null;
  result: TapResult | null;
}

/**
 * What Deno said in TAP, where nothing of the tests' can come, with what `deno_side.js` knows of names,
 * places and errors. `source`: the file that stands for all where none could be loaded.
 */
export function denoReport(harness: HarnessWords, source: string): ReportDraft {
  const tap = readTap(harness.lines);
  const { found, uncaught, isReady } = heardOf(harness);
  const unnamed = tap.results.filter((result) => !match(found, result));
  const others = unnamed.filter((result) => !match(found, result, false)).map(unheard);
  const cases = [...found, ...others].flatMap((one) => casesOf(one, uncaught));
  const code = harness.end === null ? null : harness.end.status >> 8;
  // Before the first test runs, Deno reads and checks all that they import. No word but its own comes then.
  const unread = !isReady && code !== null && code !== 0
    ? new TextDecoder().decode(harness.stderr)
    : null;
  const isOfTest = cases.some(({ state }) => state === "error");
  const fault = messageOf(unread ?? (isOfTest ? null : uncaught));
  if (fault !== null) cases.push(fileCase(source, fault));
  const isThrough = tap.isWhole || unread !== null;
  return { cases, finished: isThrough ? code : null, fault, doubt: null };
}

function heardOf({ told }: HarnessWords) {
  const found: Found[] = [];
  let [uncaught, isReady]: [string | null, boolean] = [null, false];
  for (const { at, text } of told) {
    const [kind, ...words] = wordsOf(text) ?? [];
    if (kind === "ready") isReady = true;
    else if (kind === "uncaught") uncaught ??= textOrNull(words[0]);
    else if (kind === "found") found.push(foundIn(words));
    else if (kind === "begun") begin(found, foundIn(words), at);
  }
  return { found, uncaught, isReady };
}

function foundIn([name, file, line]: readonly unknown[]): Found {
  return {
    name: textOrNull(name) ?? "",
    file: textOrNull(file)?.replace(FOLDER, "") ?? null,
    line: lineOrNull(line),
    begunAt: null,
    result: null,
  };
}

function begin(found: readonly Found[], { name, file, line }: Found, at: number): void {
  const one = found.find((known) =>
    known.begunAt === null && known.name === name && known.file === file && known.line === line
  );
  if (one !== undefined) one.begunAt = at;
}

/**
 * Finds the test of a result. Deno runs those of a file in the order in which they were registered; so one
 * whose name it writes in a way of its own is the first that has begun and has no result.
 */
function match(found: readonly Found[], result: TapResult, byName = true): boolean {
  const one = found.find((known) =>
    known.result === null && known.file === result.file &&
    (byName ? tapName(known.name) === result.name : known.begunAt !== null)
  );
  if (one !== undefined) one.result = result;
  return one !== undefined;
}

/** A test that only Deno has told of. */
function unheard(result: TapResult): Found {
  const { name, file } = result;
  return { name: shownName(name), file, line: null, begunAt: null, result };
}

function casesOf(one: Found, uncaught: string | null): DraftCase[] {
  const { name, file, line, begunAt, result } = one;
  const place = { name: bounded(name, LONGEST_NAME), file, line };
  const open = begunAt === null ? "found" : "begun";
  if (result === null) return [{ ...place, state: open, durationSeconds: null, message: null }];
  const durationSeconds = begunAt === null
    ? null
    : Math.round(Math.max(0, result.at - begunAt) * 1e4) / 1e4;
  const ended = result.verdict === "cancelled"
    ? calledOff(begunAt !== null, uncaught)
    : { state: result.verdict, message: messageOf(result.message) };
  const steps = result.steps.map((step): DraftCase => ({
    ...place,
    name: bounded(`${name} > ${shownName(step.name)}`, LONGEST_NAME),
    state: step.verdict === "cancelled" ? "error" : step.verdict,
    durationSeconds: null,
    message: messageOf(step.message),
  }));
  return [{ ...place, durationSeconds, ...ended }, ...steps];
}

/** After an error that nobody caught Deno runs no more tests, and calls off the one that ran. */
function calledOff(
  isBegun: boolean,
  uncaught: string | null,
): Pick<DraftCase, "state" | "message"> {
  if (!isBegun) return { state: "found", message: null };
  return { state: "error", message: messageOf(uncaught ?? "An error that no test caught.") };
}

function fileCase(source: string, message: string): DraftCase {
  const place = { name: source, file: source, line: null, durationSeconds: null };
  return { ...place, state: "error", message };
}

function messageOf(text: string | null): string | null {
  if (text === null) return null;
  const lines = text.replaceAll(FOLDER, "./").split("\n").filter((line) => !OWN_FRAME.test(line));
  return bounded(lines.join("\n").trim(), LONGEST_MESSAGE);
}

function bounded(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 2)} …`;
}
