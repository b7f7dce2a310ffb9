import assert from "node:assert/strict";
import { DomainError, type Failure } from "../../domain/errors.ts";
import type { GraphQuery } from "../../domain/graph/query.ts";
import type { Measurement } from "../../domain/ports/telemetry.ts";
import { FakeGraph } from "../../tests/fakes/graph.ts";
import { observedReader, observedWriter } from "./observed_graph.ts";

const SIGNAL = new AbortController().signal;
const QUERY: GraphQuery = {
  statement: "RETURN 1 AS x",
  parameters: {},
  limit: 1,
  timeoutSeconds: 1,
};
const NOTHING = { nodes: [], relationships: [] };

/** Parts whose clock moves on by 250 ms at each look. */
function parts() {
  const measurements: Measurement[] = [];
  let now = 0;
  const clock = { now: () => 0, monotonic: () => now += 250 };
  const telemetry = { record: (measurement: Measurement) => void measurements.push(measurement) };
  return { clock, telemetry, measurements };
}

Deno.test("observedReader() and observedWriter() tell each call, its kind and its time [S10, S37]", async () => {
  const { measurements, ...told } = parts();
  const graph = new FakeGraph();
  const reader = observedReader(graph.reader, told);
  const writer = observedWriter(graph.writer, told);
  await reader.query(QUERY, SIGNAL);
  await reader.metrics(SIGNAL);
  await writer.upsert(NOTHING, SIGNAL);
  await writer.delete({ ...NOTHING, detach: false }, SIGNAL);
  await reader.generation(SIGNAL);
  await Array.fromAsync(reader.entries(SIGNAL));
  const done = { kind: "graph_call_finished", outcome: "ok", durationSeconds: 0.25 };
  const operations = ["read", "read", "write", "write"];
  assert.deepEqual(measurements, operations.map((operation) => ({ ...done, operation })));
});

const ENDS: readonly (readonly [error: Failure | Error, outcome: string])[] = [
  [{ code: "query_invalid", message: "no", line: null, column: null }, "refused"],
  [{ code: "query_not_read_only", reason: "CREATE" }, "refused"],
  [{ code: "missing_endpoints", keys: ["a"] }, "refused"],
  [{ code: "graph_conflict", reason: "no" }, "refused"],
  [{ code: "query_timeout", timeoutSeconds: 1 }, "timeout"],
  [{ code: "circuit_open", breaker: "graph", retryAfterSeconds: 1 }, "unavailable"],
  [{ code: "cancelled" }, "cancelled"],
  [new Error("boom"), "error"],
];

for (const [failure, outcome] of ENDS) {
  const what = failure instanceof Error ? "any other error" : failure.code;
  Deno.test(`observedReader() tells ${what} as ${outcome}, and lets it through [S10, S37]`, async () => {
    const { measurements, ...told } = parts();
    const error = failure instanceof Error ? failure : new DomainError(failure);
    const reader = { ...new FakeGraph().reader, query: () => Promise.reject(error) };
    await assert.rejects(observedReader(reader, told).query(QUERY, SIGNAL), error);
    const [measurement] = measurements;
    assert.ok(measurement?.kind === "graph_call_finished");
    assert.equal(measurement.outcome, outcome);
  });
}
