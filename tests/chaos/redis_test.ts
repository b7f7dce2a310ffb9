import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { type PrivateRedis, startPrivateRedis } from "../fixtures/private_redis.ts";
import { openTcpProxy, type TcpProxy } from "../fixtures/tcp_proxy.ts";
import { type Instance, openInstance } from "../fixtures/two_tier.ts";

const absent = !await areInstalled("redis-server");
const needs = absent ? " (needs redis-server)" : "";
const MINUTE = { ttlSeconds: 60 };
const CALLS = 300;
/** Calls that may meet the fault before the breaker keeps the others from it. */
const MOST_ERRORS = 10;

interface Place {
  readonly redis: PrivateRedis;
  readonly proxy: TcpProxy;
  readonly instance: Instance;
}

interface Fault {
  readonly name: string;
  begin(place: Place): Promise<void> | void;
  end(place: Place): Promise<void> | void;
}

const FAULTS: readonly Fault[] = [
  {
    name: "is killed and comes back empty",
    begin: ({ redis }) => redis.kill(),
    end: ({ redis }) => redis.restart(),
  },
  {
    name: "is frozen",
    begin: ({ redis }) => redis.freeze(),
    end: ({ redis }) => redis.thaw(),
  },
  {
    name: "is slow",
    begin: ({ proxy }) => proxy.delayAnswers(120),
    end: ({ proxy }) => proxy.mend(),
  },
  {
    name: "cannot be reached",
    begin: ({ proxy }) => proxy.refuse(),
    end: ({ proxy }) => proxy.mend(),
  },
  {
    name: "takes connections and says nothing",
    begin: ({ proxy }) => (proxy.cut(), proxy.freeze()),
    end: ({ proxy }) => proxy.mend(),
  },
];

/** Calls as requests make them: one after the other, with turns for the rest of the process between. */
async function use({ cache }: Instance, calls: number): Promise<void> {
  for (let call = 0; call < calls; call += 1) {
    const key = `key ${call}`;
    assert.equal(await cache.set(key, { call }, MINUTE), true);
    assert.deepEqual(await cache.get(key), { call });
    assert.equal(await cache.get(`missing ${call}`), undefined);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function healed({ connection, breaker }: Instance): Promise<true> {
  return eventually("the connection healed", () => connection.isReady || null)
    .then((ready) => (assert.equal(breaker.state, "closed"), ready));
}

for (const { name, begin, end } of FAULTS) {
  Deno.test({
    name: `a cache whose Redis ${name} serves alone, and heals by itself${needs} [S25]`,
    ignore: absent,
    async fn() {
      await using redis = await startPrivateRedis();
      await using proxy = openTcpProxy(redis.port);
      await using instance = await openInstance(`redis://127.0.0.1:${proxy.port}`, {
        constant: true,
      });
      const errors = () => instance.cache.statistics().shared?.errors ?? NaN;
      await use(instance, 20);
      assert.equal(errors(), 0);
      await begin({ redis, proxy, instance });
      await use(instance, CALLS);
      assert.ok(errors() <= MOST_ERRORS, `${errors()} of ${3 * CALLS} calls met the fault`);
      await end({ redis, proxy, instance });
      await healed(instance);
      await using other = await openInstance(redis.url, { constant: true });
      await instance.cache.set("after", "all", MINUTE);
      assert.equal(await other.cache.get("after"), "all");
    },
  });
}

Deno.test({
  name: `a cache whose Redis is full goes on reading and deleting there${needs} [S25]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis({ maxmemory: "6mb" });
    for (const constant of [true, false]) {
      const options = { constant, prefix: `constant ${constant}`, maxBytes: 1_000_000 };
      await using one = await openInstance(redis.url, options);
      await using other = await openInstance(redis.url, options);
      await one.cache.set("early", 1, MINUTE);
      const stored: boolean[] = [];
      for (let at = 0; at < 20; at += 1) {
        stored.push(await one.cache.set(`large ${at}`, "x".repeat(400_000), MINUTE));
      }
      assert.equal(stored.every((is) => is), constant, "here there is room for constants");
      assert.equal(await other.cache.get("early"), 1);
      await one.cache.delete("early");
      assert.equal(
        await eventually("the deletion", async () => {
          return await other.cache.get("early") === undefined ? true : null;
        }),
        true,
      );
      assert.deepEqual([one.breaker.state, other.breaker.state], ["closed", "closed"]);
      await one.cache.clear();
    }
  },
});

Deno.test({
  name: `caches leave half of a Redis that has a cap to others, and go on here${needs} [S25]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis({ maxmemory: "16mb" });
    await using one = await openInstance(redis.url, { constant: true });
    await using other = await openInstance(redis.url, { constant: true });
    const add = (key: string) =>
      eventually("an addition", () => {
        return one.connection.run((client) => client.set(key, "x".repeat(4_000_000)))
          .then(() => true as const, () => null);
      });
    for (const key of ["job", "another"]) await add(key);
    const isShared = async (key: string) => {
      await one.cache.set(key, "value", MINUTE);
      assert.equal(await one.cache.get(key), "value", "kept here");
      return await other.cache.get(key) === "value";
    };
    let key = 0;
    await eventually("nothing shared", async () => !await isShared(`full ${++key}`) || null);
    assert.equal(await isShared("still full"), false);
    await eventually("the jobs ended", () => {
      return one.connection.run((client) => client.del("job")).then(
        () => true as const,
        () => null,
      );
    });
    await eventually("it shared again", async () => await isShared(`free ${++key}`) || null);
  },
});

Deno.test({
  name: `a cache whose connection flaps answers every call${needs} [S25]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis();
    await using proxy = openTcpProxy(redis.port);
    await using instance = await openInstance(`redis://127.0.0.1:${proxy.port}`, {
      constant: true,
    });
    for (let cut = 0; cut < 20; cut += 1) {
      proxy.cut();
      await use(instance, 15);
    }
    await healed(instance);
    await use(instance, 5);
  },
});
