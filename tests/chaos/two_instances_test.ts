import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { cached, LoadCounts } from "../../application/decorators/cached.ts";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { startPrivateRedis } from "../fixtures/private_redis.ts";
import { seededChance } from "../fixtures/seeded_chance.ts";
import { readDuringFaults } from "../fixtures/stale_reads.ts";
import { openTcpProxy } from "../fixtures/tcp_proxy.ts";
import { type Instance, openInstance } from "../fixtures/two_tier.ts";

const absent = !await areInstalled("redis-server");
const needs = absent ? " (needs redis-server)" : "";

Deno.test({
  name:
    `two caches on one Redis that fails in every way: no read is stale, and none fails${needs} [S25]`,
  ignore: absent,
  async fn() {
    const { stale, failed, reads, writes, loads } = await readDuringFaults(10_000, 1);
    assert.deepEqual([stale, failed], [[], []]);
    assert.ok(reads > 8000 && writes > 500, `${reads} reads, ${writes} writes`);
    assert.ok(loads < reads, `${loads} loads`);
  },
});

const NEVER = new AbortController().signal;

/** A function of one instance, its loads counted with those of the other. */
function finder({ cache }: Instance, counts: LoadCounts, load: () => Promise<unknown>) {
  const keyOf = (key: string) => key;
  return cached(load, { cache, counts, keyOf, ttlSecondsOf: () => 60 });
}

for (const constant of [false, true]) {
  const what = constant ? "constants" : "variables";
  Deno.test({
    name: `50 who ask two instances for one of the ${what} at once make one load${needs} [S25]`,
    ignore: absent,
    async fn() {
      await using redis = await startPrivateRedis();
      await using one = await openInstance(redis.url, { constant });
      await using other = await openInstance(redis.url, { constant });
      const counts = new LoadCounts();
      const load = () => new Promise<unknown>((resolve) => setTimeout(resolve, 30, { value: 1n }));
      const finds = [one, other].map((instance) => finder(instance, counts, load));
      for (const key of ["a", "b", "c"]) {
        counts.loads = 0;
        const asked = Array.from({ length: 50 }, (_, at) => finds[at % 2]?.(key, NEVER));
        const found = await Promise.all(asked);
        assert.ok(found.every((answer) => (answer?.value as { value: bigint }).value === 1n));
        assert.equal(counts.loads, 1, key);
      }
    },
  });
}

Deno.test({
  name:
    `two instances find more than 80 % of a Zipf workload, by far the most in memory${needs} [S25]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis();
    await using one = await openInstance(redis.url, { constant: true });
    await using other = await openInstance(redis.url, { constant: true });
    const counts = new LoadCounts();
    const finds = [one, other].map((it) => finder(it, counts, () => Promise.resolve({ rows: [] })));
    const chance = seededChance(5);
    const asked = 20_000;
    for (let at = 0; at < asked; at += 1) {
      // By Zipf's law, among 5,000 keys: ten times what an instance keeps.
      const key = `key ${Math.floor(5000 ** chance())}`;
      await finds[at % 2]?.(key, NEVER);
    }
    const hits = 1 - counts.loads / asked;
    assert.ok(hits > 0.8, `${hits}`);
    const { hitRate, shared } = one.cache.statistics();
    assert.ok(hitRate > 0.8 && (shared?.hits ?? 0) > 100, JSON.stringify(shared));
  },
});

/** Does it again for as long as this machine is too slow for Redis' deadline. */
async function insisted(work: () => Promise<unknown>): Promise<void> {
  await eventually("Redis answering", () => work().then(() => true as const, () => null));
}

Deno.test({
  name: `what an instance sent in vain and Redis hears late replaces nothing newer${needs} [S25]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis();
    await using way = openTcpProxy(redis.port);
    await using late = await openInstance(`redis://127.0.0.1:${way.port}`);
    await using other = await openInstance(redis.url);
    const hour = { ttlSeconds: 3600 };
    await insisted(() => late.cache.set("key", "first", hour));
    way.freeze();
    await assert.rejects(async () => await late.cache.set("key", "second", hour));
    await insisted(() => other.cache.set("key", "third", hour));
    way.mend();
    await eventually("the instance that was away", () => late.connection.isReady || null);
    for (const { cache } of [late, other]) {
      // What stood there has gone or is the last: never what came late.
      assert.ok(["third", undefined].includes(await cache.get("key") as string | undefined));
    }
  },
});

Deno.test({
  name: `an instance that hears late of a clearing gives nothing from before it${needs} [S25]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis();
    await using way = openTcpProxy(redis.port);
    await using late = await openInstance(`redis://127.0.0.1:${way.port}`);
    await using other = await openInstance(redis.url);
    for (let round = 0; round < 10; round += 1) {
      await insisted(() => late.cache.set("key", "first", { ttlSeconds: 3600 }));
      way.holdAnswers();
      await insisted(() => other.cache.clear());
      // By then what it knew is too old to be given unasked.
      await delay(30);
      const asked = late.cache.get("key");
      way.mend();
      assert.equal(await asked, undefined);
      await insisted(() => late.cache.clear());
    }
  },
});
