import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { TRANSITIONS } from "../../domain/resilience/breaker_policy.ts";
import { BreakerRegistry } from "../../domain/resilience/breaker_registry.ts";
import { RETRIED_OPERATIONS, RETRY_RESULTS } from "../../domain/resilience/retry.ts";
import { createTelemetry, type OtelTelemetry } from "./telemetry.ts";
import { telemetryParts } from "./telemetry_fixture.ts";

/** The samples of the breakers and of retries: `name{labels}` → value. */
async function scrape(telemetry: OtelTelemetry): Promise<Map<string, number>> {
  const lines = (await telemetry.text()).matchAll(/^ultimate_mcp_((?:circuit|retries).*) (\S+)$/gm);
  return new Map(Array.from(lines, ([, series = "", value]) => [series, Number(value)]));
}

Deno.test("every series of breakers and retries stands at 0 at the first scrape [B1, S37]", async () => {
  await using telemetry = createTelemetry(telemetryParts());
  const breaker = 'breaker="graph_read"';
  const expected = [
    `circuit_breaker_state{${breaker}}`,
    ...["total", "successful", "failed", "rejected", "ignored"].map((status) =>
      `circuit_breaker_calls_total{${breaker},status="${status}"}`
    ),
    ...TRANSITIONS.map(([from, to]) =>
      `circuit_breaker_transitions_total{${breaker},from="${from}",to="${to}"}`
    ),
    ...RETRIED_OPERATIONS.flatMap((operation) =>
      RETRY_RESULTS.map((result) => `retries_total{operation="${operation}",result="${result}"}`)
    ),
  ];
  const samples = await scrape(telemetry);
  deepStrictEqual([...samples.keys()].sort(), expected.sort());
  deepStrictEqual(new Set(samples.values()), new Set([0]));
});

Deno.test("the series of a breaker tell its state, calls and transitions [B1, S37]", async () => {
  const parts = telemetryParts();
  const breakers = new BreakerRegistry(parts.clock);
  const policy = { failureThreshold: 1, timeoutSeconds: 60 };
  const breaker = breakers.getOrCreate("graph_write", { policy });
  await using telemetry = createTelemetry({ ...parts, breakers: () => breakers.metrics() });
  const of = async (name: string, labels = "") =>
    (await scrape(telemetry)).get(`circuit_breaker_${name}{breaker="graph_write"${labels}}`);
  const call = (work: () => Promise<unknown>) => breaker.call(work).catch(() => {});
  const states: unknown[] = [];
  await call(() => Promise.resolve());
  await call(() => Promise.reject(new Error("broken")));
  states.push(await of("state"));
  await call(() => Promise.resolve());
  parts.clock.advance(60_000);
  await call(() => Promise.resolve());
  states.push(await of("state"));
  breaker.disable();
  states.push(await of("state"));
  breaker.forceOpen();
  states.push(await of("state"));
  deepStrictEqual(states, [1, 2, 0, 1]);
  const counts = ["total", "successful", "failed", "rejected", "ignored"]
    .map((status) => of("calls_total", `,status="${status}"`));
  deepStrictEqual(await Promise.all(counts), [4, 2, 1, 1, 0]);
  strictEqual(await of("transitions_total", ',from="closed",to="open"'), 1);
  strictEqual(await of("transitions_total", ',from="half_open",to="disabled"'), 1);
  strictEqual(await of("transitions_total", ',from="half_open",to="closed"'), 0);
});

Deno.test("OtelTelemetry.record() counts retries by operation and result [S5, S37]", async () => {
  await using telemetry = createTelemetry(telemetryParts());
  telemetry.record({ kind: "retry", operation: "graph_read", result: "retried" });
  telemetry.record({ kind: "retry", operation: "graph_read", result: "retried" });
  telemetry.record({ kind: "retry", operation: "graph_write", result: "budget" });
  const samples = await scrape(telemetry);
  strictEqual(samples.get('retries_total{operation="graph_read",result="retried"}'), 2);
  strictEqual(samples.get('retries_total{operation="graph_write",result="budget"}'), 1);
  strictEqual(samples.get('retries_total{operation="graph_write",result="retried"}'), 0);
});
