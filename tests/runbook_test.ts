import assert from "node:assert/strict";
import { parse } from "yaml";
import { LOG_EVENTS } from "../domain/ports/log_events.ts";
import { SETTING_NAMES } from "../src/config.ts";
import { anchorOf, readRunbook, sectionsOf } from "./fixtures/runbook.ts";
import { filesBelow } from "./project_files.ts";

const PAGE = await Deno.readTextFile("docs/runbook.md");
const SECTIONS = await readRunbook();
const ALERTS = Array.from(
  PAGE.matchAll(/^\| \[(UltimateMcp\w+)\]\(#(\w+)\) +\| (.*?) +\| (\w+) +\|$/gm),
  ([, name = "", anchor = "", when = "", severity = ""]) => ({ name, anchor, when, severity }),
);
const BLOCKS = SECTIONS.flatMap(({ blocks }) => blocks);
const PARTS = ["**Means.**", "**Look.**", "**Do.**", "**Escalate**"];

/** All that the page says, or runs, between backquotes and in blocks. */
function codeOf(page: string): string[] {
  const blocks = sectionsOf(page).flatMap((section) => section.blocks.map(({ text }) => text));
  const spans = sectionsOf(page).flatMap(({ prose }) =>
    Array.from(prose.matchAll(/`([^`\n]+)`/g), ([, text = ""]) => text)
  );
  return [...blocks, ...spans];
}

Deno.test("docs/runbook.md has a page for each alert: what it means, how to look, what to do [S41]", () => {
  assert.equal(ALERTS.length, 14);
  for (const { name, anchor } of ALERTS) {
    assert.equal(anchor, anchorOf(name));
    const section = SECTIONS.find(({ heading }) => heading === name);
    assert.ok(section !== undefined, `${name} has no page`);
    const places = PARTS.map((part) => section.prose.indexOf(part.replace(".**", "")));
    assert.ok(places.every((place) => place >= 0), `${name}: ${places}`);
    assert.deepEqual(places, places.toSorted((left, right) => left - right), name);
    assert.ok(section.blocks.some(({ info }) => info === "promql"), `${name} asks nothing`);
  }
  const pages = SECTIONS.filter(({ heading }) => heading.startsWith("UltimateMcp"));
  assert.deepEqual(pages.map(({ heading }) => heading), ALERTS.map(({ name }) => name));
});

/** A file of rules, as far as it is of interest here. */
interface RuleFile {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert?: string;
      readonly for?: string;
      readonly labels?: { severity?: string };
    }[];
  }[];
}

Deno.test("docs/runbook.md lists the alerts that ship, each as bad as its rule says [S41]", async () => {
  const { groups }: RuleFile = parse(
    await Deno.readTextFile("deploy/prometheus/alerts.rules.yml"),
  );
  const rules = groups.flatMap((group) => group.rules).filter(({ alert }) => alert !== undefined);
  const shipped = rules.map(({ alert, labels }) => `${alert} ${labels?.severity}`);
  assert.deepEqual(
    ALERTS.map(({ name, severity }) => `${name} ${severity}`).sort(),
    shipped.sort(),
  );
  const lasting = ALERTS.filter(({ when }) => when.includes(", for "));
  assert.deepEqual(
    lasting.map(({ name, when }) => `${name} ${/, for (\d+) min$/.exec(when)?.[1]}m`),
    lasting.map(({ name }) => `${name} ${rules.find(({ alert }) => alert === name)?.for}`),
  );
  assert.equal(lasting.length, rules.filter(({ alert }) => !alert?.includes("Budget")).length);
});

Deno.test("docs/runbook.md leads where it says it does", async () => {
  const links = Array.from(
    PAGE.matchAll(/\]\(([^)#\s]*)(?:#([^)\s]*))?\)/g),
    ([, path = "", anchor]) => ({ path, anchor }),
  );
  assert.ok(links.length > 30, `only ${links.length} links`);
  for (const { path, anchor } of links) {
    const page = path === "" ? PAGE : await Deno.readTextFile(`docs/${path}`);
    if (anchor === undefined) continue;
    const anchors = sectionsOf(page).map(({ heading }) => anchorOf(heading));
    assert.ok(anchors.includes(anchor), `${path}#${anchor} leads nowhere`);
  }
});

Deno.test("docs/runbook.md has only blocks that are run, asked, said to be untried, or formulas", () => {
  for (const { info, text } of BLOCKS) {
    assert.ok(["sh", "promql", "sh untried", "text"].includes(info), `${info}: ${text}`);
    assert.equal(/\bdocker\b/.test(text), info === "sh untried", text);
  }
});

/** Words of the program itself: in quotation marks, and of its fields. */
async function wordsInSource() {
  const folders = ["domain", "application", "adapters", "src"];
  const files = (await Promise.all(folders.map((folder) => filesBelow(folder, [".ts"])))).flat();
  const texts = files.filter(({ path }) => !path.endsWith("_test.ts")).map(({ text }) => text);
  const found = (word: RegExp) => new Set(texts.flatMap((text) => text.match(word) ?? []));
  return {
    quoted: found(/(?<=["'`])[a-z]+(_[a-z]+)+(?=["'`])/g),
    fields: found(/\b[a-z]+(_[a-z0-9]+)+(?=\??: )/g),
  };
}

/** The events that a program looks for in the log. */
function eventsIn(program: string): string[] {
  const told = program.matchAll(/"event":(?:"([a-z_]+)"|"\(([a-z_|]+)\)")/g);
  return [...told].flatMap(([, one = "", many = one]) => many.split("|"));
}

Deno.test("docs/runbook.md names log events, codes and fields that the program has", async () => {
  const { quoted, fields } = await wordsInSource();
  const events = codeOf(PAGE).flatMap(eventsIn);
  assert.ok(events.length > 10, `only ${events.length} events`);
  assert.deepEqual(events.filter((event) => !(event in LOG_EVENTS)), []);
  const words = codeOf(PAGE).filter((code) =>
    /^[a-z]+(_[a-z]+)+$/.test(code) && !code.startsWith("ultimate_mcp_")
  );
  assert.ok(words.length > 30, `only ${words.length} words`);
  assert.deepEqual(words.filter((word) => !quoted.has(word) && !fields.has(word)), []);
});

Deno.test("docs/runbook.md names settings and tasks that there are", async () => {
  const settings = codeOf(PAGE).flatMap((code) =>
    /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(code) ? [code] : []
  );
  assert.ok(settings.length > 20, `only ${settings.length} settings`);
  const unknown = settings.filter((name) => !(SETTING_NAMES as readonly string[]).includes(name));
  assert.deepEqual(unknown, []);
  const tasks = codeOf(PAGE).flatMap((code) =>
    Array.from(code.matchAll(/\bdeno task ([a-z:]+)/g), ([, task = ""]) => task)
  );
  assert.ok(tasks.length > 10, `only ${tasks.length} tasks`);
  const { tasks: known } = JSON.parse(await Deno.readTextFile("deno.json"));
  assert.deepEqual(tasks.filter((task) => !(task in known)), []);
});

Deno.test("sectionsOf() takes a page apart at its headings, blocks aside", () => {
  const page = "# A\nb `c`\n## D (e)\n```sh\nf\n```\n";
  assert.deepEqual(sectionsOf(page), [
    { heading: "A", level: 1, prose: "b `c`\n", blocks: [] },
    { heading: "D (e)", level: 2, prose: "[fence 1]\n", blocks: [{ info: "sh", text: "f" }] },
  ]);
  assert.equal(anchorOf("D (e)"), "d-e");
});
