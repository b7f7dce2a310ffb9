/** One result of TAP as Deno writes it, of a test or of a step of one. */
export interface TapResult {
  /** As TAP has it, escaped. */
  readonly name: string;
  /** The file that it is of, relative to the working directory. */
  readonly file: string | null;
  readonly verdict: "passed" | "failed" | "cancelled" | "skipped";
  readonly message: string | null;
  /** Results of the steps, in the order in which they ended. */
  readonly steps: readonly Omit<TapResult, "steps" | "file">[];
  /** Seconds since the start. */
  readonly at: number;
}

/** What Deno wrote of all tests. */
export interface TapReport {
  readonly results: readonly TapResult[];
  /** Whether it came to its end: the plan, which Deno writes last, counts as many as there are. */
  readonly isWhole: boolean;
}

const FILE = /^# \.\/(.*)$/s;
const RESULT = /^( *)(ok|not ok) \d+ - (.*?)( # SKIP)?$/s;
const PLAN = /^1\.\.(\d+)$/;
const DIAGNOSTIC = /^ *(\{"message":.*)$/s;

type Open = { -readonly [K in keyof TapResult]: TapResult[K] };

/** Reads TAP, which tells the results of steps before that of their test. */
export function readTap(
  lines: readonly { readonly at: number; readonly text: string }[],
): TapReport {
  const results: Open[] = [];
  let [steps, last, file, planned]: [Open[], Open | null, string | null, number | null] = //
    [[], null, null, null];
  for (const { at, text } of lines) {
    file = FILE.exec(text)?.[1] ?? file;
    const [, indent, word, name, skip] = RESULT.exec(text) ?? [];
    const diagnostic = DIAGNOSTIC.exec(text)?.[1];
    if (name !== undefined) {
      // Deno gives a reason for every failure but that of a test that it has called off.
      const verdict = skip !== undefined ? "skipped" : word === "ok" ? "passed" : "cancelled";
      const isStep = indent !== "";
      last = { name, file, verdict, message: null, at, steps: isStep ? [] : steps };
      if (isStep) steps.push(last);
      else [steps] = [[], results.push(last)];
    } else if (diagnostic !== undefined && last?.verdict === "cancelled") {
      last.verdict = "failed";
      last.message = messageIn(diagnostic);
    } else planned = planOf(text) ?? planned;
  }
  return { results, isWhole: planned === results.length };
}

function planOf(text: string): number | null {
  const count = PLAN.exec(text)?.[1];
  return count === undefined ? null : Number(count);
}

/** A diagnostic that was cut off is shown as it is. */
function messageIn(diagnostic: string): string {
  try {
    return String(JSON.parse(diagnostic).message);
  } catch {
    return diagnostic;
  }
}

const CONTROLS: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\f": "\\f",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  "\0": "\\0",
  "\v": "\\v",
};

/** A name as TAP has it. */
export function tapName(name: string): string {
  const shown = name.replaceAll(/[\b\f\t\n\r\0\v]/g, (control) => CONTROLS[control] ?? control);
  return shown.replaceAll("\\", "\\\\").replaceAll("#", "\\#");
}

/** What {@link tapName} was given, as it can be shown. */
export function shownName(name: string): string {
  return name.replaceAll("\\#", "#").replaceAll("\\\\", "\\");
}
