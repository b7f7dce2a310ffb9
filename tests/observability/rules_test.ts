import assert from "node:assert/strict";
import { projectText } from "../fixtures/compose_file.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { temporaryFolder } from "../fixtures/service.ts";
import { ALERT_CASES, type AlertCase } from "./alert_cases.ts";
import { BUDGET_CASES } from "./budget_cases.ts";
import {
  type AlertRule,
  alertRules,
  headingAnchors,
  RULE_FILES,
  ruleGroups,
} from "./rule_files.ts";

const PROJECT = new URL("../../", import.meta.url).pathname;
const CASES = [...ALERT_CASES, ...BUDGET_CASES];
const LABELS = { job: "ultimate_mcp", instance: "app1:8000" };

const hasPromtool = await areInstalled("promtool");
const needs = hasPromtool ? "" : " (needs promtool)";

async function promtool(...args: readonly string[]): Promise<{ code: number; said: string }> {
  const command = new Deno.Command("promtool", { args: [...args], stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, said: text(stdout) + text(stderr) };
}

/** A series' name with the labels that every one of them has. */
function labelled(series: string): string {
  const [, name = "", own = ""] = /^(\w+)(?:\{(.*)\})?$/.exec(series) ?? [];
  const missing = Object.entries(LABELS).filter(([label]) => !own.includes(`${label}="`));
  const labels = [own, ...missing.map(([label, value]) => `${label}="${value}"`)];
  return `${name}{${labels.filter((it) => it !== "").join(",")}}`;
}

/** What promtool is to find, in its own format. */
function testOf(
  { alert, because, series, at, fires, description, apart = "1m" }: AlertCase,
  rule: AlertRule,
) {
  const { annotations, labels } = rule;
  const exp_alerts = fires === undefined ? [] : [{
    exp_labels: { job: LABELS.job, ...labels, ...fires },
    exp_annotations: { ...annotations, description },
  }];
  return {
    name: `${alert}: ${because}`,
    interval: apart,
    input_series: Object.entries(series).map(([name, values]) => ({
      series: labelled(name),
      values,
    })),
    alert_rule_test: [{ alertname: alert, eval_time: at, exp_alerts }],
  };
}

/** Runs the cases by rules that are changed before; all of them by one promtool. */
async function runCases(
  cases: readonly AlertCase[],
  change: (rules: string) => string = (rules) => rules,
): Promise<{ code: number; said: string }> {
  await using folder = await temporaryFolder();
  const rules = await alertRules();
  const rule_files = await Promise.all(RULE_FILES.map(async (path, at) => {
    const copy = `${folder.path}/${at}.yml`;
    await Deno.writeTextFile(copy, change(await projectText(path)));
    return copy;
  }));
  // Else an alert may be judged before what it reads is recorded, which is old by then.
  const group_eval_order = await ruleGroups();
  const judged = Map.groupBy(cases, ({ every = "1m" }) => every);
  const files = [...judged].map(async ([evaluation_interval, own]) => {
    const tests = own.map((it) => testOf(it, rules.find(({ alert }) => alert === it.alert)!));
    const path = `${folder.path}/${evaluation_interval}.json`;
    const file = { rule_files, evaluation_interval, group_eval_order, tests };
    await Deno.writeTextFile(path, JSON.stringify(file));
    return path;
  });
  return await promtool("test", "rules", ...await Promise.all(files));
}

Deno.test("each alert has a unit test in which it fires and one in which it does not [S41]", async () => {
  for (const { alert } of await alertRules()) {
    const own = CASES.filter((it) => it.alert === alert);
    assert.ok(own.some(({ fires }) => fires !== undefined), `${alert} never fires`);
    assert.ok(own.some(({ fires }) => fires === undefined), `${alert} always fires`);
  }
});

Deno.test("each alert says how bad it is, what it is, and on which page of the runbook", async () => {
  const anchors = headingAnchors(await projectText("docs/runbook.md"));
  const rules = await alertRules();
  assert.equal(rules.length, 14);
  for (const { alert, labels, annotations } of rules) {
    assert.match(alert, /^UltimateMcp[A-Z]\w+$/);
    assert.ok(["page", "ticket"].includes(labels.severity), alert);
    assert.ok(annotations.summary.length > 10 && annotations.description.includes("{{"), alert);
    const [page, anchor = ""] = annotations.runbook_url.split("#");
    assert.equal(page, "docs/runbook.md");
    assert.ok(anchors.has(anchor), `docs/runbook.md has no heading for #${anchor}`);
  }
});

Deno.test({
  name: `promtool finds the rules and the configuration right${needs}`,
  ignore: !hasPromtool,
  async fn() {
    const files = RULE_FILES.map((path) => `${PROJECT}${path}`);
    const { code, said } = await promtool("check", "rules", ...files);
    assert.equal(code, 0, said);
    assert.doesNotMatch(said, /duplicate|FAILED/i);
    const configuration = await promtool(
      "check",
      "config",
      "--syntax-only",
      `${PROJECT}deploy/prometheus/prometheus.yml`,
    );
    assert.equal(configuration.code, 0, configuration.said);
  },
});

Deno.test({
  name: `each alert speaks when it should, in the words it should, and else not${needs} [S41]`,
  ignore: !hasPromtool,
  async fn() {
    const { code, said } = await runCases(CASES);
    assert.equal(code, 0, said);
    const files = new Set(CASES.map(({ every }) => every));
    assert.equal([...said.matchAll(/SUCCESS/g)].length, files.size, said);
  },
});

Deno.test({
  name: `alerts of other thresholds or durations fail their unit tests${needs}`,
  ignore: !hasPromtool,
  async fn() {
    const changes: Readonly<Record<string, (rules: string) => string>> = {
      "no alert fires": (rules) => rules.replaceAll(/^( +)for: .*$/gm, "$1for: 900h"),
      "alerts fire at once": (rules) => rules.replaceAll(/^( +)for: .*$/gm, "$1for: 0s"),
      "their thresholds are higher": (rules) => rules.replaceAll("> 0.001", "> 0.02"),
      "their thresholds are lower": (rules) => rules.replaceAll("> 0.001", "> 0.0004"),
      "their texts differ": (rules) => rules.replaceAll(/\{\{ \$value [^}]*\}\}/g, "much"),
    };
    const cases = ALERT_CASES.filter(({ alert }) => alert === "UltimateMcpErrorRateHigh");
    for (const [what, change] of Object.entries(changes)) {
      const { code } = await runCases(cases, change);
      assert.notEqual(code, 0, what);
    }
  },
});
