import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { LOG_EVENTS } from "../domain/ports/log_events.ts";
import { logEntries } from "./fixtures/log_lines.ts";
import { filesBelow } from "./project_files.ts";

/** What is written under a name that is no literal there, by its file. */
const NAMED_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  "application/decorators/traced_log.ts": [],
  "adapters/neo4j/link.ts": ["graph_connections_dropped", "records_connections_dropped"],
  "adapters/sqlite/audit_head.ts": [
    ...["audit_head_missing", "audit_head_unreadable"],
    ...["audit_tail_lost", "audit_trimming_unknown"],
  ],
  "adapters/sqlite/daily.ts": ["audit_not_trimmed", "results_not_trimmed"],
};

/** One call that writes a line: the event where it is a literal, and the fields where they are named. */
interface Written {
  readonly path: string;
  readonly event: string | null;
  readonly fields: readonly string[];
}

/** Every call of a log in a source. */
function writtenIn({ path, text }: { readonly path: string; readonly text: string }): Written[] {
  return Array.from(text.matchAll(/\b(?:log|faults)\??\.write\(/g), ({ index, 0: call }) => {
    const args = bracketed(text.slice(index + call.length));
    const event = /^[^"]*"(?:debug|info|warn|error)"(?:[^,"]*"\w+")*,\s*"(\w+)"/.exec(args)?.[1] ??
      /^\s*\w+,\s*"(\w+)"/.exec(args)?.[1];
    const object = /\{([^{}]*)\}\s*,?\s*$/.exec(args)?.[1] ?? "";
    const fields = object.split(",").flatMap((part) => /^\s*(\w+)\s*(?::|$)/.exec(part)?.[1] ?? []);
    return { path, event: event ?? null, fields };
  });
}

/** The text up to the bracket that closes what was opened before it. */
function bracketed(text: string): string {
  let depth = 1;
  for (let at = 0; at < text.length; at += 1) {
    if ("([{".includes(text[at] ?? "")) depth += 1;
    if (")]}".includes(text[at] ?? "")) depth -= 1;
    if (depth === 0) return text.slice(0, at);
  }
  return text;
}

/** What a call writes that is not on the list. */
function unlisted({ path, event, fields }: Written): string[] {
  if (event === null) return path in NAMED_ELSEWHERE ? [] : [`${path}: an event without a name`];
  const listed = Object.entries(LOG_EVENTS).find(([name]) => name === event)?.[1];
  if (listed === undefined) return [`${path}: ${event}`];
  const names: readonly string[] = listed;
  return fields.filter((name) => !names.includes(name)).map((name) => `${path}: ${event}.${name}`);
}

const SOURCES = (await filesBelow(".", [".ts"])).filter(({ path }) =>
  /^(domain|application|adapters|src)\//.test(path) && !/_(test|fixture)\.ts$/.test(path)
);

Deno.test("every event and field that the source logs is on the one list [S39]", () => {
  const written = SOURCES.flatMap(writtenIn);
  ok(written.length > 60, `found only ${written.length} lines that are written`);
  deepStrictEqual(written.flatMap(unlisted), []);
});

Deno.test("every event on the list is written somewhere [S39]", () => {
  const elsewhere = Object.values(NAMED_ELSEWHERE).flat();
  const texts = SOURCES.filter(({ path }) => !path.endsWith("/log_events.ts"))
    .map(({ text }) => text).join("\n");
  const silent = Object.keys(LOG_EVENTS)
    .filter((event) => !texts.includes(`"${event}"`) && !elsewhere.includes(event));
  deepStrictEqual(silent, []);
});

Deno.test("every process has its log of the one place that holds it against the list [S39]", () => {
  const makers = SOURCES.filter(({ path, text }) =>
    /\bcreateLog\(/.test(text) && !path.startsWith("adapters/logging/")
  );
  deepStrictEqual(makers.map(({ path }) => path), ["src/compose_log.ts"]);
  const openers = SOURCES.filter(({ text }) => /\bopenLog\(config\)/.test(text));
  deepStrictEqual(openers.map(({ path }) => path).sort(), [
    ...[
      "src/compose.ts",
      "src/compose_sandbox.ts",
      "src/compose_stdio.ts",
      "src/compose_worker.ts",
    ],
  ]);
  const loud = SOURCES.filter(({ text }) =>
    /\bconsole\.\w+\(/.test(text.replaceAll(/"[^"]*"/g, ""))
  );
  deepStrictEqual(loud.map(({ path }) => path), []);
});

Deno.test("the list is held against a source that keeps to it badly [S39]", () => {
  const faults = (text: string) => writtenIn({ path: "a.ts", text }).flatMap(unlisted);
  deepStrictEqual(faults('log.write("info", "listening", { url })'), []);
  deepStrictEqual(faults('log?.write("info", "listening", { url, token: f(x) })'), [
    "a.ts: listening.token",
  ]);
  deepStrictEqual(faults('log.write(\n  bad ? "warn" : "info",\n  "made_up",\n);'), [
    "a.ts: made_up",
  ]);
  deepStrictEqual(faults("this.#parts.faults.write(level, event, fields)"), [
    "a.ts: an event without a name",
  ]);
});

Deno.test("the page of logs has every event with its fields, and no other [S39]", async () => {
  const page = await Deno.readTextFile("docs/logs.md");
  const rows = Array.from(
    page.matchAll(/^\| `(\w+)` +\| [^|]*\|([^|]*)\|/gm),
    ([, event, names]) => [
      event ?? "",
      Array.from((names ?? "").matchAll(/`(\w+)`/g), ([, name]) => name ?? ""),
    ],
  );
  const listed = Object.entries(LOG_EVENTS).map(([event, names]) => [event, [...names]]);
  deepStrictEqual(rows.sort(), listed.sort());
});

Deno.test("logEntries() refuses a line that is not of its event's schema [S39]", () => {
  const line = (fields: object) =>
    JSON.stringify({
      time: "2026-01-01T00:00:00.000Z",
      level: "info",
      event: "listening",
      ...fields,
    });
  deepStrictEqual(logEntries(`pretty\n${line({ url: "http://a" })}\n`).length, 1);
  for (
    const bad of [{ token: "x" }, { level: "loud" }, { time: "now" }, { event: "http_request" }]
  ) {
    throws(() => logEntries(line(bad)));
  }
});
