import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { MetricCollector, metricNames } from "../fixtures/metric_collector.ts";
import { metricTable } from "../fixtures/metric_table.ts";
import { startService } from "../fixtures/service.ts";

Deno.test("a service sends every metric of the page to a collector, and once more at its end [S37]", async () => {
  await using collector = new MetricCollector();
  await using service = await startService({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_EXPORTER: "none",
    OTEL_METRIC_EXPORT_INTERVAL: "200",
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

Deno.test("a collector that hangs holds up neither answers nor the stop [S37]", async () => {
  await using collector = new MetricCollector("hang");
  await using service = await startService({
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${collector.url}/v1/metrics`,
    OTEL_METRIC_EXPORT_INTERVAL: "3600000",
    OTEL_METRIC_EXPORT_TIMEOUT: "600000",
    OTEL_EXPORTER_OTLP_TIMEOUT: "600000",
  });
  const { status } = await service.execute({ code: "print(1)" });
  assert.equal(status, 200);
  // Its last export is sent when it stops, and never answered: the launcher would end it by force.
  assert.equal(await service.stop(), 0);
  assert.equal(collector.received.length, 1);
});
