import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { logEntries } from "../fixtures/log_lines.ts";
import { readScrape } from "../fixtures/metric_table.ts";
import { mcpCall } from "../fixtures/mcp_message.ts";
import { type Answer, type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";

/** Planted somewhere by each of the requests below; each is a word of its own, so that a find names its leak. */
const planted = new Set<string>();
function plant(where: string): string {
  const word = `PLANTED${where}kX7q`;
  planted.add(word);
  return word;
}

/** What was answered as a problem: the only answers that must not give back what was sent. */
const problems: string[] = [];
function kept(answer: Answer): Answer {
  if (answer.status >= 400) problems.push(answer.text);
  return answer;
}

const LANGUAGES = ["python", "javascript", "bash"] as const;

async function plantInRuns(service: StartedService): Promise<void> {
  for (const language of LANGUAGES) {
    const word = plant(`Code${language}`);
    const code = language === "javascript" ? `throw new Error("${word}")` : `exit_${word}(`;
    await service.execute({
      ...{ language, code, stdin: plant("Stdin"), args: [plant("Argument")] },
      environment: { KEY: plant("Environment") },
      files: [{ path: "a.txt", content: plant("File") }],
    });
  }
  kept(await service.execute({ code: "1", timeout_seconds: 999, stdin: plant("RefusedStdin") }));
  await service.post("/api/v1/lint_code", { code: `x = ("${plant("Lint")}"`, language: "python" });
  const template = `{{ ${plant("Template")} }}`;
  await service.post("/api/v1/generate_code", {
    ...{ template, context: { key: plant("Context") }, language: "python" },
  });
  const { headers, body } = mcpCall("execute_code", {
    code: `raise ValueError("${plant("Mcp")}")`,
  });
  await service.post("/mcp", body, { headers });
}

async function plantInGraph(service: StartedService): Promise<void> {
  const ask = (cypher: string, parameters = {}) =>
    service.post("/api/v1/graph_query", { cypher, parameters });
  await ask("RETURN $key AS key", { key: plant("Parameter") });
  await ask(`RETURN '${plant("Query")}' AS key`);
  await ask(`RETRUN '${plant("Mistyped")}'`);
  await ask(`CREATE (n {key: '${plant("Write")}'})`);
  await ask("RETURN 1/$zero AS n", { zero: plant("Zero") });
  const node = { key: plant("Node"), labels: ["Secret"], properties: { text: plant("Property") } };
  await service.post("/api/v1/graph_upsert", {
    ...{ nodes: [node], relationships: [{ start: node.key, end: "none", type: "KNOWS" }] },
  });
}

async function plantInRequests(service: StartedService): Promise<void> {
  const headers = {
    ...{ cookie: plant("Cookie"), "x-api-key": plant("Header"), "user-agent": plant("Agent") },
    traceparent: plant("Traceparent"),
  };
  await service.get("/health", { headers });
  kept(await service.get("/status", { token: plant("Token"), headers }));
  const forged = `eyJhbGciOiJIUzI1NiJ9.${btoa(plant("Claim"))}.${plant("Signature")}`;
  kept(await service.get("/status", { token: forged }));
  kept(await service.send("/health", { headers: { authorization: `Basic ${plant("Basic")}` } }));
  await service.get(`/nowhere/${plant("Path")}?key=${plant("Search")}`);
  await service.post("/api/v1/execute_code", `{"code": "${plant("Malformed")}`);
}

/** What a request for nothing that there is does to the series: paths, methods, users. */
async function crowd(service: StartedService): Promise<void> {
  for (let n = 0; n < 200; n += 1) await service.get(`/unknown/${n}/${crypto.randomUUID()}`);
  for (const method of ["PURGE", "BREW", "PROPFIND", "TRACK2", "X-1"]) {
    await service.send("/health", { method });
  }
  for (let n = 0; n < 50; n += 1) {
    const headers = { "x-correlation-id": `crowd-${crypto.randomUUID()}` };
    await service.get("/status", { headers });
    await service.get(`/api/v1/executions/${crypto.randomUUID()}`);
    await service.get(`/api/v1/users/user-${n}/roles`);
    await service.get(`/api/v1/prompts/prompt-${n}`);
  }
}

function foundIn(text: string): string[] {
  return [...planted].filter((word) => text.includes(word) || text.includes(btoa(word)));
}

Deno.test("planted secrets are in no log, metric, audit event or problem, and none makes a series [S37, S39, S35]", async (t) => {
  await using service = await startService({
    ...{ ...UNLIMITED, LOG_LEVEL: "debug", LOG_FORMAT: "json", CODE_POLICY: "warn" },
    METRICS_TOKEN: plant("MetricsToken0123"),
  });
  const scrape = async () => readScrape((await service.get("/metrics", { token: null })).text);
  await plantInRuns(service);
  await plantInGraph(service);
  await plantInRequests(service);
  await crowd(service);
  const before = await scrape();
  await crowd(service);
  const { text: metrics } = await service.get("/metrics", { token: null });
  await t.step("no series comes of users, paths, methods or ids", () => {
    const names = (samples: typeof before.samples) =>
      samples.map(({ name, labels }) => `${name}${JSON.stringify(labels)}`).sort();
    assert.deepEqual(names(readScrape(metrics).samples), names(before.samples));
  });
  await t.step("metrics tell none", () => assert.deepEqual(foundIn(metrics), []));
  await t.step("problems give none back", () => assert.deepEqual(foundIn(problems.join()), []));
  await t.step("the audit keeps none", async () => {
    const { text, json } = await service.get("/api/v1/audit?limit=500");
    assert.ok(Array.isArray(json.events) && json.events.length > 10);
    assert.deepEqual(foundIn(text), []);
  });
  await t.step("the log tells none, and every line keeps to the schema of its event", async () => {
    await eventually("the last lines", () => service.log.includes('"/metrics"') ? true : null);
    assert.equal(await service.stop(), 0);
    const entries = logEntries(service.log);
    assert.ok(entries.filter(({ event }) => event === "http_request").length > 600);
    assert.deepEqual(foundIn(service.log), []);
    assert.ok(!service.log.includes(service.token));
  });
});
