import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { eventually } from "../fixtures/eventually.ts";
import { checkMetrics, hasPromtool } from "../fixtures/promtool.ts";
import { mcpCall, type McpMessage } from "../fixtures/mcp_message.ts";
import { type StartedService, startService } from "../fixtures/service.ts";

/** Series that must stand at the first scrape; a family alone means each of its series. */
const FIRST_SCRAPE = [
  "process_uptime_seconds",
  "process_start_time_seconds",
  "process_resident_memory_bytes",
  "process_open_fds",
  'http_requests_total{status="total"}',
  'http_requests_total{status="successful"}',
  'http_requests_total{status="failed"}',
  'http_request_duration_seconds_count{method="POST",route="/api/v1/execute_code",code="200"}',
  'http_request_duration_seconds_bucket{method="POST",route="/mcp",code="200",le="0.2"}',
  "http_requests_rate",
  "http_requests_in_flight",
  'code_executions_total{status="total"}',
  'code_executions_total{status="successful"}',
  'code_executions_total{status="failed"}',
  ...["python", "javascript", "bash"].flatMap((language) => [
    ...["ok", "nonzero", "signal", "timeout", "memory", "cpu", "output"].map((outcome) =>
      `code_execution_outcomes_total{language="${language}",outcome="${outcome}"}`
    ),
    ...["rejected", "cancelled", "error"].map((outcome) =>
      `code_execution_outcomes_total{language="${language}",outcome="${outcome}"}`
    ),
    `code_execution_duration_seconds_count{language="${language}"}`,
    `executions_by_language{language="${language}"}`,
    `executions_by_language_total{language="${language}"}`,
  ]),
  ...["ok", "missing", "invalid", "expired", "revoked", "forbidden"].map((result) =>
    `auth_decisions_total{result="${result}"}`
  ),
  'requests_by_auth_total{authenticated="true"}',
  'requests_by_auth_total{authenticated="false"}',
  "code_execution_queue_seconds_count",
  'execution_pool_processes{language="javascript",state="warm"}',
  'execution_pool_processes{language="javascript",state="wanted"}',
  'code_execution_starts_total{language="javascript",start="warm"}',
  'code_execution_starts_total{language="javascript",start="cold"}',
  ...["graph_read", "graph_write"].flatMap((name) => [
    `circuit_breaker_state{breaker="${name}"}`,
    ...["total", "successful", "failed", "rejected", "ignored"].map((status) =>
      `circuit_breaker_calls_total{breaker="${name}",status="${status}"}`
    ),
    `circuit_breaker_transitions_total{breaker="${name}",from="closed",to="open"}`,
    ...["retried", "recovered", "exhausted", "budget"].map((result) =>
      `retries_total{operation="${name}",result="${result}"}`
    ),
  ]),
  "executions_in_flight",
  "executions_queued",
  "cpu_usage_percent",
  "memory_usage_percent",
  "memory_used_bytes",
  "disk_usage_percent",
  'load_average{period="1m"}',
  'load_average{period="5m"}',
  'load_average{period="15m"}',
  "event_loop_lag_seconds",
];

/** Every series of a scrape, by its name without the product's prefix, with its value. */
async function scrape(service: StartedService): Promise<Map<string, number>> {
  const { status, text } = await service.get("/metrics", { token: null });
  assert.equal(status, 200);
  const series = text.split("\n").filter((line) => line.startsWith("ultimate_mcp_"));
  return new Map(series.map((line) => {
    const at = line.lastIndexOf(" ");
    return [line.slice("ultimate_mcp_".length, at), Number(line.slice(at + 1))];
  }));
}

/** Some of everything that is counted. */
async function makeTraffic(service: StartedService): Promise<void> {
  await service.execute({ code: "print(1)" });
  await service.execute({ code: "raise SystemExit(3)" });
  await service.execute({ code: "import os\nwhile True: os.open('/dev/null', 0)" });
  await service.execute({ language: "bash", code: "sleep 9", timeout_seconds: 0.5 });
  await service.execute({ language: "javascript", code: "0" });
  await service.execute({ code: 1 });
  await service.execute({ code: "print(1)" }, { token: null });
  await service.execute({ code: "print(1)" }, { token: "no.such.token" });
  const token = await service.tokenFor("vera", "viewer");
  const call = mcpCall("execute_code", { code: "print(1)" });
  await service.execute({ code: "print(1)" }, { token });
  await service.post("/mcp", call.body, { token, headers: call.headers });
  await service.get("/no/such/route?<script>");
}

Deno.test("/metrics stands whole at the first scrape and counts what happens [S37]", async (t) => {
  await using service = await startService();
  const first = await scrape(service);
  await t.step("every series stands at the first scrape", () => {
    assert.deepEqual(FIRST_SCRAPE.filter((name) => !first.has(name)), []);
    assert.ok([...first.keys()].some((name) => name.startsWith("build_info{")));
    for (const name of ["process_open_fds", "process_resident_memory_bytes"]) {
      assert.ok((first.get(name) ?? 0) > 0, name);
    }
    assert.equal(first.get('code_executions_total{status="total"}'), 0);
  });
  await makeTraffic(service);
  const then = await scrape(service);
  await t.step("the runs are counted by how they ended", () => {
    const counted = (name: string) => then.get(`code_executions_total{status="${name}"}`);
    assert.deepEqual(["total", "successful", "failed"].map(counted), [5, 3, 2]);
    const outcome = (language: string, end: string) =>
      then.get(`code_execution_outcomes_total{language="${language}",outcome="${end}"}`);
    assert.deepEqual([outcome("python", "ok"), outcome("python", "nonzero")], [1, 2]);
    assert.deepEqual([outcome("bash", "timeout"), outcome("javascript", "ok")], [1, 1]);
    const judged = (result: string) => then.get(`auth_decisions_total{result="${result}"}`);
    const results = ["ok", "missing", "invalid", "expired", "revoked", "forbidden"];
    assert.deepEqual(results.map(judged), [8, 1, 1, 0, 0, 2]);
    assert.equal(then.get('requests_by_auth_total{authenticated="true"}'), 8);
    const http = (name: string) => then.get(`http_requests_total{status="${name}"}`);
    assert.equal(http("total"), (http("successful") ?? 0) + (http("failed") ?? 0));
    assert.equal(http("failed"), 0);
    assert.ok(![...then.keys()].some((name) => /such|</.test(name)));
  });
  await t.step({
    name: "promtool finds it clean (needs promtool)",
    ignore: !hasPromtool,
    async fn() {
      const { text } = await service.get("/metrics");
      assert.deepEqual(await checkMetrics(text), { code: 0, said: "" });
    },
  });
});

/** The log lines of one correlation id. */
function logged(service: StartedService, id: string): Record<string, unknown>[] {
  const lines = service.log.split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line)).filter((line) => line.correlation_id === id);
}

Deno.test("one correlation id runs through answer, log and stored record [S34, S39]", async () => {
  await using service = await startService();
  const sent = "e2e.Trace_0-1";
  const headers = { "x-correlation-id": sent };
  const answer = await service.execute({ code: "print('secret-kX7')" }, { headers });
  assert.deepEqual([answer.status, answer.headers.get("x-correlation-id")], [200, sent]);
  const refused = await service.execute({ code: 1 }, { headers: { "x-correlation-id": "bad id" } });
  const made = refused.headers.get("x-correlation-id") ?? "";
  assert.match(made, /^[A-Za-z0-9._-]{8,128}$/);
  assert.equal(refused.json.correlation_id, made);
  await eventually("the log lines", () => logged(service, made).length > 0 ? true : null);
  assert.deepEqual(
    logged(service, sent).map(({ event, method, route, status }) => [event, method, route, status]),
    [["http_request", "POST", "/api/v1/execute_code", 200]],
  );
  assert.deepEqual(logged(service, made).map(({ status }) => status), [422]);
  assert.equal(await service.stop(), 0);
  assert.ok(!service.log.includes("kX7") && !service.log.includes(service.token));

  using records = new DatabaseSync(`${service.dataDir}/records.sqlite`, { readOnly: true });
  const kept = records.prepare("SELECT id FROM execution_records WHERE correlation_id = ?").all(
    sent,
  );
  assert.deepEqual(kept.map(({ id }) => id), [answer.json.id]);
});

const JSON_ONLY = { accept: "application/json" };
const RUN = mcpCall("execute_code", { code: "print(1)" });
const REFUSED = mcpCall("execute_code", { code: 1 });
const ASKED = { cypher: "MATCH (n) RETURN n" };
const AWAY = mcpCall("graph_query", ASKED);

/** What the request's line says of it: its status, how it ended, what was refused. */
type Line = readonly [status: number, outcome: string, refusal: string | null];

interface Door {
  readonly asked: readonly [path: string, headers: McpMessage["headers"], body: object];
  /** How many records it leaves. */
  readonly kept: number;
  readonly line: Line;
}

/** Requests through every door, while the graph's breaker is open. */
const DOORS: Readonly<Record<string, Door>> = {
  "http-run-": {
    asked: ["/api/v1/execute_code", JSON_ONLY, { code: "print(1)" }],
    ...{ kept: 1, line: [200, "ok", null] },
  },
  "http-events-": {
    asked: ["/api/v1/execute_code", { accept: "text/event-stream" }, { code: "print(1)" }],
    ...{ kept: 1, line: [200, "ok", null] },
  },
  "http-refused-": {
    asked: ["/api/v1/execute_code", JSON_ONLY, { code: 1 }],
    ...{ kept: 0, line: [422, "refused", "validation_failed"] },
  },
  "http-away-refused-": {
    asked: ["/api/v1/graph_query", JSON_ONLY, ASKED],
    ...{ kept: 0, line: [503, "failed", "circuit_open"] },
  },
  "mcp-run-": {
    asked: ["/mcp", RUN.headers, RUN.body],
    ...{ kept: 1, line: [200, "ok", null] },
  },
  "mcp-refused-": {
    asked: ["/mcp", REFUSED.headers, REFUSED.body],
    ...{ kept: 0, line: [200, "refused", "validation_failed"] },
  },
  "mcp-away-refused-": {
    asked: ["/mcp", AWAY.headers, AWAY.body],
    ...{ kept: 0, line: [200, "failed", "circuit_open"] },
  },
  "no-route-": {
    asked: ["/api/v1/nothing", JSON_ONLY, {}],
    ...{ kept: 0, line: [404, "refused", "not_found"] },
  },
};

Deno.test("one correlation id is followed through every door, and each tells and counts alike how it ended [S34, S37, S39]", async (t) => {
  await using service = await startService();
  await service.post("/api/v1/circuit_breakers/graph_read", { action: "open" });
  const failed = 'http_requests_total{status="failed"}';
  const failures = async () => (await scrape(service)).get(failed) ?? NaN;
  for (const [door, { asked: [path, sent, body], line }] of Object.entries(DOORS)) {
    await t.step(door, async () => {
      const id = `${door}0001`;
      const before = await failures();
      const answer = await service.post(path, body, {
        headers: { ...sent, "x-correlation-id": id },
      });
      assert.equal(answer.headers.get("x-correlation-id"), id);
      const told = /correlation_id\\?":\\?"([^"\\]+)/.exec(answer.text)?.[1];
      const refused = door.includes("refused") || answer.status >= 400;
      assert.equal(told, refused ? id : undefined, answer.text);
      const found = await eventually("the log line", () => logged(service, id)[0] ?? null);
      assert.deepEqual([found.status, found.outcome, found.refusal], line);
      assert.equal(await failures() - before, line[1] === "failed" ? 1 : 0);
    });
  }
  assert.equal(await service.stop(), 0);
  using records = new DatabaseSync(`${service.dataDir}/records.sqlite`, { readOnly: true });
  const count = records.prepare(
    "SELECT count(*) AS n FROM execution_records WHERE correlation_id = ?",
  );
  for (const [door, { kept }] of Object.entries(DOORS)) {
    assert.equal(count.get(`${door}0001`)?.["n"], kept, door);
  }
});
