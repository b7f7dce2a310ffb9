import assert from "node:assert/strict";
import { stringify } from "yaml";
import { projectText } from "../fixtures/compose_file.ts";
import { hasPromtool } from "../fixtures/promtool.ts";
import { ALERT_CASES } from "./alert_cases.ts";
import { BUDGET_CASES } from "./budget_cases.ts";
import {
  alertRules,
  headingAnchors,
  recordingRules,
  RULE_FILES,
  ruleGroups,
} from "./rule_files.ts";
import { type Mutant, mutantsOf, readBy } from "./rule_mutants.ts";
import { byJudging, promtool, runTests, testOf } from "./rule_tests.ts";

const PROJECT = new URL("../../", import.meta.url).pathname;
const CASES = [...ALERT_CASES, ...BUDGET_CASES];

const needs = hasPromtool ? "" : " (needs promtool)";

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

Deno.test("each record reads the one window that its name says", async () => {
  for (const { record, expr } of await recordingRules()) {
    const [, window] = /rate(\d+[smhd])$/.exec(record) ?? [];
    assert.deepEqual([...new Set(expr.match(/\[.*?\]/g))], [`[${window}]`], record);
  }
});

Deno.test({
  name: `each alert speaks when it should, in the words it should, and else not${needs} [S41]`,
  ignore: !hasPromtool,
  async fn() {
    const rules = await Promise.all(RULE_FILES.map(projectText));
    const groups = await ruleGroups();
    const alerts = await alertRules();
    const files = [...byJudging(CASES)].map(([every, own]) => ({
      rules,
      groups,
      every,
      tests: own.map((it) => testOf(it, alerts.find(({ alert }) => alert === it.alert)!)),
    }));
    const { code, said } = await runTests(files);
    assert.equal(code, 0, said);
    assert.equal([...said.matchAll(/SUCCESS/g)].length, files.length, said);
  },
});

/** Nothing happens: counters stand where they stood, and no record is there. */
const SILENCE = {
  interval: "1m",
  input_series: [...new Set(CASES.flatMap(({ series }) => Object.keys(series)))]
    .map((series) => ({ series, values: "7+0x20" })),
  promql_expr_test: [{ expr: '{__name__=~"job.*:ratio_.*"}', eval_time: "10m", exp_samples: [] }],
};
const NOTHING = /> 0(?![.\d])/g;

Deno.test({
  name: `a record of a share has no value while there is nothing to divide by${needs}`,
  ignore: !hasPromtool,
  async fn() {
    const text = await projectText(RULE_FILES[0]);
    const run = (rules: string) =>
      runTests([{ rules: [rules], groups: [], every: "1m", tests: [SILENCE] }]);
    const shipped = await run(text);
    assert.equal(shipped.code, 0, shipped.said);
    const { said } = await run(text.replaceAll(NOTHING, ">= 0"));
    const shares = (await recordingRules()).filter(({ expr }) => expr.match(NOTHING));
    assert.ok(shares.length > 10);
    for (const { record } of shares) assert.ok(said.includes(`{__name__="${record}`), said);
  },
});

/** Mutants whose alerts are the same by arithmetic, and why. */
const EQUAL = [{
  what: /^job\S*:ratio_rate\w+: > 0 -> >= 0,/,
  // Of the record, which dashboards show, it makes a difference: the test before this one.
  because: "0 / 0 is no number, and which is above no threshold and below none",
}];

Deno.test({
  name: `alerts of another threshold, window, duration or joining word fail their tests${needs}`,
  ignore: !hasPromtool,
  async fn() {
    const records = await recordingRules();
    const bred = (await alertRules()).map((rule) => {
      const cases = CASES.filter(({ alert }) => alert === rule.alert);
      return { rule, cases, mutants: mutantsOf(rule, records), reads: readBy(rule, records) };
    });
    const files = bred.flatMap(({ rule, cases, mutants, reads }) => {
      const judged = mutants.flatMap((mutant) => mutant.rules);
      const isRecord = (it: object) => "record" in it;
      const rules = stringify({
        groups: [
          { name: "records", rules: [...reads, ...judged.filter(isRecord)] },
          { name: "alerts", rules: [rule, ...judged.filter((it) => !isRecord(it))] },
        ],
      });
      const names = mutants.map(({ name }) => name);
      return [...byJudging(cases)].map(([every, own]) => ({
        rules: [rules],
        groups: ["records", "alerts"],
        every,
        tests: own.map((it) => testOf(it, rule, names)),
      }));
    });
    const { said } = await runTests(files);
    const failed = new Set(Array.from(said.matchAll(/alertname: (\w+), time:/g), ([, it]) => it));
    const shipped = bred.filter(({ rule }) => failed.has(rule.alert));
    assert.deepEqual(shipped.map(({ rule }) => rule.alert), [], "alerts as they ship fail");
    const mutants = bred.flatMap((it) => it.mutants);
    assert.ok(mutants.length > 200, `only ${mutants.length}`);
    const left = mutants.filter(({ name }) => !failed.has(name));
    const isEqual = ({ what }: Mutant) => EQUAL.some((it) => it.what.test(what));
    assert.deepEqual(
      left.map(({ name, what }) => `${name}: ${what}`),
      mutants.filter(isEqual).map(({ name, what }) => `${name}: ${what}`),
    );
  },
});
