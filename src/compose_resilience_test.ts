import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { isFailure } from "../domain/errors.ts";
import type { Measurement } from "../domain/ports/telemetry.ts";
import { BreakerRegistry } from "../domain/resilience/breaker_registry.ts";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import { away } from "../tests/fakes/manual_retrier.ts";
import { parse } from "../tests/fixtures/configuration.ts";
import { graphBreakers, graphRetriers } from "./compose_resilience.ts";

Deno.test("graphBreakers() follow their settings, and take no notice of a caller's mistakes [S3]", async () => {
  const clock = new ManualClock();
  const registry = new BreakerRegistry(clock);
  const { resilience } = parse({ BREAKER_READ: "2/1/7.5", BREAKER_WRITE: "1/1/9" });
  const { read, write } = graphBreakers(registry, resilience);
  deepStrictEqual(registry.metrics().map(({ name }) => name), ["graph_read", "graph_write"]);
  const fail = (breaker: typeof read, error: unknown) =>
    breaker.call(() => Promise.reject(error)).catch(() => {});
  await fail(read, away());
  await fail(write, away());
  deepStrictEqual([read.state, write.state], ["closed", "open"]);
  await fail(read, away());
  strictEqual(registry.metrics()[0]?.retryAfterSeconds, 7.5);
  clock.advance(9000);
  await read.call(() => Promise.resolve());
  strictEqual(read.state, "closed");
});

Deno.test("graphRetriers() follow their settings, wait in real time, and tell of it [S5]", async () => {
  const measured: Measurement[] = [];
  const waits: unknown[] = [];
  const parts = {
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    log: {
      write: (_level: string, _event: string, fields: Readonly<Record<string, unknown>> = {}) =>
        void waits.push(fields.wait_seconds),
    },
    telemetry: { record: (measurement: Measurement) => void measured.push(measurement) },
  };
  const settings = { RETRY_ATTEMPTS: "4", RETRY_MIN_SECONDS: "0.01", RETRY_MAX_SECONDS: "0.02" };
  const { read, write } = graphRetriers(parse(settings).resilience, parts);
  const bounds = { signal: new AbortController().signal, deadline: Infinity };
  let attempts = 0;
  await rejects(
    write.run(() => {
      attempts += 1;
      return Promise.reject(away());
    }, bounds),
    (error) => isFailure(error, "dependency_unavailable"),
  );
  deepStrictEqual([attempts, waits.length], [4, 3]);
  ok(waits.every((wait) => Number(wait) >= 0.01 && Number(wait) <= 0.02), String(waits));
  await rejects(read.run(() => Promise.reject(away({ transient: false })), bounds));
  const results = measured.map((it) => it.kind === "retry" && `${it.operation} ${it.result}`);
  deepStrictEqual(results, [
    "graph_write retried",
    "graph_write retried",
    "graph_write retried",
    "graph_write exhausted",
  ]);
});
