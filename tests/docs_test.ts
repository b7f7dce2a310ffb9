import assert from "node:assert/strict";
import { dirname, join } from "node:path/posix";
import { LOG_EVENTS } from "../domain/ports/log_events.ts";
import { SETTING_NAMES } from "../src/config.ts";
import { takeApart } from "./fixtures/markdown_fences.ts";
import { metricTable } from "./fixtures/metric_table.ts";
import { anchorOf, sectionsOf } from "./fixtures/runbook.ts";
import { filesBelow } from "./project_files.ts";
import { ROUTE_ACCESS } from "./security/access_table.ts";

interface Page {
  readonly path: string;
  readonly text: string;
  /** Without its blocks. */
  readonly prose: string;
}

const PAGES: readonly Page[] = [
  { path: "README.md", text: await Deno.readTextFile("README.md") },
  ...await filesBelow("docs", [".md"]),
].map((page) => ({ ...page, prose: takeApart(page.text).outside }));

/** How names of settings begin that say in full what is said with fewer words for every signal at once. */
const SIGNAL = /^OTEL_EXPORTER_OTLP_(METRICS_|TRACES_)?/;
const CONFIGURATION = PAGES.find(({ path }) => path === "docs/configuration.md")?.text ?? "";

/** Each match's first group on any page, with where it stands. */
function named(pattern: RegExp): { readonly name: string; readonly path: string }[] {
  return PAGES.flatMap(({ path, text }) =>
    Array.from(text.matchAll(pattern), ([, name = ""]) => ({ name, path }))
  );
}

/** What of it is not there, in words. */
function absent(
  found: readonly { readonly name: string; readonly path: string }[],
  isThere: (name: string) => boolean,
): string[] {
  return found.filter(({ name }) => !isThere(name)).map(({ name, path }) => `${path}: ${name}`);
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test("every link of the README and of docs leads to a file, and to a heading of it", async () => {
  const links = PAGES.flatMap(({ path, prose }) =>
    Array.from(
      prose.matchAll(/\]\((?!https?:|<)([^)#\s]*)(?:#([^)\s]*))?\)/g),
      ([link, to = "", anchor]) => ({ path, link, to, anchor }),
    )
  );
  assert.ok(links.length > 150, `only ${links.length} links`);
  const astray: string[] = [];
  for (const { path, link, to, anchor } of links) {
    const target = to === "" ? path : join(dirname(path), to);
    const page = PAGES.find((one) => one.path === target);
    const anchors = sectionsOf(page?.text ?? "").map(({ heading }) => anchorOf(heading));
    const leads = await isFile(target) && (anchor === undefined || anchors.includes(anchor));
    if (!leads) astray.push(`${path}: ${link}`);
  }
  assert.deepEqual(astray, []);
});

Deno.test("every metric that the README or docs name is on the page of metrics [S37]", async () => {
  const names = new Set(
    (await metricTable()).flatMap(({ name, type }) =>
      type === "histogram"
        ? ["", "_bucket", "_sum", "_count"].map((ending) => `${name}${ending}`)
        : [name]
    ),
  );
  // `ultimate_mcp_cache_…` stands for several; attributes of spans have a point.
  const found = named(/\b(ultimate_mcp_[a-z0-9_]*[a-z0-9])\b(?![_.…*])/g);
  assert.ok(found.length > 80, `only ${found.length} names`);
  assert.deepEqual(absent(found, (name) => names.has(name)), []);
});

Deno.test("every event that docs look for in the log is on the one list [S39]", () => {
  const found = named(/"event":"\(?([a-z_|]+)\)?"/g)
    .flatMap(({ name, path }) => name.split("|").map((event) => ({ name: event, path })));
  assert.ok(found.length > 10, `only ${found.length} events`);
  assert.deepEqual(absent(found, (name) => name in LOG_EVENTS), []);
});

Deno.test("every route that the README or docs name is one of the service's", () => {
  const patterns = Object.keys(ROUTE_ACCESS).map((route) => route.split(" ")[1] ?? "")
    .map((path) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`));
  const found = named(/(\/api\/v1\/[a-z_{}/]*[a-z_}])(?![\w.*…])/g);
  assert.ok(found.length > 50, `only ${found.length} routes`);
  assert.deepEqual(absent(found, (name) => patterns.some((route) => route.test(name))), []);
});

Deno.test("docs/configuration.md has every setting and every task, and docs no other task", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
  assert.deepEqual(absent(named(/\bdeno task ([a-z][a-z:]*)/g), (name) => name in tasks), []);
  const rows = new Set(
    Array.from(CONFIGURATION.matchAll(/^\| `deno task ([a-z:]+)`/gm), ([, task]) => task),
  );
  assert.deepEqual(Object.keys(tasks).filter((task) => !rows.has(task)), []);
  // As OTEL_EXPORTER_OTLP_HEADERS, or beside that as `…_PROTOCOL`.
  const isNamed = (name: string) =>
    CONFIGURATION.includes(name.replace(SIGNAL, "OTEL_EXPORTER_OTLP_")) ||
    CONFIGURATION.includes(`…_${name.replace(SIGNAL, "")}`);
  assert.deepEqual(SETTING_NAMES.filter((name) => !isNamed(name)), []);
});

Deno.test("docs/configuration.md has every subject of the bench that is asked for by a name", async () => {
  const bench = await Deno.readTextFile("tests/bench/main.ts");
  const [, table = ""] = /^const BY_NAME\b(.*?)^\};/ms.exec(bench) ?? [];
  const names = Array.from(table.matchAll(/^ {2}(\w+): /gm), ([, name = ""]) => name);
  assert.ok(names.length > 10, `only ${names.length}: ${names}`);
  const [row = ""] = /^\| `deno task bench` .*$/m.exec(CONFIGURATION) ?? [];
  assert.deepEqual(names.filter((name) => !new RegExp(`\`${name}\\b`).test(row)), []);
});
