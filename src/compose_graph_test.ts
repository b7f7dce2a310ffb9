import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { CacheRegistry } from "../application/cache_registry.ts";
import { DomainError, isFailure } from "../domain/errors.ts";
import type { GraphEngine } from "../domain/ports/graph_engine.ts";
import { BreakerRegistry } from "../domain/resilience/breaker_registry.ts";
import { sha256 } from "../adapters/system/digest.ts";
import { ManualClock } from "../tests/fakes/manual_clock.ts";
import { QUERY, ScriptedGraph } from "../tests/fakes/scripted_graph.ts";
import { untraced } from "./compose_tracing.ts";
import { parse } from "../tests/fixtures/configuration.ts";
import { openGraph } from "./compose_graph.ts";

const STAYING = new AbortController().signal;

function lost(): DomainError {
  return new DomainError({
    code: "dependency_unavailable",
    dependency: "graph",
    reason: "it is away",
    remedy: null,
    retryAfterSeconds: 1,
    transient: false,
  });
}

/** The graph as the service has it, over an engine whose reading fails where `away` says so. */
function composed(stack: AsyncDisposableStack) {
  const script = new ScriptedGraph();
  const state = { away: false };
  const failing = <Done>(work: () => Promise<Done>) => state.away ? Promise.reject(lost()) : work();
  const engine: GraphEngine = {
    name: "scripted",
    writer: script.writer,
    reader: {
      ...script.reader,
      query: (...asked) => failing(() => script.reader.query(...asked)),
      metrics: (...asked) => failing(() => script.reader.metrics(...asked)),
    },
    ping: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const clock = new ManualClock();
  const breakers = new BreakerRegistry(clock);
  const sources = {
    ...{ engine, clock, breakers, sha256 },
    telemetry: { record() {} },
    log: { write() {} },
    cacheRegistry: new CacheRegistry(),
    shared: null,
    tracing: untraced({ write() {} }),
  };
  const { reader } = openGraph(parse({}), sources, stack);
  const calls = () => breakers.metrics().find(({ name }) => name === "graph_read");
  return { reader, state, clock, calls };
}

Deno.test("openGraph() opens graph_read at five losses, though the generation is told [S3, S4]", async () => {
  await using stack = new AsyncDisposableStack();
  const { reader, state, calls } = composed(stack);
  await reader.query(QUERY, STAYING);
  state.away = true;
  for (let n = 0; n < 5; n += 1) {
    const query = { ...QUERY, statement: `RETURN ${n}` };
    const work = n % 2 === 0 ? reader.query(query, STAYING) : reader.metrics(STAYING);
    await assert.rejects(work, (error) => isFailure(error, "dependency_unavailable"));
  }
  assert.equal(calls()?.state, "open");
  await assert.rejects(
    reader.query({ ...QUERY, statement: "RETURN 6" }, STAYING),
    (error) => isFailure(error, "circuit_open"),
  );
});

Deno.test("openGraph() counts each call once, and none that the cache answers [S3, S12]", async () => {
  await using stack = new AsyncDisposableStack();
  const { reader, calls } = composed(stack);
  for (let n = 0; n < 10; n += 1) {
    await reader.query({ ...QUERY, parameters: { n: BigInt(n) } }, STAYING);
  }
  for (let n = 0; n < 10; n += 1) {
    await reader.query({ ...QUERY, parameters: { n: BigInt(n) } }, STAYING);
    await reader.metrics(STAYING);
  }
  assert.equal(calls()?.calls.total, 11);
  // The cache's reading of its clock is good for a millisecond, which a timer ends.
  await delay(5);
});

Deno.test("openGraph() takes two successful queries to close graph_read again [S1, S4]", async () => {
  await using stack = new AsyncDisposableStack();
  const { reader, state, clock, calls } = composed(stack);
  state.away = true;
  for (let n = 0; n < 5; n += 1) await assert.rejects(reader.query(QUERY, STAYING));
  state.away = false;
  clock.advance(30_000);
  await reader.query(QUERY, STAYING);
  assert.equal(calls()?.state, "half_open");
  await reader.query(QUERY, STAYING);
  assert.equal(calls()?.state, "closed");
});
