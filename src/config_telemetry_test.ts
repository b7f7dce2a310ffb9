import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { parse } from "../tests/fixtures/configuration.ts";
import { collectorAddresses } from "./config_telemetry.ts";

const COLLECTOR = {
  OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318",
  OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc,x-scope=a=b",
  OTEL_EXPORTER_OTLP_TIMEOUT: "500",
};

Deno.test("telemetrySetting() takes what is set for one signal before what is set for all [S37]", () => {
  const { metrics, traces } = parse({
    ...COLLECTOR,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces.example.org/in",
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: "gzip",
  }).telemetry;
  const headers = { authorization: "Bearer abc", "x-scope": "a=b" };
  deepStrictEqual(metrics.otlp, {
    url: "http://collector:4318/v1/metrics",
    headers,
    protocol: "http/protobuf",
    timeoutMs: 500,
    compression: "gzip",
  });
  deepStrictEqual(traces.otlp, {
    url: "https://traces.example.org/in",
    headers,
    protocol: "http/json",
    timeoutMs: 500,
    compression: "none",
  });
});

Deno.test("telemetrySetting() sends nothing of what is turned off [S37]", () => {
  const sent = (env: Readonly<Record<string, string>>) => {
    const { metrics, traces } = parse({ ...COLLECTOR, ...env }).telemetry;
    return [metrics.otlp !== null, traces.otlp !== null];
  };
  deepStrictEqual(sent({}), [true, true]);
  deepStrictEqual(sent({ OTEL_METRICS_EXPORTER: "none" }), [false, true]);
  deepStrictEqual(sent({ OTEL_METRICS_EXPORTER: "prometheus" }), [false, true]);
  deepStrictEqual(sent({ OTEL_TRACES_EXPORTER: "none" }), [true, false]);
  deepStrictEqual(sent({ OTEL_SDK_DISABLED: "true" }), [false, false]);
});

Deno.test("telemetrySetting() takes OTEL_SERVICE_NAME before the resource's own", () => {
  const { serviceName, resource } = parse({
    OTEL_SERVICE_NAME: "tools",
    OTEL_RESOURCE_ATTRIBUTES: "service.name=other,deployment.environment.name=prod",
  }).telemetry;
  strictEqual(serviceName, "tools");
  deepStrictEqual(resource, { "deployment.environment.name": "prod" });
});

Deno.test("collectorAddresses() is what Deno's network permission takes, each once [S37]", () => {
  const addresses = (env: Readonly<Record<string, string>>) =>
    collectorAddresses(parse(env).telemetry);
  deepStrictEqual(addresses({}), []);
  deepStrictEqual(addresses(COLLECTOR), ["collector:4318"]);
  deepStrictEqual(
    addresses({ ...COLLECTOR, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://[::1]/in" }),
    ["collector:4318", "[::1]:443"],
  );
});
