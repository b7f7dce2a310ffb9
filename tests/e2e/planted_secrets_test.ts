import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { logEntries } from "../fixtures/log_lines.ts";
import { checkMetrics, hasPromtool } from "../fixtures/promtool.ts";
import { readScrape } from "../fixtures/metric_table.ts";
import { startOtlpReceiver } from "../fixtures/otlp_receiver.ts";
import { Planted } from "../fixtures/planted.ts";
import { plantEverywhere } from "../fixtures/planted_requests.ts";
import { CLAIMS, hmacToken, SECRET } from "../fixtures/token_forge.ts";
import { type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";

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

const USERS = 1000;

/** As many users, each with a token of its own. */
async function crowdOfUsers(service: StartedService): Promise<void> {
  const iat = Math.floor(Date.now() / 1000);
  const ask = async (n: number) => {
    const who = { sub: `user-of-the-crowd-${n}`, jti: `jti-${n}`, roles: ["viewer"] };
    const claims = { ...CLAIMS, ...who, iat, nbf: iat, exp: iat + 600 };
    const token = hmacToken(SECRET, claims, { alg: "HS256", typ: "JWT" });
    assert.equal((await service.get("/status", { token })).status, 200);
  };
  for (let n = 0; n < USERS; n += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, at) => ask(n + at)));
  }
}

/** Every event of the audit, page by page. */
async function wholeAudit(service: StartedService): Promise<string[]> {
  const pages: string[] = [];
  for (let cursor = "";;) {
    const { text, json } = await service.get(`/api/v1/audit?limit=1000${cursor}`);
    pages.push(text);
    if (typeof json.next_cursor !== "string") return pages;
    cursor = `&cursor=${encodeURIComponent(json.next_cursor)}`;
  }
}

Deno.test("planted secrets are in no log, trace, metric, audit event or problem, and none makes a series [S37, S38, S39, S35]", async (t) => {
  const planted = new Planted();
  const silent: string[] = [];
  const foundIn = (text: string) => planted.foundIn(text);
  await using receiver = await startOtlpReceiver();
  await using service = await startService({
    ...{ ...UNLIMITED, LOG_LEVEL: "debug", LOG_FORMAT: "json", CODE_POLICY: "warn" },
    METRICS_TOKEN: planted.plant("MetricsToken0123"),
    JWT_SECRET: planted.know("JwtSecret", SECRET),
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: `x-key=${planted.plant("CollectorKey")}`,
    ...{ OTEL_TRACES_SAMPLER: "always_on", OTEL_BSP_SCHEDULE_DELAY: "50" },
    OTEL_METRIC_EXPORT_INTERVAL: "1000",
  });
  planted.know("Bearer", service.token);
  const scrape = async () => readScrape((await service.get("/metrics", { token: null })).text);
  await plantEverywhere({ service, planted, silent });
  // What a caller says to be found by, and to the collector, is told: the search finds what there is.
  const told = {
    "x-correlation-id": planted.plant("Told"),
    traceparent: `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01`,
    tracestate: `vendor=${planted.plant("ToldState")}`,
  };
  await service.execute({ code: "1" }, { headers: told });
  await crowd(service);
  const before = await scrape();
  await crowd(service);
  await crowdOfUsers(service);
  const { text: metrics } = await service.get("/metrics", { token: null });
  await t.step("no series comes of users, paths, methods or ids", () => {
    const names = (samples: typeof before.samples) =>
      samples.map(({ name, labels }) => `${name}${JSON.stringify(labels)}`).sort();
    const { samples } = readScrape(metrics);
    assert.deepEqual(names(samples), names(before.samples));
    const users = samples.find(({ name }) => name === "ultimate_mcp_unique_users")?.value ?? 0;
    assert.ok(Math.abs(users - USERS) < 0.1 * USERS, `${users} users`);
  });
  await t.step({
    name: "promtool finds the metrics clean (needs promtool)",
    ignore: !hasPromtool,
    fn: async () => assert.deepEqual(await checkMetrics(metrics), { code: 0, said: "" }),
  });
  await t.step("metrics tell none", () => assert.deepEqual(foundIn(metrics), []));
  await t.step("problems give none back", () => {
    assert.ok(silent.length > 10);
    assert.deepEqual(foundIn(silent.join()), []);
  });
  await t.step("the audit keeps none, but for what it is searched by", async () => {
    const pages = await wholeAudit(service);
    assert.ok(pages.length > 1, "users and requests of the crowd are told too");
    assert.deepEqual(foundIn(pages.join()), ["Told"]);
  });
  await t.step("the log tells none, and every line keeps to the schema of its event", async () => {
    await eventually("the last lines", () => service.log.includes('"/metrics"') ? true : null);
    assert.equal(await service.stop(), 0);
    const entries = logEntries(service.log);
    assert.ok(entries.filter(({ event }) => event === "http_request").length > 600);
    assert.deepEqual(foundIn(service.log), ["Told"]);
  });
  await t.step("the collector is told none in a span or a metric", () => {
    const sent = Map.groupBy(receiver.texts, (text) => text.split(" ", 1)[0]);
    assert.ok((sent.get("/v1/metrics") ?? []).length > 1 && receiver.trees().length > 1000);
    assert.deepEqual(foundIn((sent.get("/v1/traces") ?? []).join()), ["Told", "ToldState"]);
    assert.deepEqual(foundIn((sent.get("/v1/metrics") ?? []).join()), []);
  });
});
