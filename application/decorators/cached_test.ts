import assert from "node:assert/strict";
import { MemoryCache } from "../../adapters/memory/cache.ts";
import { DomainError, isFailure } from "../../domain/errors.ts";
import type { Cache } from "../../domain/ports/cache.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { MapCache } from "../../tests/fakes/map_cache.ts";
import { cached, LoadCounts } from "./cached.ts";

interface Row {
  name: string;
  good?: boolean;
}

/** A cached function whose loads a test ends. */
function setUp(make: (clock: ManualClock) => Cache<Row> = (clock) => new MapCache<Row>(clock)) {
  const clock = new ManualClock();
  const cache = make(clock);
  const counts = new LoadCounts();
  const loads: (PromiseWithResolvers<Row> & { readonly signal: AbortSignal })[] = [];
  const load = (_asked: string, signal: AbortSignal) => {
    const ending = Promise.withResolvers<Row>();
    loads.push({ ...ending, signal });
    return ending.promise;
  };
  const find = cached(load, {
    cache,
    counts,
    keyOf: (asked: string) => `key of ${asked}`,
    ttlSecondsOf: ({ good = true }) => good ? 60 : null,
  });
  const ask = (asked: string, signal = new AbortController().signal) => find(asked, signal);
  return { clock, cache, counts, loads, ask };
}

/** Lets everything that is ready go on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

const memory = (clock: ManualClock) =>
  new MemoryCache<Row>({
    maxSize: 10,
    monotonic: () => clock.monotonic(),
    resolutionMilliseconds: 0,
  });

for (const [name, make] of [["MemoryCache", memory], ["MapCache", undefined]] as const) {
  Deno.test(`cached() makes a value once for 1,000 who ask at once, and for all after them, over ${name} [S23]`, async () => {
    const { ask, loads, counts, clock } = setUp(make);
    const asked = Array.from({ length: 1000 }, () => ask("a"));
    await settled();
    assert.equal(loads.length, 1);
    loads[0]?.resolve({ name: "ada" });
    const answers = await Promise.all(asked);
    assert.ok(answers.every(({ value }) => value.name === "ada"));
    assert.equal(answers.filter(({ cached }) => !cached).length, 1);
    assert.deepEqual(await ask("a"), { value: { name: "ada" }, cached: true });
    assert.deepEqual({ ...counts }, { loads: 1, sharedLoads: 999, errors: 0 });
    clock.advance(60_001);
    const again = ask("a");
    await settled();
    loads[1]?.resolve({ name: "bob" });
    assert.deepEqual(await again, { value: { name: "bob" }, cached: false });
  });

  Deno.test(`cached() begins no load while one is being stored, over ${name} [S23]`, async () => {
    const { ask, loads } = setUp(make);
    const first = ask("a");
    await settled();
    loads[0]?.resolve({ name: "ada" });
    // Those who come in each of the next turns find the flight, or what it has stored.
    const rest: Promise<unknown>[] = [];
    for (let turn = 0; turn < 40; turn += 1) {
      rest.push(ask("a"));
      await Promise.resolve();
    }
    await Promise.all([first, ...rest]);
    assert.equal(loads.length, 1);
  });
}

Deno.test("cached() gives all of them one value that none can change [S23]", async () => {
  const { ask, loads } = setUp();
  const asked = [ask("a"), ask("a")];
  await settled();
  const made = { name: "ada" };
  loads[0]?.resolve(made);
  for (const { value } of await Promise.all(asked)) {
    assert.throws(() => value.name = "eve", TypeError);
  }
  made.name = "eve";
  assert.equal((await ask("a")).value.name, "ada");
});

Deno.test("cached() stores no failure, and lets all who wait have it [S23]", async () => {
  const { ask, loads } = setUp();
  const asked = Array.from({ length: 10 }, () => ask("a"));
  await settled();
  loads[0]?.reject(new DomainError({ code: "shutting_down", retryAfterSeconds: 1 }));
  for (const run of asked) {
    await assert.rejects(run, (error) => isFailure(error, "shutting_down"));
  }
  const again = ask("a");
  await settled();
  loads[1]?.resolve({ name: "ada" });
  assert.equal((await again).cached, false);
});

Deno.test("cached() stores no value that has no time to live [S23]", async () => {
  const { ask, loads } = setUp();
  for (const at of [0, 1]) {
    const run = ask("a");
    await settled();
    loads[at]?.resolve({ name: "ada", good: false });
    assert.deepEqual(await run, { value: { name: "ada", good: false }, cached: false });
  }
});

Deno.test("cached() lets a caller leave alone, and aborts the load when all have left [S23]", async () => {
  const { ask, loads } = setUp();
  const callers = Array.from({ length: 2 }, () => new AbortController());
  const runs = callers.map(({ signal }) => ask("a", signal));
  await settled();
  callers[0]?.abort();
  await assert.rejects(runs[0] ?? assert.fail(), (error) => isFailure(error, "cancelled"));
  assert.equal(loads[0]?.signal.aborted, false);
  callers[1]?.abort();
  assert.equal(loads[0]?.signal.aborted, true);
  loads[0]?.reject(new DomainError({ code: "cancelled" }));
  await assert.rejects(runs[1] ?? assert.fail(), (error) => isFailure(error, "cancelled"));
});

for (const kind of ["delete", "clear"] as const) {
  Deno.test(`cached() neither stores nor shares a load that began before a ${kind}() [S23]`, async () => {
    const { ask, loads, cache } = setUp();
    const before = ask("a");
    await settled();
    await (kind === "clear" ? cache.clear() : cache.delete("key of a"));
    const after = ask("a");
    await settled();
    assert.equal(loads.length, 2);
    loads[1]?.resolve({ name: "new" });
    assert.equal((await after).value.name, "new");
    loads[0]?.resolve({ name: "old" });
    assert.equal((await before).value.name, "old");
    assert.deepEqual(await ask("a"), { value: { name: "new" }, cached: true });
  });

  Deno.test(`cached() stores nothing of a load that a ${kind}() overtook, when nobody asked anew [S23]`, async () => {
    const { ask, loads, cache } = setUp();
    const before = ask("a");
    await settled();
    await (kind === "clear" ? cache.clear() : cache.delete("key of a"));
    loads[0]?.resolve({ name: "old" });
    await before;
    assert.equal(await cache.get("key of a"), undefined);
  });
}

Deno.test("cached() answers though its cache fails, or its value is none that can be stored [S23]", async () => {
  const broken = () => {
    throw new DomainError({ code: "circuit_open", breaker: "cache", retryAfterSeconds: 1 });
  };
  const away = { version: 0, get: broken, set: broken, delete: broken, clear: broken };
  const { ask, loads, counts } = setUp(() => away);
  const asked = Array.from({ length: 5 }, () => ask("a"));
  await settled();
  assert.equal(loads.length, 1, "one load, though nothing can be kept");
  loads[0]?.resolve({ name: "ada" });
  assert.deepEqual((await Promise.all(asked)).map(({ value }) => value.name), Array(5).fill("ada"));
  assert.equal(counts.errors, 2, "one get and one set");

  const other = setUp();
  const odd = other.ask("a");
  await settled();
  const value = Object.assign(new Date(0), { name: "no plain data" });
  other.loads[0]?.resolve(value);
  assert.equal((await odd).value, value);
  assert.equal(other.counts.errors, 1);
});
