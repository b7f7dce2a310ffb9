import type { AlertRule, RecordingRule } from "./rule_files.ts";

/** An alert that differs from one that ships in one number or one word, or reads a record that does. */
export interface Mutant {
  /** What it is called among the rules. */
  readonly name: string;
  /** What is different. */
  readonly what: string;
  readonly rules: readonly object[];
}

interface Change {
  readonly what: string;
  readonly expr: string;
}

const TIMES = [0.8, 1.25];
const DURATION_TIMES = [0.5, 2];
const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Bounds of buckets, other texts, windows, joining words, comparisons with nothing, names, numbers. */
const TOKENS =
  /le="(?<bound>[\d.]+)"|"[^"]*"|\[(?<window>\d+[smhd])\]|\b(?<word>and|or)\b|(?<nothing>[>=]+ 0)(?![\d.])|[A-Za-z_][\w:]*|(?<=quantile\(\s*)(?<share>[\d.]+)|(?<number>\d+(?:\.\d+)?)/g;

function seconds(duration: string, times: number): string {
  const unit = SECONDS[duration.slice(-1) as keyof typeof SECONDS];
  return `${Number.parseInt(duration) * unit * times}s`;
}

/** To be exact to the last digit that anybody would write. */
const shortly = (value: number) => `${Number(value.toPrecision(12))}`;

/** What a token is replaced by; nothing for what is no number and joins nothing. */
function replacements(token: string, groups: Readonly<Record<string, string | undefined>>) {
  const { bound, window, word, nothing, share, number } = groups;
  if (bound !== undefined) return TIMES.map((times) => `le="${shortly(Number(bound) * times)}"`);
  if (window !== undefined) return DURATION_TIMES.map((times) => `[${seconds(window, times)}]`);
  if (word !== undefined) return [word === "and" ? "or" : "and"];
  if (nothing !== undefined) return [">= 0"];
  // Of what is above it: 0.99 is one in a hundred.
  if (share !== undefined) return TIMES.map((times) => shortly(1 - (1 - Number(share)) * times));
  if (number !== undefined) return TIMES.map((times) => shortly(Number(token) * times));
  return [];
}

/** Every expression that differs from this one in one place. */
export function changesOf(expr: string): Change[] {
  return [...expr.matchAll(TOKENS)].flatMap(({ 0: token, index, groups = {} }) => {
    const [before, after] = [expr.slice(0, index), expr.slice(index + token.length)];
    const line = before.split("\n").length;
    return replacements(token, groups).map((other) => ({
      what: `${token} -> ${other}, line ${line}`,
      expr: before + other + after,
    }));
  });
}

/** The records' own: a record has one window, which its name says, so that all of its windows are one. */
function recordChanges({ expr }: RecordingRule): Change[] {
  const [window = ""] = expr.match(/\[\w+\]/) ?? [];
  return changesOf(expr.replaceAll(window, "[1s]"))
    .filter(({ what }) => !what.startsWith("["))
    .map(({ what, expr }) => ({ what, expr: expr.replaceAll("[1s]", window) }))
    .concat(
      DURATION_TIMES.map((times) => {
        const other = `[${seconds(window.slice(1, -1), times)}]`;
        return { what: `${window} -> ${other}`, expr: expr.replaceAll(window, other) };
      }),
    );
}

/** The records that an alert reads. */
export function readBy(
  { expr }: AlertRule,
  records: readonly RecordingRule[],
): readonly RecordingRule[] {
  const names = new Set(expr.match(/[A-Za-z_][\w:]*/g));
  return records.filter(({ record }) => names.has(record));
}

/** Every mutant of an alert: of its expression, of its duration, of each record that it reads. */
export function mutantsOf(rule: AlertRule, records: readonly RecordingRule[]): Mutant[] {
  const { alert, labels } = rule;
  const made: Omit<Mutant, "name">[] = [];
  const nameNow = () => `${alert}_mutant_${made.length}`;
  const alerting = (changed: Partial<AlertRule>) => ({
    alert: nameNow(),
    expr: rule.expr,
    for: rule.for,
    labels,
    ...changed,
  });
  for (const times of DURATION_TIMES) {
    const lasting = seconds(rule.for, times);
    made.push({ what: `for ${rule.for} -> ${lasting}`, rules: [alerting({ for: lasting })] });
  }
  for (const { what, expr } of changesOf(rule.expr)) {
    made.push({ what, rules: [alerting({ expr })] });
  }
  for (const read of readBy(rule, records)) {
    for (const { what, expr } of recordChanges(read)) {
      const record = `${read.record}_mutant_${made.length}`;
      const reading = alerting({
        expr: rule.expr.replaceAll(new RegExp(`\\b${read.record}\\b`, "g"), record),
      });
      made.push({ what: `${read.record}: ${what}`, rules: [{ record, expr }, reading] });
    }
  }
  return made.map((it, at) => ({ ...it, name: `${alert}_mutant_${at}` }));
}
