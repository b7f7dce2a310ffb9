import { strictEqual } from "node:assert/strict";
import { createTelemetry } from "./telemetry.ts";
import { scrape, telemetryParts } from "./telemetry_fixture.ts";

Deno.test("OtelTelemetry.record() moves the http rows and seeds no observation [S37]", async () => {
  const parts = telemetryParts();
  await using telemetry = createTelemetry(parts);
  const asked = { method: "GET", route: "/health", status: 200, durationSeconds: 0.15 } as const;
  const ends = [
    ["callers", "ok"],
    ["callers", "refused"],
    ["callers", "left"],
    ["probes", "failed"],
  ] as const;
  for (const [source, outcome] of ends) {
    const authenticated = outcome === "left";
    telemetry.record({ kind: "http_request_started" });
    telemetry.record({ kind: "http_request_finished", ...asked, outcome, source, authenticated });
  }
  telemetry.record({ kind: "http_request_started" });
  const samples = await scrape(telemetry);
  const labels = 'method="GET",route="/health",code="200"';
  strictEqual(samples.get('http_requests_total{status="total"}'), 4);
  strictEqual(samples.get('http_requests_total{status="successful"}'), 2);
  strictEqual(samples.get('http_requests_total{status="failed"}'), 2);
  for (const [source, outcome] of ends) {
    const series = `http_request_outcomes_total{source="${source}",outcome="${outcome}"}`;
    strictEqual(samples.get(series), 1, series);
  }
  strictEqual(samples.get('requests_by_auth_total{authenticated="true"}'), 1);
  strictEqual(samples.get('requests_by_auth_total{authenticated="false"}'), 3);
  strictEqual(samples.get("http_requests_in_flight"), 1);
  strictEqual(samples.get("http_requests_rate"), 5 / 60);
  strictEqual(samples.get(`http_request_duration_seconds_count{${labels}}`), 4);
  strictEqual(samples.get(`http_request_duration_seconds_bucket{${labels},le="0.1"}`), 0);
  strictEqual(samples.get(`http_request_duration_seconds_bucket{${labels},le="0.2"}`), 4);
  parts.clock.advance(61_000);
  strictEqual((await scrape(telemetry)).get("http_requests_rate"), 0);
});

Deno.test("OtelTelemetry.record() counts a tool's call under its name and end [S37]", async () => {
  await using telemetry = createTelemetry(telemetryParts());
  const call = { kind: "tool_call_finished", tool: "graph_query", durationSeconds: 0.3 } as const;
  telemetry.record({ ...call, outcome: "failed" });
  const samples = await scrape(telemetry);
  const seen = (outcome: string, le: string) =>
    samples.get(
      `mcp_tool_duration_seconds_bucket{tool="graph_query",outcome="${outcome}",le="${le}"}`,
    );
  strictEqual(seen("failed", "0.2"), 0);
  strictEqual(seen("failed", "0.5"), 1);
  strictEqual(seen("ok", "+Inf"), 0);
});
