import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { countedName, type MetricRow, metricTable } from "../fixtures/metric_table.ts";
import { askEverything } from "../fixtures/mixed_requests.ts";
import { checkMetrics } from "../fixtures/promtool.ts";
import { startService, UNLIMITED } from "../fixtures/service.ts";
import { areRunning, prometheusService } from "../fixtures/services.ts";

const ready = await areRunning("prometheus");
const TURNS = 5;

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
    for (let turn = 0; turn < TURNS; turn += 1) await askEverything(service, turn);
    try {
      await Deno.writeTextFile(file, JSON.stringify([{ targets: [host], labels: {} }]));
      const total = `ultimate_mcp_code_executions_total{status="total",instance="${host}"}`;
      // A scrape after the load; of its runs those with "cache" are begun but once.
      await eventually(
        "a scrape",
        async () => ((await ask(total))[0] ?? 0) >= 3 * TURNS ? true : null,
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
