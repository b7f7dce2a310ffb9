import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { areInstalled } from "../../tests/fixtures/installed.ts";
import { startPrivateRedis } from "../../tests/fixtures/private_redis.ts";
import { openInstance } from "../../tests/fixtures/two_tier.ts";
import { Deadlines } from "./deadlines.ts";

const absent = !await areInstalled("redis-server");
const needs = absent ? " (needs redis-server)" : "";

Deno.test("Deadlines that have been disposed of take nothing more, and leave no timer [S25]", async () => {
  const deadlines = new Deadlines(50);
  deadlines[Symbol.dispose]();
  await assert.rejects(deadlines.meet(Promise.resolve(1)), /closed/);
  await assert.rejects(deadlines.meet(Promise.reject(new Error("its own"))), /closed/);
});

// The test's own sanitizer finds a timer that is left.
Deno.test({
  name: `a connection closed while it waits to connect again leaves no timer${needs} [S25]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis();
    const { connection } = await openInstance(redis.url);
    await redis.kill();
    // By now its pauses are of half a second.
    await delay(1000);
    await connection[Symbol.asyncDispose]();
  },
});
