import assert from "node:assert/strict";
import type { Cache } from "../../domain/ports/cache.ts";
import { ManualClock } from "../fakes/manual_clock.ts";

/** A cache with nothing in it yet, and what closes it. */
export interface CachePlace extends AsyncDisposable {
  readonly cache: Cache<unknown>;
}

/** What an implementation may do one way or the other. */
export interface CacheFeatures {
  /** The entries that it is told to keep at most, which a test fills; `null`: its store bounds them. */
  readonly maxSize: number | null;
}

/** Opens a cache that goes by a clock. */
export type CacheFactory = (clock: ManualClock) => Promise<CachePlace>;

type Check = (cache: Cache<unknown>, clock: ManualClock) => Promise<void>;

const MINUTE = { ttlSeconds: 60 };
const ODD_KEYS = [
  "",
  " ",
  "a",
  "A",
  "a ",
  "a\0b",
  "a\0c",
  "__proto__",
  "é",
  "e\u0301",
  "k".repeat(9999),
];

/** Plain data of every kind, each of which is read as it was stored. */
const VALUES: readonly unknown[] = [
  null,
  false,
  0,
  -0,
  "",
  1.5,
  NaN,
  -Infinity,
  2n ** 80n,
  -1n,
  "\ud800 lone",
  "a\0b",
  "😀".repeat(1000),
  [],
  {},
  [null, [1n, { a: [] }]],
  { kind: "map", entries: { b: 1, a: null } },
  JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}'),
  Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`key ${at}`, at])),
];

class Counter {
  count = 0;
}

const NOT_PLAIN: readonly unknown[] = [
  undefined,
  () => 1,
  Symbol("a"),
  new Date(0),
  new Map(),
  new Uint8Array(2),
  new Counter(),
  { a: undefined },
  [1, [() => 1]],
];

/** What every {@link Cache} holds to. */
export function cacheContract(name: string, open: CacheFactory, features: CacheFeatures): void {
  const check = (behaviour: string, body: Check) =>
    Deno.test(`${name}: ${behaviour} [S23]`, async () => {
      const clock = new ManualClock();
      await using place = await open(clock);
      await body(place.cache, clock);
    });
  values(check);
  times(check);
  invalidations(check);
  if (features.maxSize !== null) crowded(check, features.maxSize);
}

function values(check: (behaviour: string, body: Check) => void): void {
  check("get() tells a miss from a value that is null", async (cache) => {
    assert.equal(await cache.get("a"), undefined);
    assert.equal(await cache.set("a", null, MINUTE), true);
    assert.equal(await cache.get("a"), null);
    assert.equal(await cache.get("b"), undefined);
  });

  check("get() gives what was stored last, of every kind of plain data", async (cache) => {
    for (const value of VALUES) {
      await cache.set("a", value, MINUTE);
      assert.deepEqual(await cache.get("a"), value);
    }
  });

  check("set() keeps each key alone", async (cache) => {
    for (const [at, key] of ODD_KEYS.entries()) {
      await cache.set(key, at, MINUTE);
      assert.equal(await cache.get(key), at, key.slice(0, 20));
      await cache.delete(key);
      assert.equal(await cache.get(key), undefined, key.slice(0, 20));
      await cache.set(key, at, MINUTE);
    }
    const last = ODD_KEYS.length - 1;
    assert.equal(await cache.get(ODD_KEYS[last] ?? ""), last);
    assert.equal(await cache.get(ODD_KEYS[last - 1] ?? ""), last - 1);
  });

  check("what is stored is nobody's to change", async (cache) => {
    const stored = { rows: [{ name: "ada" }], total: 1 };
    await cache.set("a", stored, MINUTE);
    stored.rows.push({ name: "eve" });
    stored.total = 2;
    const changes = [
      (read: typeof stored) => void (read.total = 3),
      (read: typeof stored) => void read.rows.push({ name: "eve" }),
      (read: typeof stored) => Object.assign(read.rows[0] ?? {}, { name: "eve" }),
    ];
    for (const change of changes) {
      const read = await cache.get("a") as typeof stored;
      try {
        change(read);
      } catch (error) {
        assert.ok(error instanceof TypeError, "it is frozen");
      }
      assert.deepEqual(await cache.get("a"), { rows: [{ name: "ada" }], total: 1 });
    }
  });

  check("set() refuses what is not plain data, and stores nothing of it", async (cache) => {
    for (const value of NOT_PLAIN) {
      await assert.rejects(Promise.try(() => cache.set("a", value, MINUTE)), TypeError);
      assert.equal(await cache.get("a"), undefined);
    }
    const round: { self?: unknown } = {};
    round.self = round;
    await assert.rejects(Promise.try(() => cache.set("a", round, MINUTE)), TypeError);
  });
}

function times(check: (behaviour: string, body: Check) => void): void {
  check("an entry is there for its seconds and then no more", async (cache, clock) => {
    await cache.set("short", 1, { ttlSeconds: 0.5 });
    await cache.set("long", 2, MINUTE);
    clock.advance(499);
    assert.equal(await cache.get("short"), 1);
    clock.advance(2);
    assert.deepEqual([await cache.get("short"), await cache.get("long")], [undefined, 2]);
    clock.advance(59_498);
    assert.equal(await cache.get("long"), 2);
    clock.advance(2);
    assert.equal(await cache.get("long"), undefined);
  });

  check("storing begins an entry's time anew, reading does not", async (cache, clock) => {
    await cache.set("a", 1, MINUTE);
    clock.advance(59_000);
    await cache.set("a", 2, MINUTE);
    clock.advance(59_000);
    assert.equal(await cache.get("a"), 2);
    clock.advance(1001);
    assert.equal(await cache.get("a"), undefined);
  });

  check("set() refuses a time that is none", async (cache) => {
    for (const ttlSeconds of [0, -1, NaN]) {
      await assert.rejects(Promise.try(() => cache.set("a", 1, { ttlSeconds })), RangeError);
    }
    assert.equal(await cache.get("a"), undefined);
  });
}

function invalidations(check: (behaviour: string, body: Check) => void): void {
  check("delete() takes one entry, clear() takes all", async (cache) => {
    for (const key of ["a", "b", "c"]) await cache.set(key, key, MINUTE);
    await cache.delete("a");
    await cache.delete("not there");
    assert.deepEqual([await cache.get("a"), await cache.get("b")], [undefined, "b"]);
    await cache.clear();
    assert.deepEqual([await cache.get("b"), await cache.get("c")], [undefined, undefined]);
  });

  check(
    "version is another after each delete() and clear(), and the same after the rest",
    async (cache) => {
      const seen = [cache.version];
      for (
        const change of [() => cache.delete("a"), () => cache.clear(), () => cache.delete("a")]
      ) {
        await change();
        assert.ok(!seen.includes(cache.version));
        seen.push(cache.version);
      }
      await cache.set("a", 1, MINUTE);
      await cache.get("a");
      assert.equal(cache.version, seen.at(-1));
    },
  );

  check("set() does not store what began before its key was deleted or cleared", async (cache) => {
    for (const invalidate of [() => cache.delete("a"), () => cache.clear()]) {
      const since = cache.version;
      await invalidate();
      assert.equal(await cache.set("a", "old", { ...MINUTE, since }), false);
      assert.equal(await cache.get("a"), undefined);
      assert.equal(await cache.set("a", "new", { ...MINUTE, since: cache.version }), true);
      assert.equal(await cache.set("a", "old", { ...MINUTE, since }), false);
      assert.equal(await cache.get("a"), "new");
    }
  });

  check("set() stores what began before another key was deleted", async (cache) => {
    const since = cache.version;
    await cache.delete("b");
    assert.equal(await cache.set("a", 1, { ...MINUTE, since }), true);
    assert.equal(await cache.get("a"), 1);
  });

  check(
    "set() never stores what is of a deleted state, however many keys were deleted since",
    async (cache) => {
      const since = cache.version;
      for (let key = 0; key < 3000; key += 1) await cache.delete(`key ${key}`);
      for (const key of ["key 0", "key 1", "key 1500", "key 2999"]) {
        assert.equal(await cache.set(key, "old", { ...MINUTE, since }), false, key);
      }
    },
  );
}

function crowded(check: (behaviour: string, body: Check) => void, maxSize: number): void {
  check("the least recently used go when it is full", async (cache) => {
    for (let key = 0; key < maxSize; key += 1) await cache.set(`key ${key}`, key, MINUTE);
    assert.equal(await cache.get("key 0"), 0);
    await cache.set("key 1", 1, MINUTE);
    await cache.set("one more", 1, MINUTE);
    await cache.set("two more", 2, MINUTE);
    const there = ["key 0", "key 1", "key 2", "key 3", "one more", "two more"];
    const found = await Promise.all(there.map((key) => cache.get(key)));
    assert.deepEqual(found, [0, 1, undefined, undefined, 1, 2]);
  });
}
