import assert from "node:assert/strict";
import { revokedTokensContract } from "../../tests/contracts/revoked_tokens.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { eventually } from "../../tests/fixtures/eventually.ts";
import { startPrivateRedis } from "../../tests/fixtures/private_redis.ts";
import { areInstalled } from "../../tests/fixtures/installed.ts";
import { type Instance, openInstance } from "../../tests/fixtures/two_tier.ts";
import { MemoryRevokedTokens } from "../memory/revoked_tokens.ts";
import { ToldRevokedTokens } from "./revoked_tokens.ts";

const absent = !await areInstalled("redis-server");
const needs = absent ? " (needs redis-server)" : "";

/** Revocations of one instance, in memory of its own. */
async function openOne(url: string, clock = new ManualClock()) {
  await using stack = new AsyncDisposableStack();
  const instance: Instance = stack.use(await openInstance(url));
  const kept = stack.use(new MemoryRevokedTokens(clock));
  const { connection } = instance;
  const tokens = stack.use(new ToldRevokedTokens({ connection, kept, everyMs: 10 }));
  const held = stack.move();
  return { tokens, kept, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

function revoked(tokens: ToldRevokedTokens, id: string): Promise<true> {
  return eventually(`'${id}' revoked`, async () => await tokens.isRevoked(id) || null);
}

Deno.test({
  name:
    `ToldRevokedTokens: what one revokes holds on the others, also after Redis was away${needs} [S27]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis();
    await using one = await openOne(redis.url);
    await using other = await openOne(redis.url);
    await one.tokens.revoke("a", null);
    assert.equal(await one.tokens.isRevoked("a"), true);
    await revoked(other.tokens, "a");
    await using late = await openOne(redis.url);
    await revoked(late.tokens, "a");
    await redis.kill();
    await one.tokens.revoke("away", null);
    assert.equal(await one.tokens.isRevoked("away"), true);
    await redis.restart();
    await eventually("told again", async () => {
      await one.tokens.revoke("back", null);
      return await other.tokens.isRevoked("back") || null;
    });
    assert.equal(await other.tokens.isRevoked("away"), false, "the records tell of that one");
  },
});

Deno.test({
  name:
    `ToldRevokedTokens: a revocation lapses everywhere, and what is none is nothing${needs} [S27]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis();
    const clock = new ManualClock();
    await using one = await openOne(redis.url);
    await using other = await openOne(redis.url, clock);
    await using instance = await openInstance(redis.url);
    const junk = [
      "",
      "{",
      "null",
      "[]",
      '{"tokenId":1,"until":null}',
      '{"tokenId":"x","until":"y"}',
    ];
    await instance.connection.run((client) =>
      client.zAdd("ultimate-mcp:revoked", junk.map((value) => ({ score: 1, value })))
    );
    await one.tokens.revoke("a", clock.now() + 60_000);
    await revoked(other.tokens, "a");
    clock.advance(60_000);
    assert.equal(await other.tokens.isRevoked("a"), false);
    assert.equal(await other.tokens.isRevoked("x"), false);
  },
});

Deno.test({
  name:
    `ToldRevokedTokens: what is kept is not kept again with each connection, and what could not ` +
    `be is tried again${needs} [S27]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis({ appendonly: "yes", appendfsync: "always" });
    await using instance = await openInstance(redis.url);
    const clock = new ManualClock();
    const later = clock.now() + 60_000;
    const texts = Array.from({ length: 1001 }, (_, at) => `{"tokenId":"${at}","until":${later}}`);
    texts.push(`{"tokenId":"lapsed","until":${clock.now()}}`, '{"tokenId":"last","until":null}');
    await instance.connection.run((client) =>
      client.zAdd("ultimate-mcp:revoked", texts.map((value, at) => ({ score: at >> 9, value })))
    );
    await using kept = new MemoryRevokedTokens(clock);
    await kept.revoke("0", later);
    const written: string[] = [];
    let failures = 3;
    const counting = {
      revoke(id: string, until: number | null) {
        written.push(id);
        // As a store that fails now and then.
        if (id === "7" && (failures -= 1) >= 0) return Promise.reject(new Error("no room"));
        return kept.revoke(id, until);
      },
      isRevoked: (id: string) => kept.isRevoked(id),
      isKept: (id: string, until: number | null) => kept.isKept(id, until),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const { connection } = instance;
    await using tokens = new ToldRevokedTokens({ connection, kept: counting, everyMs: 5 });
    await revoked(tokens, "last");
    await revoked(tokens, "7");
    assert.deepEqual(
      new Set(written).size,
      1001,
      "all but the one that was kept, and the lapsed one",
    );
    assert.ok(written.every((id, at) => id === "7" || written.indexOf(id) === at), "kept twice");
    for (let time = 0; time < 2; time += 1) {
      await redis.kill();
      await eventually("Redis missed", () => !connection.isReady || null);
      await redis.restart();
      await eventually("Redis back", () => connection.isReady || null);
      const news = `news ${time}`;
      await eventually(
        "the news told",
        () =>
          instance.connection.run((client) =>
            client.zAdd("ultimate-mcp:revoked", {
              score: 10,
              value: `{"tokenId":"${news}","until":null}`,
            })
          ).then(() => true, () => null),
      );
      await revoked(tokens, news);
      assert.equal(written.at(-1), news);
    }
    assert.equal(new Set(written).size, 1003);
    assert.equal(written.filter((id) => id !== "7").length, 1002, "kept again");
  },
});

/** A Redis that is away. */
const AWAY = { isReady: false, run: () => Promise.reject(new Error("away")) };

revokedTokensContract("ToldRevokedTokens without Redis", (clock) => {
  return Promise.resolve({
    open: () => {
      const kept = new MemoryRevokedTokens(clock);
      const told = new ToldRevokedTokens({ connection: AWAY, kept, everyMs: 10 });
      return {
        revoke: (tokenId, until) => told.revoke(tokenId, until),
        isRevoked: (tokenId) => told.isRevoked(tokenId),
        isKept: (tokenId, until) => told.isKept(tokenId, until),
        async [Symbol.asyncDispose]() {
          await told[Symbol.asyncDispose]();
          await kept[Symbol.asyncDispose]();
        },
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}, { durable: false });
