import assert from "node:assert/strict";
import type { PeerConnection } from "../../domain/ports/peers.ts";
import { eventually } from "../../tests/fixtures/eventually.ts";
import { PeerWatch } from "./peer_watch.ts";

const ADA = { address: "127.0.0.1", port: 1, localPort: 8000 };
const BOB = { address: "127.0.0.1", port: 2, localPort: 8000 };

/** Peers that leave when they are told to, and what was asked of them. */
class Told {
  readonly asked: (readonly PeerConnection[])[] = [];
  readonly left = new Set<PeerConnection>();
  now = 0;
  answering: Promise<void> = Promise.resolve();

  async gone(connections: readonly PeerConnection[]): Promise<readonly PeerConnection[]> {
    this.asked.push(connections);
    await this.answering;
    return connections.filter((connection) => this.left.has(connection));
  }

  watch(): PeerWatch {
    return new PeerWatch(this, () => this.now);
  }
}

Deno.test("PeerWatch: asks of requests that last, of all at once, and tells once who has left [B5]", async () => {
  const peers = new Told();
  using watch = peers.watch();
  const heard: string[] = [];
  watch.watch(ADA, () => heard.push("ada"));
  peers.now = 1000;
  watch.watch(BOB, () => heard.push("bob"));
  await eventually("a question", () => peers.asked.length > 0 || null);
  assert.deepEqual(peers.asked[0], [ADA], "not of one that has just begun");
  peers.now = 2000;
  await eventually("a question of both", () => peers.asked.at(-1)?.length === 2 || null);
  assert.deepEqual(heard, []);
  peers.left.add(BOB);
  await eventually("who has left", () => heard.length > 0 || null);
  const { length } = peers.asked;
  await eventually("another question", () => peers.asked.length > length || null);
  assert.deepEqual([heard, peers.asked.at(-1)], [["bob"], [ADA]]);
});

Deno.test("PeerWatch: a request that ended while it was asked has not been left [B5]", async () => {
  const peers = new Told();
  using watch = peers.watch();
  const heard: string[] = [];
  const answer = Promise.withResolvers<void>();
  peers.answering = answer.promise;
  const ended = watch.watch(ADA, () => heard.push("ada"));
  watch.watch(BOB, () => heard.push("bob"));
  peers.now = 1000;
  await eventually("a question", () => peers.asked.length > 0 || null);
  peers.left.add(ADA).add(BOB);
  ended[Symbol.dispose]();
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(peers.asked.length, 1, "one question at a time");
  answer.resolve();
  await eventually("who has left", () => heard.length > 0 || null);
  assert.deepEqual(heard, ["bob"]);
});

Deno.test("PeerWatch: what cannot be seen now is asked again [B5]", async () => {
  const peers = new Told();
  using watch = peers.watch();
  const lost = Promise.reject(new Error("the fork server ended"));
  lost.catch(() => {});
  peers.answering = lost;
  let left = false;
  watch.watch(ADA, () => left = true);
  peers.now = 1000;
  peers.left.add(ADA);
  await eventually("two questions", () => peers.asked.length > 1 || null);
  assert.equal(left, false);
  peers.answering = Promise.resolve();
  await eventually("who has left", () => left || null);
});

/** Asks what takes so long to answer, and sees how long it is left alone then: milliseconds. */
async function checkRest(took: number, rest: number): Promise<void> {
  const peers = new Told();
  using watch = peers.watch();
  const answer = Promise.withResolvers<void>();
  peers.answering = answer.promise;
  watch.watch(ADA, () => {});
  peers.now = 1000;
  await eventually("a question", () => peers.asked.length > 0 || null);
  peers.now = 1000 + took;
  answer.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
  peers.now += rest - 1;
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(peers.asked.length, 1, `asked again sooner than after ${rest} ms`);
  peers.now += 1;
  await eventually("another question", () => peers.asked.length > 1 || null);
}

Deno.test("PeerWatch: leaves what takes long to answer alone for four times as long, a second at most [B5]", async () => {
  await checkRest(200, 800);
  await checkRest(10_000, 1000);
});

Deno.test("PeerWatch: once closed it asks nothing and keeps no timer [B5]", () => {
  const peers = new Told();
  const watch = peers.watch();
  watch.watch(ADA, () => {});
  watch[Symbol.dispose]();
  // The test's own check finds a timer that was left.
  watch.watch(BOB, () => {});
  assert.deepEqual(peers.asked, []);
});
