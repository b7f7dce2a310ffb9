import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { mcpCall } from "../fixtures/mcp_message.ts";
import { countedName, type MetricRow, metricTable } from "../fixtures/metric_table.ts";
import { checkMetrics } from "../fixtures/promtool.ts";
import { type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";
import { areRunning, prometheusService } from "../fixtures/services.ts";

const ready = await areRunning("prometheus");
const ROUNDS = 5;

/** Some of everything that the service does, and of what it refuses. */
async function mixedLoad(service: StartedService): Promise<void> {
  const node = { key: "a", labels: ["Person"], properties: { n: 1 } };
  const { headers, body } = mcpCall("execute_code", { code: "print(1)" });
  for (let round = 0; round < ROUNDS; round += 1) {
    await Promise.all([
      ...["python", "javascript", "bash"].map((language) =>
        service.execute({ code: "1", language, cache: true })
      ),
      service.execute({ code: "1" }, { headers: { accept: "text/event-stream" } }),
      service.execute({ code: 1 }),
      service.execute({ code: "while True: pass", timeout_seconds: 0.5 }),
      service.post("/api/v1/executions", { code: "1" }),
      service.post("/api/v1/lint_code", { code: "import os", language: "python" }),
      service.post("/api/v1/generate_code", { template: "x", context: {}, language: "python" }),
      service.post("/api/v1/graph_upsert", { nodes: [node], relationships: [] }),
      service.post("/api/v1/graph_query", { cypher: "MATCH (n) RETURN count(n) AS n" }),
      service.get("/api/v1/graph/metrics"),
      service.post("/mcp", body, { headers }),
      service.get("/status", { token: null }),
      service.send("/health", { method: "PURGE" }),
      service.get(`/nowhere/${round}`),
    ]);
  }
}

interface Answer {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

Deno.test({
  name:
    "a real Prometheus has every metric of the page from a service at work (needs Prometheus) [S37]",
  ignore: !ready,
  async fn() {
    const { url, targets } = await prometheusService();
    await using service = await startService(UNLIMITED);
    const { host } = new URL(service.url);
    const file = `${targets}/metrics_${crypto.randomUUID()}.json`;
    const ask = async (query: string) => {
      const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
      return (await answer.json() as Answer).data.result.map(({ value: [, text] }) => Number(text));
    };
    await mixedLoad(service);
    try {
      await Deno.writeTextFile(file, JSON.stringify([{ targets: [host], labels: {} }]));
      const total = `ultimate_mcp_code_executions_total{status="total",instance="${host}"}`;
      // A scrape after the load; of its runs those with "cache" are begun but once.
      await eventually(
        "a scrape",
        async () => ((await ask(total))[0] ?? 0) >= 3 * ROUNDS ? true : null,
        40,
      );
      const isThere = async (row: MetricRow) =>
        ((await ask(`count(${countedName(row)}{instance="${host}"})`))[0] ?? 0) > 0;
      const absent = [];
      for (const row of await metricTable()) if (!await isThere(row)) absent.push(row.name);
      assert.deepEqual(absent, []);
    } finally {
      await Deno.remove(file);
    }
    const { text } = await service.get("/metrics", { token: null });
    assert.deepEqual(await checkMetrics(text), { code: 0, said: "" });
  },
});
