import assert from "node:assert/strict";
import fc from "fast-check";
import type { GraphMetrics } from "../../domain/graph/metrics.ts";
import type { GraphAnswer, GraphQuery } from "../../domain/graph/query.ts";
import type { GraphReader } from "../../domain/ports/graph_reader.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { MapCache } from "../../tests/fakes/map_cache.ts";
import { LoadCounts } from "./cached.ts";
import { cachedReader, type DatedAnswer } from "./cached_graph.ts";

const NEVER = new AbortController().signal;

/** A number that is written and read; reading takes until the test says so, where it wants that. */
class Numbers implements GraphReader {
  value = 0n;
  queries = 0;
  counted = 0;
  hold: Promise<void> | null = null;

  async query({ statement }: GraphQuery): Promise<GraphAnswer> {
    this.queries += 1;
    const [begun, value] = [this.value, this.value];
    if (this.hold !== null) await this.hold;
    const repeatable = !statement.includes("rand");
    const row = [repeatable ? value : BigInt(this.queries)];
    return { columns: ["n"], rows: [row], truncated: false, repeatable, generation: `${begun}` };
  }

  metrics(): Promise<GraphMetrics> {
    this.counted += 1;
    const nodeCount = Number(this.value);
    return Promise.resolve({ nodeCount, relationshipCount: 0, labels: {}, relationshipTypes: {} });
  }

  generation(): Promise<string> {
    return Promise.resolve(`${this.value}`);
  }

  async *entries() {}
}

function setUp(ttl: { readonly queries: number; readonly metrics: number }) {
  const clock = new ManualClock();
  const numbers = new Numbers();
  const timed = <Value>(ttlSeconds: number) => ({
    named: { cache: new MapCache<Value>(clock), counts: new LoadCounts() },
    ttlSeconds,
  });
  const reader = cachedReader(numbers, {
    queries: timed<DatedAnswer>(ttl.queries),
    metrics: timed<GraphMetrics>(ttl.metrics),
    sha256: (content) => `digest of ${content}`,
  });
  const ask = async (changes: Partial<GraphQuery> = {}) => {
    const asked = { statement: "RETURN n", parameters: {}, limit: 10, timeoutSeconds: 5 };
    const { rows: [row], cached = false } = await reader.query({ ...asked, ...changes }, NEVER);
    return [row?.[0], cached];
  };
  return { clock, numbers, reader, ask };
}

const USUAL = { queries: 300, metrics: 60 };

Deno.test("cachedReader() gives the same answer until something is written, and no older one [S12]", async () => {
  const { numbers, ask } = setUp(USUAL);
  assert.deepEqual([await ask(), await ask(), await ask()], [[0n, false], [0n, true], [0n, true]]);
  numbers.value = 1n;
  assert.deepEqual([await ask(), await ask()], [[1n, false], [1n, true]]);
  assert.equal(numbers.queries, 2);
});

Deno.test("cachedReader() tells statements, parameters of every kind and limits apart [S12]", async () => {
  const { numbers, ask } = setUp(USUAL);
  const asked: readonly Partial<GraphQuery>[] = [
    {},
    { statement: "RETURN  n" },
    { limit: 11 },
    { timeoutSeconds: 6 },
    ...[1, 1n, "1", [1n], null, true, { a: 1n }].map((n) => ({ parameters: { n } })),
  ];
  for (const changes of asked) assert.deepEqual(await ask(changes), [0n, false]);
  for (const changes of asked) assert.deepEqual(await ask(changes), [0n, true]);
  assert.equal(numbers.queries, asked.length);
});

Deno.test("cachedReader() keeps nothing that differs each time, not even for those who ask at once [S12]", async () => {
  const { numbers, ask } = setUp(USUAL);
  const statement = "RETURN rand()";
  const crowd = Array.from({ length: 5 }, () => ask({ statement }));
  const values = [...await Promise.all(crowd), await ask({ statement })];
  assert.equal(new Set(values.map(([value]) => value)).size, 6);
  assert.ok(values.every(([, cached]) => cached === false));
  assert.equal(numbers.queries, 6);
});

Deno.test("cachedReader() keeps no answer of a load that began before a write [S12]", async () => {
  const { numbers, ask } = setUp(USUAL);
  await ask();
  for (const statement of ["RETURN n", "RETURN of another"]) {
    numbers.value += 1n;
    const { promise, resolve } = Promise.withResolvers<void>();
    numbers.hold = promise;
    const late = ask({ statement });
    await new Promise((ready) => setTimeout(ready, 0));
    numbers.value += 1n;
    numbers.hold = null;
    resolve();
    await late;
    assert.deepEqual(await ask({ statement }), [numbers.value, false]);
  }
});

Deno.test("cachedReader() forgets answers and metrics after their time, or keeps none at all [S11, S12]", async () => {
  const { clock, numbers, reader, ask } = setUp(USUAL);
  await ask();
  await reader.metrics(NEVER);
  clock.advance(59_000);
  assert.deepEqual([await ask(), (await reader.metrics(NEVER)).nodeCount], [[0n, true], 0]);
  assert.equal(numbers.counted, 1);
  clock.advance(242_000);
  assert.deepEqual([await ask(), (await reader.metrics(NEVER)).nodeCount], [[0n, false], 0]);
  assert.equal(numbers.counted, 2);
  const off = setUp({ queries: 0, metrics: 0 });
  assert.deepEqual([await off.ask(), await off.ask()], [[0n, false], [0n, false]]);
  await off.reader.metrics(NEVER);
  await off.reader.metrics(NEVER);
  assert.equal(off.numbers.counted, 2);
});

Deno.test("cachedReader() never gives what was true only before a write that has ended [S12]", async () => {
  const step = fc.constantFrom("write", "ask", "ask another", "count", "wait");
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
    const { clock, numbers, reader, ask } = setUp(USUAL);
    for (const done of steps) {
      if (done === "write") numbers.value += 1n;
      else if (done === "wait") clock.advance(30_000);
      else if (done === "count") {
        assert.equal((await reader.metrics(NEVER)).nodeCount, Number(numbers.value));
      } else {
        const statement = done === "ask" ? "RETURN n" : "RETURN n + 0";
        assert.equal((await ask({ statement }))[0], numbers.value);
      }
    }
  }));
});

Deno.test("cachedReader() gives one caller's answer to another [S12]", async () => {
  const { ask } = setUp({ queries: 60, metrics: 0 });
  assert.deepEqual(await ask({ caller: "ada" }), [0n, false]);
  assert.deepEqual(await ask({ caller: "charles" }), [0n, true]);
});
