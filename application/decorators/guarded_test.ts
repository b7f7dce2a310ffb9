import assert from "node:assert/strict";
import { DomainError, isFailure } from "../../domain/errors.ts";
import type { GraphEntry } from "../../domain/graph/batch.ts";
import type { BreakerPolicy } from "../../domain/resilience/breaker_policy.ts";
import { CircuitBreaker } from "../../domain/resilience/circuit_breaker.ts";
import { graphVerdict, isTransientGraphFault } from "../../domain/resilience/graph_faults.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { away, ManualRetrier } from "../../tests/fakes/manual_retrier.ts";
import { QUERY, ScriptedGraph } from "../../tests/fakes/scripted_graph.ts";
import { seededChance } from "../../tests/fixtures/seeded_chance.ts";
import { guardedReader, guardedWriter } from "./guarded.ts";
import { retriedReader, retriedWriter } from "./retried.ts";

const NEVER = new AbortController().signal;
const BATCH = { nodes: [], relationships: [] };
const DELETION = { ...BATCH, detach: false };

function setUp(policy: Partial<BreakerPolicy> = {}) {
  const graph = new ScriptedGraph();
  const clock = new ManualClock();
  const breaker = new CircuitBreaker({ name: "graph", clock, policy, judge: graphVerdict });
  const manual = new ManualRetrier({ isTransient: isTransientGraphFault });
  const { retrier } = manual;
  return {
    graph,
    clock,
    breaker,
    manual,
    reader: guardedReader(graph.reader, breaker),
    writer: guardedWriter(graph.writer, breaker),
    both: guardedReader(retriedReader(graph.reader, retrier), breaker),
    bothWriter: guardedWriter(retriedWriter(graph.writer, retrier), breaker),
  };
}

type SetUp = ReturnType<typeof setUp>;

async function collect(entries: AsyncIterable<GraphEntry>): Promise<string[]> {
  const keys: string[] = [];
  for await (const entry of entries) if (entry.kind === "node") keys.push(entry.key);
  return keys;
}

/** Every method of both ports, guarded alone and guarded over retried. */
const CALLS: Readonly<Record<string, (subject: SetUp) => readonly (() => Promise<unknown>)[]>> = {
  query: ({ reader, both }) => [reader, both].map((port) => () => port.query(QUERY, NEVER)),
  metrics: ({ reader, both }) => [reader, both].map((port) => () => port.metrics(NEVER)),
  generation: ({ reader, both }) => [reader, both].map((port) => () => port.generation(NEVER)),
  entries: ({ reader, both }) => [reader, both].map((port) => () => collect(port.entries(NEVER))),
  upsert: ({ writer, bothWriter }) =>
    [writer, bothWriter].map((port) => () => port.upsert(BATCH, NEVER)),
  delete: ({ writer, bothWriter }) =>
    [writer, bothWriter].map((port) => () => port.delete(DELETION, NEVER)),
};

for (const [method, callsOf] of Object.entries(CALLS)) {
  Deno.test(`guarded() passes ${method} on, and asks nothing of the engine once it is open [S1, S3]`, async () => {
    for (const at of [0, 1]) {
      const subject = setUp();
      const call = callsOf(subject)[at] ?? assert.fail();
      await call();
      assert.deepEqual(subject.graph.methods, [method]);
      const args = subject.graph.asked[0] ?? [];
      assert.equal(args[args.length - 1], NEVER, "the caller's signal goes with it");
      subject.breaker.forceOpen();
      await assert.rejects(call(), (error) => isFailure(error, "circuit_open"));
      assert.deepEqual(subject.graph.methods, [method]);
    }
  });

  // The generation is told beside a call, and neither counted nor tried again.
  if (method === "generation") continue;

  Deno.test(`guarded(retried()) counts one ${method} once, however often it was tried [S5]`, async () => {
    const subject = setUp({ failureThreshold: 2 });
    const call = callsOf(subject)[1] ?? assert.fail();
    subject.graph.faults.push(away(), away(), null);
    await call();
    assert.equal(subject.graph.asked.length, 3);
    const { calls } = subject.breaker.metrics();
    assert.deepEqual([calls.total, calls.successful, calls.failed], [1, 1, 0]);
    subject.graph.faults.push(away(), away(), away());
    await assert.rejects(call(), (error) => isFailure(error, "dependency_unavailable"));
    assert.deepEqual([subject.breaker.state, subject.breaker.metrics().calls.failed], [
      "closed",
      1,
    ]);
    subject.graph.faults.push(away(), away(), away());
    await assert.rejects(call());
    assert.equal(subject.breaker.state, "open");
  });
}

Deno.test("guarded(retried()) hides 99 % of faults that hit 5 % of attempts, and the breaker stays closed [S5]", async () => {
  const { graph, both, breaker } = setUp();
  const chance = seededChance(7);
  let [hit, seen] = [0, 0];
  for (let call = 0; call < 20_000; call += 1) {
    graph.faults.length = 0;
    while (chance() < 0.05) graph.faults.push(away());
    if (graph.faults.length > 0) hit += 1;
    await both.query(QUERY, NEVER).catch(() => seen += 1);
  }
  const { calls } = breaker.metrics();
  assert.deepEqual([calls.total, calls.failed, breaker.state], [20_000, seen, "closed"]);
  assert.ok(hit > 900 && seen <= hit * 0.01, `${seen} of ${hit} were seen`);
  assert.ok(graph.asked.length / 20_000 < 1.1, `${graph.asked.length} attempts`);
});

Deno.test("five typos leave a guarded reader usable, five losses of the engine close it off [S3]", async () => {
  const { graph, reader, breaker, clock } = setUp();
  const typo = { code: "query_invalid", message: "RETRUN", line: 1, column: 1 } as const;
  for (let call = 0; call < 5; call += 1) {
    graph.faults.push(new DomainError(typo));
    await assert.rejects(reader.query(QUERY, NEVER), (error) => isFailure(error, "query_invalid"));
  }
  assert.equal(breaker.state, "closed");
  for (let call = 0; call < 5; call += 1) {
    graph.faults.push(away());
    await assert.rejects(reader.query(QUERY, NEVER));
  }
  await assert.rejects(reader.query(QUERY, NEVER), (error) => isFailure(error, "circuit_open"));
  clock.advance(60_000);
  await reader.query(QUERY, NEVER);
  await reader.query(QUERY, NEVER);
  assert.equal(breaker.state, "closed", "it closes by itself");
});

Deno.test("guarded entries() count by their first step: a break in the middle is passed on [S1]", async () => {
  const { graph, both, breaker } = setUp();
  graph.breaksAt = 2;
  const seen: string[] = [];
  await assert.rejects(async () => {
    for await (const entry of both.entries(NEVER)) if (entry.kind === "node") seen.push(entry.key);
  }, /broken in the middle/);
  assert.deepEqual(seen, ["a", "b"]);
  const { calls } = breaker.metrics();
  assert.deepEqual([calls.total, calls.successful], [1, 1]);
});

Deno.test("guarded entries() begin when they are read, and end with a reader who leaves [S1]", async () => {
  const { graph, both, breaker } = setUp();
  const entries = both.entries(NEVER);
  assert.equal(breaker.metrics().calls.total, 0);
  for await (const _ of entries) break;
  assert.deepEqual([graph.left, breaker.metrics().calls.successful], [1, 1]);
  graph.entries = [];
  assert.deepEqual(await collect(both.entries(NEVER)), []);
  graph.entries = [{ kind: "node", key: "z", labels: [], properties: {} }];
  assert.deepEqual(await collect(both.entries(NEVER)), ["z"]);
});

Deno.test("retried query() gives all attempts together the time of the statement [S5]", async () => {
  const { graph, manual } = setUp();
  const reader = retriedReader({
    ...graph.reader,
    query: (query, signal) => {
      manual.clock.advance(1500);
      return graph.reader.query(query, signal);
    },
  }, manual.retrier);
  graph.faults.push(away(), away());
  await reader.query(QUERY, NEVER);
  const times = graph.asked.map(([, query]) => (query as typeof QUERY).timeoutSeconds.toFixed(1));
  assert.deepEqual(times, ["5.0", "3.3", "1.6"]);
  graph.faults.push(away(), away());
  const short = { ...QUERY, timeoutSeconds: 1.7 };
  await assert.rejects(
    reader.query(short, NEVER),
    (error) => isFailure(error, "dependency_unavailable"),
  );
  assert.equal(graph.asked.length, 4, "1.5 s and the wait leave less than a statement can have");
});

Deno.test("retried query() tells of a timeout in the time that the caller gave [S5]", async () => {
  const { graph, manual } = setUp();
  const reader = retriedReader(graph.reader, manual.retrier);
  graph.faults.push(away(), new DomainError({ code: "query_timeout", timeoutSeconds: 4.8 }));
  await assert.rejects(reader.query(QUERY, NEVER), (error) => {
    assert.ok(error instanceof DomainError);
    assert.deepEqual(error.failure, { code: "query_timeout", timeoutSeconds: 5 });
    return true;
  });
});
