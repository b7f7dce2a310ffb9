import { temporaryFolder } from "../fixtures/service.ts";
import { type AlertCase, JUDGED } from "./alert_case.ts";
import type { AlertRule } from "./rule_files.ts";

const LABELS = { job: "ultimate_mcp", instance: "app1:8000" };

/** A file of tests for promtool, but for where its rules are. */
export interface TestFile {
  /** Files of rules. */
  readonly rules: readonly string[];
  /** Their groups, those first that others read: else an alert may be judged by what is not recorded yet. */
  readonly groups: readonly string[];
  readonly every: string;
  readonly tests: readonly object[];
}

/** Runs promtool: how it ended, and all that it said. */
export async function promtool(
  ...args: readonly string[]
): Promise<{ code: number; said: string }> {
  const command = new Deno.Command("promtool", { args: [...args], stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, said: text(stdout) + text(stderr) };
}

/** Runs the tests of all files by one promtool. */
export async function runTests(
  files: readonly TestFile[],
): Promise<{ code: number; said: string }> {
  await using folder = await temporaryFolder();
  const paths = files.map(async ({ rules, groups, every, tests }, at) => {
    const path = `${folder.path}/${at}.json`;
    const rule_files = await Promise.all(rules.map(async (text, number) => {
      const file = `${folder.path}/${at}_${number}.yml`;
      await Deno.writeTextFile(file, text);
      return file;
    }));
    const file = { rule_files, evaluation_interval: every, group_eval_order: groups, tests };
    await Deno.writeTextFile(path, JSON.stringify(file));
    return path;
  });
  return await promtool("test", "rules", ...await Promise.all(paths));
}

/** The cases by how often their rules are judged: a file each. */
export function byJudging(cases: readonly AlertCase[]): Map<string, AlertCase[]> {
  return Map.groupBy(cases, ({ every = JUDGED }) => every);
}

/** A series' name with the labels that every one of them has. */
function labelled(series: string): string {
  const [, name = "", own = ""] = /^(\w+)(?:\{(.*)\})?$/.exec(series) ?? [];
  const missing = Object.entries(LABELS).filter(([label]) => !own.includes(`${label}="`));
  const labels = [own, ...missing.map(([label, value]) => `${label}="${value}"`)];
  return `${name}{${labels.filter((it) => it !== "").join(",")}}`;
}

/**
 * What promtool is to find, in its own format: the alert as it ships says it in its own words, and
 * those of the other names are to do just what it does, without words.
 */
export function testOf(
  { alert, because, series, at, silentAt, fires, description, apart = "1m" }: AlertCase,
  { annotations, labels }: AlertRule,
  others: readonly string[] = [],
): object {
  const looks = (alertname: string, words: object) => {
    const firing = { exp_labels: { job: LABELS.job, ...labels, ...fires }, ...words };
    const look = { alertname, eval_time: at, exp_alerts: fires === undefined ? [] : [firing] };
    const before = { alertname, eval_time: silentAt, exp_alerts: [] };
    return silentAt === undefined ? [look] : [before, look];
  };
  const input = Object.entries(series).map(([name, values]) => ({
    series: labelled(name),
    values,
  }));
  return {
    name: `${alert}: ${because}`,
    interval: apart,
    input_series: input,
    alert_rule_test: [
      ...looks(alert, { exp_annotations: { ...annotations, description } }),
      ...others.flatMap((other) => looks(other, {})),
    ],
  };
}
