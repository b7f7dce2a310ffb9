/** What `harness.py` said of one run of tests. */
export interface HarnessWords {
  /** Reports, in their order, with the seconds since the start. */
  readonly told: readonly TimedText[];
  /** Lines of the framework's own report. */
  readonly lines: readonly TimedText[];
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
  /** Whether something came where only reports may. */
  readonly isDoubtful: boolean;
  /** Whether the child was ended because it wrote too much. */
  readonly isFull: boolean;
  /** How the child ended, as wait(2) gives it, and when; `null`: nobody was left to say. */
  readonly end: { readonly status: number; readonly at: number } | null;
}

/** A text, and when it came, in seconds since the start. */
export interface TimedText {
  readonly at: number;
  readonly text: string;
}

type Frame = readonly [kind: string, at: number, text: unknown];

/** Reads what the harness wrote. A last line that was cut off is left out. */
export function readHarness(output: string): HarnessWords {
  const frames = output.split("\n").slice(0, -1).flatMap(readFrame);
  const texts = (wanted: string) =>
    frames.flatMap(([kind, at, text]) =>
      kind === wanted && typeof text === "string" ? [{ at, text }] : []
    );
  const has = (wanted: string, value?: null) =>
    frames.some(([kind, , text]) => kind === wanted && (value === undefined || text === value));
  const last = frames.find(([kind]) => kind === "end");
  return {
    told: texts("told"),
    lines: texts("line"),
    stdout: joined(texts("stdout")),
    stderr: joined(texts("stderr")),
    stdoutTruncated: has("stdout", null),
    stderrTruncated: has("stderr", null),
    isDoubtful: has("doubt"),
    isFull: has("full"),
    end: last === undefined ? null : { status: Number(last[2]), at: last[1] },
  };
}

/** Any line that is none was cut off by the end of the run. */
function readFrame(line: string): readonly Frame[] {
  try {
    return [JSON.parse(line) as Frame];
  } catch {
    return [];
  }
}

function joined(pieces: readonly TimedText[]): Uint8Array {
  const parts = pieces.map(({ text }) => Uint8Array.fromBase64(text));
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A report's words: JSON of an array that begins with its kind; `null` where it is none. */
export function wordsOf(text: string): readonly unknown[] | null {
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) ? words : null;
  } catch {
    return null;
  }
}

/** A text of a report, or `null`. */
export function textOrNull(word: unknown): string | null {
  return typeof word === "string" ? word.toWellFormed() : null;
}

/** A line number of a report, or `null`. */
export function lineOrNull(word: unknown): number | null {
  return typeof word === "number" && Number.isSafeInteger(word) && word > 0 ? word : null;
}
