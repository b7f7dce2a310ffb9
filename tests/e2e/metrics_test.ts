import assert from "node:assert/strict";
import {
  countedName,
  type MetricRow,
  metricTable,
  promisedSets,
  readScrape,
  type Scrape,
} from "../fixtures/metric_table.ts";
import { startService } from "../fixtures/service.ts";

/** What Redis keeps to itself. */
function isUntold({ name }: MetricRow, set: Readonly<Record<string, string>>): boolean {
  return name === "ultimate_mcp_cache_operations_total" && set.tier === "l2" &&
    !["hit", "miss", "error"].includes(set.operation ?? "");
}

/** What of the page's table a scrape lacks, or has otherwise. */
function faultsIn(table: readonly MetricRow[], { types, samples }: Scrape): string[] {
  const known = new Set(table.map(({ name }) => name));
  const faults = [...types.keys()].filter((name) => !known.has(name))
    .map((name) => `${name} is not on the page`);
  for (const row of table) {
    const { name, type, labels } = row;
    if (types.get(name) !== type) faults.push(`${name} is ${types.get(name)}, not ${type}`);
    const series = samples.filter((sample) => sample.name === countedName(row));
    if (series.length === 0) faults.push(`${name} has no series`);
    for (const { labels: found } of series) {
      const isSame = Object.keys(found).sort().join() === [...labels.keys()].sort().join();
      if (!isSame) faults.push(`${name} has the labels ${Object.keys(found)}`);
      for (const [label, value] of Object.entries(found)) {
        const closed = labels.get(label);
        if (closed && !closed.includes(value)) faults.push(`${name} has ${label}=${value}`);
      }
    }
    for (const set of promisedSets(row).filter((set) => !isUntold(row, set))) {
      const stands = series.some(({ labels: found }) =>
        Object.entries(set).every(([label, value]) => found[label] === value)
      );
      if (!stands) faults.push(`${name} lacks ${JSON.stringify(set)}`);
    }
  }
  return faults;
}

Deno.test("the first scrape of a service is what the page of metrics says, all at 0 [S37]", async () => {
  await using service = await startService();
  const table = await metricTable();
  assert.ok(table.length > 40, `read only ${table.length} rows`);
  const { text } = await service.get("/metrics", { token: null });
  const scrape = readScrape(text);
  assert.deepEqual(faultsIn(table, scrape), []);
  // All that counts calls of use cases: nobody has made one yet. The sandbox has tried itself.
  const others = /_http_|_auth|rate_limit|audit|graph_pool_acquire|code_execution_starts/;
  const counted = scrape.samples.filter(({ name, value }) =>
    /_(total|count)$/.test(name) && !others.test(name) && value !== 0
  );
  assert.deepEqual(counted, []);
});

Deno.test("the page of metrics is held against what is there, label by label [S37]", async () => {
  const table = await metricTable();
  const text = '# TYPE ultimate_mcp_cache_size counter\nultimate_mcp_cache_size{cache="mine"} 1\n' +
    "# TYPE ultimate_mcp_other gauge\n";
  const faults = faultsIn(table, readScrape(text));
  for (
    const fault of [
      "ultimate_mcp_other is not on the page",
      "ultimate_mcp_cache_size is counter, not gauge",
      "ultimate_mcp_cache_size has cache=mine",
      'ultimate_mcp_cache_size lacks {"cache":"executions"}',
      "ultimate_mcp_unique_users has no series",
      'ultimate_mcp_code_execution_outcomes_total lacks {"language":"bash","outcome":"error"}',
    ]
  ) assert.ok(faults.includes(fault), fault);
});
