import assert from "node:assert/strict";
import fc from "fast-check";
import { cacheContract } from "../../tests/contracts/cache.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { MemoryCache, type MemoryCacheOptions } from "./cache.ts";

const MAX_SIZE = 8;
const MINUTE = { ttlSeconds: 60 };

function cacheOf(clock: ManualClock, options: Partial<MemoryCacheOptions> = {}) {
  const monotonic = () => clock.monotonic();
  const rest = { maxSize: MAX_SIZE, resolutionMilliseconds: 0, ...options };
  return new MemoryCache<unknown>({ monotonic, ...rest });
}

cacheContract("MemoryCache", (clock) =>
  Promise.resolve({
    cache: cacheOf(clock),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }), { maxSize: MAX_SIZE });

Deno.test("MemoryCache.statistics() counts what becomes of entries and who finds them [S23]", () => {
  const clock = new ManualClock();
  const cache = cacheOf(clock);
  const counts = () => {
    const { hits, misses, evictions, expiries, invalidations, size } = cache.statistics();
    return { hits, misses, evictions, expiries, invalidations, size };
  };
  const none = { hits: 0, misses: 0, evictions: 0, expiries: 0, invalidations: 0, size: 0 };
  assert.deepEqual(counts(), none);
  assert.equal(cache.statistics().hitRate, 0);
  for (let key = 0; key < 10; key += 1) cache.set(`key ${key}`, key, MINUTE);
  cache.set("key 9", "anew", MINUTE);
  assert.deepEqual(counts(), { ...none, evictions: 2, size: 8 });
  for (const key of ["key 0", "key 9", "key 9", "key 8"]) cache.get(key);
  assert.deepEqual(counts(), { ...none, hits: 3, misses: 1, evictions: 2, size: 8 });
  assert.deepEqual([cache.statistics().hitRate, cache.statistics().utilization], [0.75, 1]);
  cache.delete("key 9");
  cache.delete("key 9");
  clock.advance(60_001);
  cache.get("key 8");
  assert.deepEqual(counts(), {
    ...{ hits: 3, misses: 2, evictions: 2, expiries: 1, invalidations: 1, size: 6 },
  });
  cache.clear();
  assert.deepEqual([counts().invalidations, counts().size, cache.statistics().bytes], [7, 0, 0]);
});

Deno.test("MemoryCache.sweep() has what expired leave without being asked for [S24]", () => {
  const clock = new ManualClock();
  const cache = cacheOf(clock);
  cache.set("short", "x".repeat(1000), { ttlSeconds: 1 });
  cache.set("long", 1, MINUTE);
  cache.sweep();
  assert.equal(cache.statistics().size, 2);
  clock.advance(1001);
  assert.equal(cache.statistics().size, 2);
  cache.sweep();
  const { size, expiries, bytes, misses } = cache.statistics();
  assert.deepEqual([size, expiries, misses], [1, 1, 0]);
  assert.ok(bytes < 100, `${bytes} bytes`);
});

Deno.test("MemoryCache keeps to its bytes as well, by whichever bound is met first [S23]", () => {
  const maxBytes = 100_000;
  const cache = cacheOf(new ManualClock(), { maxSize: 1000, maxBytes });
  for (let key = 0; key < 200; key += 1) {
    assert.equal(cache.set(`key ${key}`, ["x".repeat(1000), { at: key }], MINUTE), true);
    assert.ok(cache.statistics().bytes <= maxBytes);
  }
  const { size, bytes, evictions } = cache.statistics();
  assert.ok(size > 40 && size < 50, `${size} entries of 2 KB in 100 KB`);
  assert.ok(bytes > maxBytes / 2);
  assert.equal(evictions, 200 - size);
});

Deno.test("MemoryCache.set() stores nothing that would take a quarter of it, nor leaves what it replaces [S23]", () => {
  const cache = cacheOf(new ManualClock(), { maxBytes: 100_000 });
  cache.set("other", 1, MINUTE);
  cache.set("a", "small", MINUTE);
  assert.equal(cache.set("a", "x".repeat(13_000), MINUTE), false);
  assert.deepEqual([cache.get("a"), cache.get("other")], [undefined, 1]);
});

Deno.test("MemoryCache tells how long operations take: every set, and one get in 256 [S23]", () => {
  let reading = 0;
  const heard: string[] = [];
  const cache = new MemoryCache<number>({
    maxSize: 2,
    monotonic: () => reading += 1000,
    resolutionMilliseconds: 0,
    timed: (operation, seconds) => void heard.push(`${operation} ${seconds > 0}`),
  });
  assert.equal(cache.statistics().averageGetSeconds, 0);
  cache.set("a", 1, { ttlSeconds: 1e6 });
  for (let get = 0; get < 513; get += 1) cache.get("a");
  assert.deepEqual(heard, ["set true", "get true", "get true", "get true"]);
  const { averageGetSeconds, averageSetSeconds, hits } = cache.statistics();
  assert.ok(averageGetSeconds >= 1 && averageSetSeconds >= 1);
  assert.equal(hits, 513);
});

Deno.test("MemoryCache.get() gives every reader the one frozen value, without a copy [S23]", () => {
  const cache = cacheOf(new ManualClock());
  cache.set("a", { rows: [{ n: 1n }] }, MINUTE);
  const read = cache.get("a") as { rows: object[] };
  assert.equal(cache.get("a"), read);
  assert.ok([read, read.rows, read.rows[0]].every(Object.isFrozen));
});

type Step =
  | { readonly do: "get" | "delete"; readonly key: number }
  | { readonly do: "set"; readonly key: number; readonly ttl: number; readonly value: number }
  | { readonly do: "wait"; readonly milliseconds: number }
  | { readonly do: "sweep" | "clear" };

const KEY = fc.integer({ min: 0, max: 11 });
const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("get" as const), key: KEY }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("set" as const),
      key: KEY,
      ttl: fc.integer({ min: 1, max: 30 }),
      value: fc.integer(),
    }),
  },
  fc.record({ do: fc.constant("delete" as const), key: KEY }),
  fc.record({ do: fc.constant("wait" as const), milliseconds: fc.integer({ min: 0, max: 15 }) }),
  fc.record({ do: fc.constantFrom("sweep" as const, "clear" as const) }),
);

/** The plainest cache with both rules: a list, the most recently used last. */
class Model {
  entries: { readonly key: string; readonly value: number; readonly until: number }[] = [];

  get(key: string, now: number): number | undefined {
    const entry = this.entries.find((entry) => entry.key === key);
    this.delete(key);
    if (entry === undefined || now > entry.until) return undefined;
    this.entries.push(entry);
    return entry.value;
  }

  set(key: string, value: number, until: number): void {
    this.delete(key);
    this.entries.push({ key, value, until });
    if (this.entries.length > MAX_SIZE) this.entries.shift();
  }

  delete(key: string): void {
    this.entries = this.entries.filter((entry) => entry.key !== key);
  }
}

/** Does a step to both; what each answers. */
function take(
  step: Step,
  cache: MemoryCache<unknown>,
  model: Model,
  clock: ManualClock,
): unknown[] {
  switch (step.do) {
    case "get":
      return [cache.get(`${step.key}`), model.get(`${step.key}`, clock.monotonic())];
    case "set":
      cache.set(`${step.key}`, step.value, { ttlSeconds: step.ttl / 1000 });
      model.set(`${step.key}`, step.value, clock.monotonic() + step.ttl);
      break;
    case "delete":
      cache.delete(`${step.key}`);
      model.delete(`${step.key}`);
      break;
    case "wait":
      clock.advance(step.milliseconds);
      break;
    case "sweep":
      cache.sweep();
      model.entries = model.entries.filter(({ until }) => clock.monotonic() <= until);
      break;
    case "clear":
      cache.clear();
      model.entries = [];
  }
  return [cache.statistics().size, model.entries.length];
}

Deno.test("MemoryCache answers as the plainest list with both rules does, in any order of calls [S23, S24]", () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 200 }), (steps) => {
      const clock = new ManualClock();
      const cache = cacheOf(clock);
      const model = new Model();
      for (const step of steps) {
        const [found, expected] = take(step, cache, model, clock);
        assert.equal(found, expected, JSON.stringify(step));
      }
    }),
    { numRuns: 500 },
  );
});
