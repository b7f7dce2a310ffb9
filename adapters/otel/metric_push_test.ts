import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { eventually } from "../../tests/fixtures/eventually.ts";
import { MetricCollector, metricNames } from "../../tests/fixtures/metric_collector.ts";
import { createMetricPush } from "./metric_push.ts";
import type { OtlpOptions } from "./otlp_sender.ts";
import { createTelemetry, type OtelTelemetry } from "./telemetry.ts";
import { telemetryParts } from "./telemetry_fixture.ts";

/** Telemetry that sends what it measures, twice a second and at its end. */
function pushing(
  url: string,
  { intervalMs = 500, ...rest }: Partial<OtlpOptions> & { readonly intervalMs?: number } = {},
  exportMs = 500,
): { readonly telemetry: OtelTelemetry; readonly logged: string[] } {
  const parts = telemetryParts();
  const otlp: OtlpOptions = {
    ...{ url: `${url}/v1/metrics`, headers: {}, protocol: "http/json", compression: "none" },
    ...{ timeoutMs: 60_000, ...rest },
  };
  const push = createMetricPush({ otlp, intervalMs, exportMs, log: parts.log });
  const resource = { "service.name": "tools", "service.version": "0.1.0" };
  return { telemetry: createTelemetry({ ...parts, push, resource }), logged: parts.logged };
}

interface Point {
  readonly asDouble?: number;
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
  readonly count?: number;
}

interface Metric {
  readonly name: string;
  readonly sum?: { readonly dataPoints: readonly Point[] };
  readonly histogram?: { readonly dataPoints: readonly Point[] };
}

Deno.test("createMetricPush() sends all that a scrape tells, with its headers and its resource [S37]", async () => {
  await using collector = new MetricCollector();
  const headers = { authorization: "Bearer abc" };
  const { telemetry } = pushing(collector.url, { headers, intervalMs: 60_000 });
  telemetry.record({ kind: "execution_admitted", queueSeconds: 0.5 });
  telemetry.record({ kind: "auth_decided", result: "ok" });
  const scraped = metricNames(new TextEncoder().encode(
    Array.from((await telemetry.text()).matchAll(/^# TYPE (\S+)/gm), ([, name]) => name).join(),
  ));
  await telemetry[Symbol.asyncDispose]();
  const [sent, ...others] = collector.received;
  ok(sent !== undefined && others.length === 0);
  strictEqual(sent.path, "/v1/metrics");
  strictEqual(sent.headers.get("authorization"), "Bearer abc");
  deepStrictEqual(metricNames(sent.body), scraped);
  const { resourceMetrics: [told] } = JSON.parse(new TextDecoder().decode(sent.body));
  deepStrictEqual(told.resource.attributes, [
    { key: "service.name", value: { stringValue: "tools" } },
    { key: "service.version", value: { stringValue: "0.1.0" } },
  ]);
  const metrics: Metric[] = told.scopeMetrics[0].metrics;
  const points = (name: string) => {
    const metric = metrics.find((metric) => metric.name === `ultimate_mcp_${name}`);
    return metric?.sum?.dataPoints ?? metric?.histogram?.dataPoints ?? [];
  };
  strictEqual(points("auth_decisions_total").length, 6);
  strictEqual(
    points("auth_decisions_total").reduce((sum, { asDouble = 0 }) => sum + asDouble, 0),
    1,
  );
  deepStrictEqual(points("code_execution_queue_seconds").map(({ count }) => count), [1]);
  // Nothing was recorded of these: they stand all the same.
  deepStrictEqual(points("code_execution_duration_seconds").map(({ count }) => count), [0, 0, 0]);
});

Deno.test("createMetricPush() speaks protobuf, packed where it is told to [S37]", async () => {
  for (const compression of ["none", "gzip"] as const) {
    await using collector = new MetricCollector();
    const { telemetry } = pushing(collector.url, { protocol: "http/protobuf", compression });
    await telemetry[Symbol.asyncDispose]();
    const [sent] = collector.received;
    ok(sent !== undefined);
    strictEqual(sent.headers.get("content-type"), "application/x-protobuf");
    strictEqual(sent.headers.get("content-encoding"), compression === "gzip" ? "gzip" : null);
    ok(metricNames(sent.body).size > 40);
  }
});

Deno.test("createMetricPush() tells once of a collector that refuses, and once that it takes again [S37]", async () => {
  await using collector = new MetricCollector("refuse");
  const { telemetry, logged } = pushing(collector.url);
  await eventually("two refusals", () => collector.received.length >= 2 ? true : null);
  deepStrictEqual(logged, ["warn metrics_not_exported"]);
  collector.mood = "ok";
  await eventually("the second line", () => logged.length > 1 ? true : null);
  await telemetry[Symbol.asyncDispose]();
  deepStrictEqual(logged, ["warn metrics_not_exported", "info metrics_exported_again"]);
});

for (const mood of ["gone", "hang"] as const) {
  Deno.test(`createMetricPush() closes with a collector that ${mood === "gone" ? "is gone" : "hangs"}, has nothing wait for it and says so [S37]`, async () => {
    await using collector = new MetricCollector("hang");
    if (mood === "gone") await collector[Symbol.asyncDispose]();
    const { telemetry, logged } = pushing(collector.url, { intervalMs: 60_000 }, 60_000);
    telemetry.record({ kind: "auth_decided", result: "ok" });
    ok((await telemetry.text()).includes('auth_decisions_total{result="ok"} 1'));
    await telemetry[Symbol.asyncDispose]();
    deepStrictEqual(logged, ["warn metrics_not_exported"]);
  });
}
