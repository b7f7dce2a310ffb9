import assert from "node:assert/strict";
import { eventually } from "../../tests/fixtures/eventually.ts";
import { areRunning, redisService } from "../../tests/fixtures/services.ts";
import {
  type Instance,
  type InstanceOptions,
  openInstance,
} from "../../tests/fixtures/two_tier.ts";
import { createRedisClient, type RedisClient } from "./client.ts";

const absent = !await areRunning("redis");
const needs = absent ? " (needs Redis)" : "";
const MINUTE = { ttlSeconds: 60 };

interface Place extends AsyncDisposable {
  readonly one: Instance;
  readonly other: Instance;
  /** Redis itself, and what every key of this test begins with. */
  readonly redis: RedisClient;
  readonly prefix: string;
}

async function twoInstances(options: InstanceOptions = {}): Promise<Place> {
  const { url } = await redisService();
  const prefix = crypto.randomUUID();
  await using stack = new AsyncDisposableStack();
  const one = stack.use(await openInstance(url, { ...options, prefix }));
  const other = stack.use(await openInstance(url, { ...options, prefix }));
  const redis = stack.adopt(createRedisClient(url), (client) => client.destroy());
  await redis.connect();
  const moved = stack.move();
  return { one, other, redis, prefix, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

function test(behaviour: string, body: (place: Place) => Promise<void>, options?: InstanceOptions) {
  Deno.test({
    name: `TwoTierCache: ${behaviour}${needs} [S25]`,
    ignore: absent,
    async fn() {
      await using place = await twoInstances(options);
      await body(place);
    },
  });
}

/** News may come a moment after who caused them has been answered. */
async function known({ cache }: Instance, key: string, expected: unknown): Promise<void> {
  await eventually(`${key} as ${expected}`, async () => await cache.get(key) === expected || null);
}

async function keysIn({ redis, prefix }: Place): Promise<string[]> {
  return await redis.keys(`${prefix}*`);
}

test("what one instance stores the other finds, and then has itself", async ({ one, other }) => {
  const value = { rows: [[1n, -0, NaN, "~", { __proto__: null, a: null }]] };
  await one.cache.set("a", value, MINUTE);
  const found = await other.cache.get("a") as typeof value;
  assert.deepEqual(structuredClone(found), structuredClone(value));
  assert.ok(Object.isFrozen(found.rows[0]));
  assert.equal(await other.cache.get("a"), found, "the very same, from its own memory");
  assert.deepEqual(other.cache.statistics().shared, { hits: 1, misses: 0, errors: 0 });
  assert.equal(await other.cache.get("b"), undefined);
  assert.deepEqual(other.cache.statistics().shared, { hits: 1, misses: 1, errors: 0 });
});

test("a deletion, a replacement and a clearing on one instance are known on the other", async ({ one, other }) => {
  const changes: readonly (readonly [() => void | Promise<unknown>, unknown])[] = [
    [() => one.cache.delete("a"), undefined],
    [() => one.cache.set("a", "new", MINUTE), "new"],
    [() => one.cache.clear(), undefined],
  ];
  for (const [change, expected] of changes) {
    await other.cache.set("a", "old", MINUTE);
    assert.equal(await one.cache.get("a"), "old");
    assert.equal(await other.cache.get("a"), "old");
    const { version } = other.cache;
    await change();
    assert.equal(await one.cache.get("a"), expected);
    await known(other, "a", expected);
    assert.notEqual(other.cache.version, version);
  }
});

test("a value made before a deletion on the other instance is stored nowhere", async ({ one, other }) => {
  for (const invalidate of [() => other.cache.delete("a"), () => other.cache.clear()]) {
    const since = one.cache.version;
    const taken = await one.cache.turns.take("a");
    assert.ok(taken.kind === "make" && taken.turn !== null);
    await invalidate();
    // Whether or not the news has arrived here.
    assert.equal(await one.cache.set("a", "old", { ...MINUTE, since, turn: taken.turn }), false);
    assert.deepEqual([await one.cache.get("a"), await other.cache.get("a")], [
      undefined,
      undefined,
    ]);
  }
  const since = one.cache.version;
  await other.cache.delete("a");
  assert.equal(await one.cache.set("a", "old", { ...MINUTE, since }), false, "without a turn");
  assert.equal(await other.cache.get("a"), undefined);
});

test("who has no turn waits for the value of who has", async ({ one, other }) => {
  const taken = await one.cache.turns.take("a");
  assert.ok(taken.kind === "make" && taken.turn !== null);
  const waiting = other.cache.turns.take("a");
  await one.cache.set("a", "made", { ...MINUTE, since: one.cache.version, turn: taken.turn });
  assert.deepEqual(await waiting, { kind: "made", value: "made" });
});

test("a turn passes on when it is given up, and when it takes long", async ({ one, other }) => {
  const first = await one.cache.turns.take("a");
  assert.ok(first.kind === "make" && first.turn !== null);
  const second = other.cache.turns.take("a");
  await one.cache.turns.giveUp("a", first.turn);
  const given = await second;
  assert.ok(given.kind === "make" && given.turn !== null);
  const third = await one.cache.turns.take("a");
  assert.ok(third.kind === "make" && third.turn !== null && third.turn !== given.turn);
  // The last to take it is the one whose value stays.
  const since = other.cache.version;
  assert.equal(await other.cache.set("a", "late", { ...MINUTE, since, turn: given.turn }), false);
  assert.equal(
    await one.cache.set("a", "last", { ...MINUTE, since: one.cache.version, turn: third.turn }),
    true,
  );
  assert.equal(await other.cache.get("a"), "last");
});

test("Redis sees digests for keys, and everything ends by itself", async (place) => {
  const { one, redis } = place;
  const secret = "MATCH (n {name: 'ada'})";
  await one.cache.set(secret, 1, MINUTE);
  await one.cache.turns.take(`${secret} again`);
  await one.cache.delete(`${secret} once more`);
  const keys = await keysIn(place);
  assert.equal(keys.length, 3, "a value, a turn and the epoch");
  for (const key of keys) {
    assert.ok(!key.includes("ada"), key);
    if (!key.endsWith(":epoch")) assert.ok(await redis.pTTL(key) > 0, key);
  }
});

test("what is no value of its own making is a miss, and is replaced", async (place) => {
  const { one, other, redis } = place;
  await one.cache.set("a", "good", MINUTE);
  const slot = (await keysIn(place)).find((key) => !key.endsWith(":epoch")) ?? assert.fail();
  const until = Date.now() + 60_000;
  for (const text of ["", "x", "v", "v12", `v${until} {`, `v${until} "~x"`, `vNaN 1`, `v1 "old"`]) {
    await redis.set(slot, text);
    assert.equal(await other.cache.get("a"), undefined, text);
  }
  await redis.set(slot, `v${until} {"__proto__": {"admin": true}, "a": 1}`);
  const found = await other.cache.get("a") as Record<string, unknown>;
  assert.deepEqual([found.admin, Object.getPrototypeOf(found)], [undefined, Object.prototype]);
  assert.equal(await one.cache.set("a", "good again", MINUTE), true);
  assert.equal(await other.cache.get("a"), "good again");
});

test("what is no value of this cache is a miss, and is replaced", async (place) => {
  const { one, other, redis } = place;
  await one.cache.set("a", { id: "good" }, MINUTE);
  const slot = (await keysIn(place)).find((key) => !key.endsWith(":epoch")) ?? assert.fail();
  for (const text of ["null", "1", '"good"', "[]", '{"id":1}']) {
    await redis.set(slot, `v${Date.now() + 60_000} ${text}`);
    assert.equal(await other.cache.get("a"), undefined, text);
    const { kind } = await other.cache.turns.take("a");
    assert.equal(kind, "make", text);
  }
  assert.equal(await one.cache.set("a", { id: "new" }, MINUTE), true);
  assert.deepEqual(await other.cache.get("a"), { id: "new" });
}, { isValue: (found) => typeof (found as { id?: unknown } | null)?.id === "string" });

test("nothing is left of what Redis has lost as a whole", async ({ one, other, redis }) => {
  await one.cache.set("a", 1, MINUTE);
  assert.equal(await other.cache.get("a"), 1);
  await redis.flushDb();
  await eventually("both empty", async () => {
    const found = [await one.cache.get("a"), await other.cache.get("a")];
    return found.every((value) => value === undefined) || null;
  });
  await eventually("both share again", async () => {
    return await one.cache.set("b", 2, MINUTE).then(() => true, () => null);
  });
  assert.equal(await other.cache.get("b"), 2);
});

test("a value that is too large is not shared, nor what it replaces", async ({ one, other }) => {
  await one.cache.set("a", "small", MINUTE);
  assert.equal(await other.cache.get("a"), "small");
  assert.equal(await one.cache.set("a", "x".repeat(1001), MINUTE), false);
  assert.equal(await one.cache.get("a"), undefined);
  await known(other, "a", undefined);
}, { maxBytes: 1000 });

test("a constant that is too large stays with who made it", async ({ one, other }) => {
  for (
    const [name, value, isShared] of [
      ["small", "x".repeat(60_000), true],
      ["large", "x".repeat(70_000), false],
      ["long in bytes", "é".repeat(40_000), false],
    ] as const
  ) {
    assert.equal(await one.cache.set(name, value, MINUTE), true);
    assert.equal(await one.cache.get(name), value);
    assert.equal(await other.cache.get(name), isShared ? value : undefined, name);
  }
}, { constant: true });

test("a deletion that cannot be told rejects, and is made up for", async ({ one, other }) => {
  await one.cache.set("a", "old", MINUTE);
  one.breaker.forceOpen();
  await assert.rejects(Promise.resolve(one.cache.delete("a")));
  assert.equal(await other.cache.get("a"), "old");
  assert.equal(await one.cache.get("a"), undefined);
  one.breaker.reset();
  assert.equal(await one.cache.get("a"), undefined);
  await known(other, "a", undefined);
});
