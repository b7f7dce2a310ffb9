import { deepStrictEqual } from "node:assert/strict";
import { createTelemetry } from "./telemetry.ts";
import { scrape, telemetryParts } from "./telemetry_fixture.ts";

Deno.test("OtelTelemetry tells what connections to the graph do, and what is waited for one [S8]", async () => {
  await using telemetry = createTelemetry(telemetryParts());
  telemetry.record({ kind: "graph_connection_acquired", waitSeconds: 0.007 });
  const samples = await scrape(telemetry);
  const pool = ["idle", "in_use"].map((state) =>
    samples.get(`graph_pool_connections{state="${state}"}`)
  );
  deepStrictEqual(pool, [3, 2]);
  const waits = ["0.005", "0.01"].map((le) =>
    samples.get(`graph_pool_acquire_seconds_bucket{le="${le}"}`)
  );
  deepStrictEqual(waits, [0, 1]);
});
