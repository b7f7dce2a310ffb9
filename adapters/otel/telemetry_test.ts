import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { AUDIT_TYPES } from "../../domain/audit/event.ts";
import { AUTH_RESULTS, GRAPH_OPERATIONS, GRAPH_OUTCOMES } from "../../domain/ports/telemetry.ts";
import { LANGUAGES } from "../../domain/execution/language.ts";
import { ENDS } from "./instruments.ts";
import { createTelemetry, type OtelTelemetry } from "./telemetry.ts";
import { BUILD, ROUTES, scrape, telemetryParts } from "./telemetry_fixture.ts";

async function typesOf(telemetry: OtelTelemetry): Promise<string[]> {
  const lines = (await telemetry.text()).matchAll(/^# TYPE ultimate_mcp_(.+)$/gm);
  return Array.from(lines, ([, type]) => type ?? "").sort();
}

Deno.test("OtelTelemetry.text() has every family, of its type, at the first scrape [S37]", async () => {
  await using telemetry = createTelemetry(telemetryParts());
  deepStrictEqual(await typesOf(telemetry), [
    "audit_events_total counter",
    "auth_decisions_total counter",
    "build_info gauge",
    "cache_hit_rate gauge",
    "cache_operation_duration_seconds histogram",
    "cache_operations_total counter",
    "cache_size gauge",
    "cache_utilization gauge",
    "circuit_breaker_calls_total counter",
    "circuit_breaker_state gauge",
    "circuit_breaker_transitions_total counter",
    "code_execution_duration_seconds histogram",
    "code_execution_outcomes_total counter",
    "code_execution_queue_seconds histogram",
    "code_execution_starts_total counter",
    "code_executions_total counter",
    "cpu_usage_percent gauge",
    "disk_usage_percent gauge",
    "event_loop_lag_seconds gauge",
    "execution_pool_processes gauge",
    "executions_by_language gauge",
    "executions_by_language_total counter",
    "executions_in_flight gauge",
    "executions_queued gauge",
    "graph_pool_acquire_seconds histogram",
    "graph_pool_connections gauge",
    "graph_query_duration_seconds histogram",
    "http_request_duration_seconds histogram",
    "http_request_outcomes_total counter",
    "http_requests_in_flight gauge",
    "http_requests_rate gauge",
    "http_requests_total counter",
    "load_average gauge",
    "mcp_tool_duration_seconds histogram",
    "memory_usage_percent gauge",
    "memory_used_bytes gauge",
    "outbox_pending gauge",
    "process_open_fds gauge",
    "process_resident_memory_bytes gauge",
    "process_start_time_seconds gauge",
    "process_uptime_seconds gauge",
    "rate_limit_decisions_total counter",
    "requests_by_auth_total counter",
    "retries_total counter",
    "telemetry_spans_total counter",
    "unique_users gauge",
  ]);
});

Deno.test("OtelTelemetry.text() has every closed label set at 0 before anything happens [S37]", async () => {
  await using telemetry = createTelemetry(telemetryParts());
  const samples = await scrape(telemetry);
  const expected = [
    "http_requests_in_flight",
    "http_requests_rate",
    "outbox_pending",
    "code_execution_queue_seconds_count",
    'code_execution_queue_seconds_bucket{le="1"}',
    "graph_pool_acquire_seconds_count",
    'graph_pool_acquire_seconds_bucket{le="0.01"}',
    'execution_pool_processes{language="javascript",state="warm"}',
    'execution_pool_processes{language="javascript",state="wanted"}',
    'code_execution_starts_total{language="javascript",start="warm"}',
    'code_execution_starts_total{language="javascript",start="cold"}',
  ];
  for (const backend of ["memory", "redis"]) {
    for (const decision of ["allowed", "limited"]) {
      expected.push(`rate_limit_decisions_total{decision="${decision}",backend="${backend}"}`);
    }
  }
  for (const result of AUTH_RESULTS) {
    expected.push(`auth_decisions_total{result="${result}"}`);
  }
  for (const authenticated of [true, false]) {
    expected.push(`requests_by_auth_total{authenticated="${authenticated}"}`);
  }
  for (const status of ["total", "successful", "failed"]) {
    expected.push(`http_requests_total{status="${status}"}`);
    expected.push(`code_executions_total{status="${status}"}`);
  }
  for (const language of LANGUAGES) {
    expected.push(`executions_by_language{language="${language}"}`);
    expected.push(`executions_by_language_total{language="${language}"}`);
    expected.push(`code_execution_duration_seconds_count{language="${language}"}`);
    for (const end of ENDS) {
      expected.push(`code_execution_outcomes_total{language="${language}",outcome="${end}"}`);
    }
  }
  for (const type of AUDIT_TYPES) {
    expected.push(`audit_events_total{type="${type}",stored="true"}`);
    expected.push(`audit_events_total{type="${type}",stored="false"}`);
  }
  for (const operation of GRAPH_OPERATIONS) {
    for (const outcome of GRAPH_OUTCOMES) {
      const labels = `operation="${operation}",outcome="${outcome}"`;
      expected.push(`graph_query_duration_seconds_count{${labels}}`);
    }
  }
  for (const { method, route, status } of ROUTES) {
    const labels = `method="${method}",route="${route}",code="${status}"`;
    expected.push(`http_request_duration_seconds_count{${labels}}`);
    expected.push(`http_request_duration_seconds_sum{${labels}}`);
    expected.push(`http_request_duration_seconds_bucket{${labels},le="0.2"}`);
    expected.push(`http_request_duration_seconds_bucket{${labels},le="+Inf"}`);
  }
  for (const series of expected) strictEqual(samples.get(series), 0, series);
});

Deno.test("OtelTelemetry.record() counts a run by its end [S37]", async () => {
  await using telemetry = createTelemetry(telemetryParts());
  for (const end of ENDS) {
    const durationSeconds = end === "ok" ? 0.02 : null;
    telemetry.record({
      kind: "execution_finished",
      language: "bash",
      end,
      limit: null,
      durationSeconds,
    });
  }
  const samples = await scrape(telemetry);
  strictEqual(samples.get('code_executions_total{status="total"}'), 10);
  strictEqual(samples.get('code_executions_total{status="successful"}'), 3);
  strictEqual(samples.get('code_executions_total{status="failed"}'), 7);
  for (const end of ENDS) {
    const series = `code_execution_outcomes_total{language="bash",outcome="${end}"}`;
    strictEqual(samples.get(series), 1, end);
  }
  strictEqual(samples.get('executions_by_language{language="bash"}'), 10);
  strictEqual(samples.get('executions_by_language_total{language="bash"}'), 10);
  strictEqual(samples.get('executions_by_language{language="python"}'), 0);
  strictEqual(samples.get('code_execution_duration_seconds_count{language="bash"}'), 1);
});

Deno.test("OtelTelemetry.record() counts a run that hit a limit as failed, whatever its end [S37]", async () => {
  await using telemetry = createTelemetry(telemetryParts());
  const run = { kind: "execution_finished", language: "python", durationSeconds: 0.1 } as const;
  telemetry.record({ ...run, end: "nonzero", limit: "open_files" });
  telemetry.record({ ...run, end: "signal", limit: "file_size_mb" });
  telemetry.record({ ...run, end: "nonzero", limit: null });
  const samples = await scrape(telemetry);
  const counted = (status: string) => samples.get(`code_executions_total{status="${status}"}`);
  deepStrictEqual(["total", "successful", "failed"].map(counted), [3, 1, 2]);
});

Deno.test("OtelTelemetry.record() measures the wait for a permit [S37]", async () => {
  await using telemetry = createTelemetry(telemetryParts());
  telemetry.record({ kind: "execution_admitted", queueSeconds: 0.75 });
  const samples = await scrape(telemetry);
  strictEqual(samples.get("code_execution_queue_seconds_sum"), 0.75);
  strictEqual(samples.get('code_execution_queue_seconds_bucket{le="0.5"}'), 0);
  strictEqual(samples.get('code_execution_queue_seconds_bucket{le="1"}'), 1);
});

Deno.test("OtelTelemetry.text() reads gauges when it is asked [S37]", async () => {
  const parts = telemetryParts();
  await using telemetry = createTelemetry({
    ...parts,
    admission: () => ({ running: 3, waiting: 5 }),
    outboxPending: () => 7,
    pool: () => ({ waiting: 6, wanted: 8, warm: 20, cold: 4 }),
  });
  parts.clock.advance(2_500);
  const samples = await scrape(telemetry);
  strictEqual(samples.get("process_uptime_seconds"), 2.5);
  strictEqual(samples.get("process_start_time_seconds"), parts.startedAt.now / 1000);
  strictEqual(samples.get("executions_in_flight"), 3);
  strictEqual(samples.get("executions_queued"), 5);
  strictEqual(samples.get("outbox_pending"), 7);
  const pooled = (state: string) =>
    samples.get(`execution_pool_processes{language="javascript",state="${state}"}`);
  deepStrictEqual(["warm", "wanted"].map(pooled), [6, 8]);
  const begun = (start: string) =>
    samples.get(`code_execution_starts_total{language="javascript",start="${start}"}`);
  deepStrictEqual(["warm", "cold"].map(begun), [20, 4]);
  strictEqual(samples.get('load_average{period="15m"}'), 0.25);
  strictEqual(samples.get("process_open_fds"), 42);
  strictEqual(samples.get("event_loop_lag_seconds"), 0.5);
  ok((samples.get("process_resident_memory_bytes") ?? 0) > 1_000_000);
  const { version, runner, graph, cache } = BUILD;
  const labels = `version="${version}",runner="${runner}",graph="${graph}",cache="${cache}"`;
  strictEqual(samples.get(`build_info{${labels}}`), 1);
});

Deno.test("OtelTelemetry.text() loses only the gauge whose source throws, and says so", async () => {
  const parts = telemetryParts();
  await using telemetry = createTelemetry({
    ...parts,
    admission: () => {
      throw new Error("no runner");
    },
  });
  const samples = await scrape(telemetry);
  ok(!samples.has("executions_in_flight"));
  strictEqual(samples.get('http_requests_total{status="total"}'), 0);
  deepStrictEqual(parts.logged, ["warn metrics_incomplete"]);
});

Deno.test("OtelTelemetry.record() never throws at its caller", async () => {
  const parts = telemetryParts();
  await using telemetry = createTelemetry({
    ...parts,
    clock: {
      now: () => 0,
      monotonic: () => {
        throw new Error("no clock");
      },
    },
  });
  telemetry.record({ kind: "http_request_started" });
  deepStrictEqual(parts.logged, ["error measurement_lost"]);
});

Deno.test("OtelTelemetry.record() counts what rate limits decide [S30, S37]", async () => {
  await using telemetry = createTelemetry(telemetryParts());
  for (const allowed of [true, true, false]) {
    telemetry.record({ kind: "rate_limit_decided", allowed, backend: "memory" });
  }
  const samples = await scrape(telemetry);
  const counted = (decision: string, backend: string) =>
    samples.get(`rate_limit_decisions_total{decision="${decision}",backend="${backend}"}`);
  strictEqual(counted("allowed", "memory"), 2);
  strictEqual(counted("limited", "memory"), 1);
  strictEqual(counted("limited", "redis"), 0);
});

Deno.test("OtelTelemetry.record() counts what is found of who asks [S27, S37]", async () => {
  await using telemetry = createTelemetry(telemetryParts());
  for (const [times, result] of AUTH_RESULTS.entries()) {
    for (let n = 0; n < times; n += 1) telemetry.record({ kind: "auth_decided", result });
  }
  const samples = await scrape(telemetry);
  for (const [times, result] of AUTH_RESULTS.entries()) {
    strictEqual(samples.get(`auth_decisions_total{result="${result}"}`), times, result);
  }
});

Deno.test("OtelTelemetry.record() counts audit events by type, kept or not [S37, S33]", async () => {
  await using telemetry = createTelemetry(telemetryParts());
  telemetry.record({ kind: "audit_event", type: "violation", stored: true });
  telemetry.record({ kind: "audit_event", type: "violation", stored: true });
  telemetry.record({ kind: "audit_event", type: "violation", stored: false });
  const samples = await scrape(telemetry);
  strictEqual(samples.get('audit_events_total{type="violation",stored="true"}'), 2);
  strictEqual(samples.get('audit_events_total{type="violation",stored="false"}'), 1);
});

Deno.test("OtelTelemetry.record() counts a call to the graph by its kind and its end [S37]", async () => {
  await using telemetry = createTelemetry(telemetryParts());
  const call = { kind: "graph_call_finished", operation: "read", durationSeconds: 0.25 } as const;
  telemetry.record({ ...call, outcome: "ok" });
  telemetry.record({ ...call, outcome: "ok" });
  telemetry.record({ ...call, outcome: "timeout" });
  const samples = await scrape(telemetry);
  const name = "graph_query_duration_seconds";
  strictEqual(samples.get(`${name}_count{operation="read",outcome="ok"}`), 2);
  strictEqual(samples.get(`${name}_sum{operation="read",outcome="ok"}`), 0.5);
  strictEqual(samples.get(`${name}_count{operation="read",outcome="timeout"}`), 1);
  strictEqual(samples.get(`${name}_count{operation="write",outcome="ok"}`), 0);
});
