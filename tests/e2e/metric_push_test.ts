import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { logEntries } from "../fixtures/log_lines.ts";
import { MetricCollector, metricNames } from "../fixtures/metric_collector.ts";
import { metricTable } from "../fixtures/metric_table.ts";
import { startService } from "../fixtures/service.ts";

Deno.test("a service sends every metric of the page to a collector, and once more at its end [S37]", async () => {
  await using collector = new MetricCollector();
  await using service = await startService({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_EXPORTER: "none",
    OTEL_METRIC_EXPORT_INTERVAL: "3000",
    OTEL_EXPORTER_OTLP_HEADERS: "x-key=s3cr3t-header",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
  });
  const sent = await eventually("an export", () => collector.received.at(-1) ?? null);
  const names = new Set((await metricTable()).map(({ name }) => name));
  assert.deepEqual(metricNames(sent.body), names);
  assert.deepEqual([sent.path, sent.headers.get("x-key")], ["/v1/metrics", "s3cr3t-header"]);
  assert.match(new TextDecoder().decode(sent.body), /deployment\.environment\.name/);
  assert.equal(await service.stop(), 0);
  assert.ok(!service.log.includes("s3cr3t-header"), service.log);
  assert.ok(!service.log.includes("metrics_not_exported"), service.log);
});

Deno.test("collectors get the headers that are meant for them alone, and of both signals one resource [S37, S38]", async () => {
  await using metrics = new MetricCollector();
  await using traces = new MetricCollector();
  await using service = await startService({
    OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=s3cr3t-of-traces",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${metrics.url}/in`,
    OTEL_EXPORTER_OTLP_METRICS_HEADERS: "x-own=s3cr3t-of-metrics",
    OTEL_RESOURCE_ATTRIBUTES: "service.version=mine,deployment.environment.name=test",
  });
  await service.get("/status");
  assert.equal(await service.stop(), 0);
  const sent = [metrics, traces].flatMap(({ received }) =>
    received.map(({ path, headers }) => [path, headers.get("authorization"), headers.get("x-own")])
  );
  assert.deepEqual(sent, [
    ["/in", null, "s3cr3t-of-metrics"],
    ["/v1/traces", "s3cr3t-of-traces", null],
  ]);
  const [measured, traced] = [metrics, traces].map(({ received: [first] }) =>
    Object.values(JSON.parse(new TextDecoder().decode(first?.body)))[0] as [{ resource: unknown }]
  );
  assert.deepEqual(measured?.[0].resource, traced?.[0].resource);
  const text = JSON.stringify(measured?.[0].resource);
  assert.ok(/service\.instance\.id.*deployment\.environment/.test(text), text);
  assert.ok(!text.includes("mine"), text);
});

Deno.test("collectors that hang hold up neither answers nor the stop, which says what was lost [S37, S38]", async () => {
  await using collector = new MetricCollector("hang");
  await using service = await startService({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_METRIC_EXPORT_INTERVAL: "3600000",
    OTEL_METRIC_EXPORT_TIMEOUT: "600000",
    OTEL_EXPORTER_OTLP_TIMEOUT: "600000",
  });
  const { status } = await service.execute({ code: "print(1)" });
  assert.equal(status, 200);
  // Its last exports are sent when it stops, and never answered: the launcher would end it by force.
  assert.equal(await service.stop(), 0);
  assert.deepEqual(collector.received.map(({ path }) => path).sort(), [
    "/v1/metrics",
    "/v1/traces",
  ]);
  const told = logEntries(service.log).filter(({ event }) => /^(traces|metrics)_/.test(`${event}`));
  assert.deepEqual(told.map(({ event, reason }) => [event, reason]).sort(), [
    ["metrics_not_exported", "the service has stopped"],
    ["traces_lost", undefined],
    ["traces_not_exported", "the service has stopped"],
  ]);
});
