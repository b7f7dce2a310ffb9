import assert from "node:assert/strict";
import { logEntries } from "../fixtures/log_lines.ts";
import { startOtlpReceiver } from "../fixtures/otlp_receiver.ts";
import { Planted } from "../fixtures/planted.ts";
import { plantEverywhere } from "../fixtures/planted_requests.ts";
import { SECRET } from "../fixtures/token_forge.ts";
import { type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";

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

/** The service with every secret of its settings planted, and every request traced. */
function startPlanted(planted: Planted, collector: string): Promise<StartedService> {
  return startService({
    ...{ ...UNLIMITED, LOG_LEVEL: "debug", LOG_FORMAT: "json", CODE_POLICY: "warn" },
    METRICS_TOKEN: planted.plant("MetricsToken0123"),
    JWT_SECRET: planted.know("JwtSecret", SECRET),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector,
    OTEL_EXPORTER_OTLP_HEADERS: `x-key=${planted.plant("CollectorKey")}`,
    ...{ OTEL_TRACES_SAMPLER: "always_on", OTEL_BSP_SCHEDULE_DELAY: "50" },
    OTEL_METRIC_EXPORT_INTERVAL: "1000",
  });
}

Deno.test("planted secrets are in no log, trace, metric, audit event or problem [S37, S38, S39, S35]", async (t) => {
  const planted = new Planted();
  const silent: string[] = [];
  const foundIn = (texts: readonly string[] = []) => planted.foundIn(texts.join());
  await using receiver = await startOtlpReceiver();
  await using service = await startPlanted(planted, receiver.url);
  planted.know("Bearer", service.token);
  await plantEverywhere({ service, planted, silent });
  // What a caller says to be found by, and to the collector, is told: the search finds what there is.
  const told = {
    "x-correlation-id": planted.plant("Told"),
    traceparent: `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01`,
    tracestate: `vendor=${planted.plant("ToldState")}`,
  };
  await service.execute({ code: "1" }, { headers: told });
  await t.step("metrics tell none", async () => {
    const { text } = await service.get("/metrics", { token: null });
    assert.match(text, /route="\/mcp",code="200"/);
    assert.deepEqual(foundIn([text]), []);
  });
  await t.step("problems give none back", () => {
    assert.ok(silent.length > 10);
    assert.deepEqual(foundIn(silent), []);
  });
  await t.step("the audit keeps none, but for what it is searched by", async () => {
    const pages = await wholeAudit(service);
    assert.ok(pages.join().includes('"violation"'));
    assert.deepEqual(foundIn(pages), ["Told"]);
  });
  await t.step("the log tells none, and every line keeps to the schema of its event", async () => {
    assert.equal(await service.stop(), 0);
    const entries = logEntries(service.log);
    assert.ok(entries.filter(({ event }) => event === "http_request").length > 80);
    assert.deepEqual(foundIn([service.log]), ["Told"]);
  });
  await t.step("the collector is told none in a span or a metric", () => {
    const sent = Map.groupBy(receiver.texts, (text) => text.split(" ", 1)[0]);
    assert.ok((sent.get("/v1/metrics") ?? []).length > 1 && receiver.trees().length > 80);
    assert.deepEqual(foundIn(sent.get("/v1/traces")), ["Told", "ToldState"]);
    assert.deepEqual(foundIn(sent.get("/v1/metrics")), []);
  });
});
