import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createTelemetry } from "./telemetry.ts";
import { CACHE, scrape, telemetryParts } from "./telemetry_fixture.ts";

const CACHE_OPERATIONS = [
  "hit",
  "miss",
  "eviction",
  "expiry",
  "invalidation",
  "load",
  "load_shared",
  "error",
];

Deno.test("OtelTelemetry.text() has each cache's series at 0 before anything happens [S37]", async () => {
  await using telemetry = createTelemetry(telemetryParts());
  const samples = await scrape(telemetry);
  const expected: string[] = [];
  for (const operation of CACHE_OPERATIONS) {
    const labels = `cache="executions",operation="${operation}",tier="l1"`;
    expected.push(`cache_operations_total{${labels}}`);
  }
  for (const operation of ["hit", "miss", "error"]) {
    expected.push(`cache_operations_total{cache="executions",operation="${operation}",tier="l2"}`);
  }
  for (const name of ["size", "utilization", "hit_rate"]) {
    expected.push(`cache_${name}{cache="executions"}`);
  }
  for (const operation of ["get", "set"]) {
    const labels = `tier="l1",operation="${operation}"`;
    expected.push(`cache_operation_duration_seconds_count{${labels}}`);
  }
  for (const series of expected) strictEqual(samples.get(series), 0, series);
});

Deno.test("OtelTelemetry.text() shows each cache as it is, and how long its operations take [S37, S23]", async () => {
  const counts = Object.fromEntries(
    Object.keys(CACHE).filter((name) => name !== "name").map((name, at) => [name, at + 1]),
  );
  const shared = { hits: 1, misses: 2, errors: 3 };
  const caches =
    () => [{ ...CACHE, ...counts, shared }, { ...CACHE, name: "graph_queries" as const }];
  await using telemetry = createTelemetry({ ...telemetryParts(), caches });
  for (const durationSeconds of [0.00002, 0.5]) {
    telemetry.record({
      kind: "cache_operation_timed",
      tier: "l1",
      operation: "get",
      durationSeconds,
    });
  }
  const samples = await scrape(telemetry);
  const shown = (cache: string) => [
    ...["size", "utilization", "hit_rate"].map((name) =>
      samples.get(`cache_${name}{cache="${cache}"}`)
    ),
    ...CACHE_OPERATIONS.map((operation) =>
      samples.get(`cache_operations_total{cache="${cache}",operation="${operation}",tier="l1"}`)
    ),
  ];
  // What the other tier has found is a miss of this one.
  deepStrictEqual(shown("executions"), [1, 2, 3, 4 - 1, 5 + 1, 6, 7, 8, 9, 10, 11]);
  const inRedis = ["hit", "miss", "error"].map((operation) =>
    samples.get(`cache_operations_total{cache="executions",operation="${operation}",tier="l2"}`)
  );
  deepStrictEqual(inRedis, [1, 2, 3]);
  deepStrictEqual(shown("graph_queries"), shown("graph_queries").map(() => 0));
  const timed = (rest: string) => samples.get(`cache_operation_duration_seconds_${rest}`);
  strictEqual(timed('count{tier="l1",operation="get"}'), 2);
  strictEqual(timed('bucket{tier="l1",operation="get",le="0.0001"}'), 1);
  strictEqual(timed('count{tier="l1",operation="set"}'), 0);
});
