import { parse } from "yaml";
import { projectText } from "../fixtures/compose_file.ts";

/** An alert as it is written. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<"summary" | "description" | "runbook_url", string>>;
}

/** A rule that records what alerts and dashboards read. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** Where the rules are, from the project's top. */
export const RULE_FILES = [
  "deploy/prometheus/recording.rules.yml",
  "deploy/prometheus/alerts.rules.yml",
] as const;

async function rulesOf<T>(path: string): Promise<T[]> {
  const { groups } = parse(await projectText(path));
  return groups.flatMap(({ rules }: { rules: T[] }) => rules);
}

/** Every alert, in the order of the file. */
export async function alertRules(): Promise<AlertRule[]> {
  return await rulesOf(RULE_FILES[1]);
}

/** Every record, in the order of the file. */
export async function recordingRules(): Promise<RecordingRule[]> {
  return await rulesOf(RULE_FILES[0]);
}

/** The names of the groups, those first that others read. */
export async function ruleGroups(): Promise<string[]> {
  const texts = await Promise.all(RULE_FILES.map(projectText));
  return texts.flatMap((text) => parse(text).groups.map(({ name }: { name: string }) => name));
}

/** The anchors of a Markdown text's headings, as readers of Markdown make them. */
export function headingAnchors(markdown: string): Set<string> {
  const headings = [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) => text.toLowerCase());
  return new Set(headings.map((text) => text.replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-")));
}

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * The rules with every window and every `for` so many times shorter, whole seconds and no less than
 * `leastSeconds`. Names and thresholds stay: an alert is the same, only that its time runs faster.
 */
export function quickened(rules: string, times: number, leastSeconds: number): string {
  const shorter = (amount: string, unit: string) => {
    const ms = Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS] / times;
    return `${Math.max(Math.ceil(ms / 1000), leastSeconds)}s`;
  };
  return rules
    .replaceAll(/\[(\d+)(s|m|h|d)\]/g, (_, amount, unit) => `[${shorter(amount, unit)}]`)
    .replaceAll(
      /^( +for: )(\d+)(s|m|h|d)$/gm,
      (_, before, amount, unit) => before + shorter(amount, unit),
    );
}
