import assert from "node:assert/strict";
import { faultsIn } from "../fixtures/metric_faults.ts";
import { metricTable, readScrape } from "../fixtures/metric_table.ts";
import { startService } from "../fixtures/service.ts";

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
    "# TYPE ultimate_mcp_other gauge\n" +
    'ultimate_mcp_http_request_duration_seconds_count{method="BREW",route="/x/12",code="0"} 1\n';
  const faults = faultsIn(table, readScrape(text));
  for (
    const fault of [
      "ultimate_mcp_other is not on the page",
      "ultimate_mcp_cache_size is counter, not gauge",
      "ultimate_mcp_cache_size has cache=mine",
      ...["method=BREW", "route=/x/12", "code=0"].map((label) =>
        `ultimate_mcp_http_request_duration_seconds has ${label}`
      ),
      'ultimate_mcp_cache_size lacks {"cache":"executions"}',
      "ultimate_mcp_unique_users has no series",
      'ultimate_mcp_code_execution_outcomes_total lacks {"language":"bash","outcome":"error"}',
    ]
  ) assert.ok(faults.includes(fault), fault);
});
