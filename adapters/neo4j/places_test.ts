import assert from "node:assert/strict";
import { NoPlace, Places, sharesOf, type Use } from "./places.ts";

const { signal } = new AbortController();
const LONG_MS = 60_000;

Deno.test("Places.take() gives places in the order in which they are asked for [S8]", async () => {
  const places = new Places(sharesOf(1));
  const first = await places.take(LONG_MS, signal);
  const order: number[] = [];
  const others = [1, 2, 3].map(async (at) => {
    const giveBack = await places.take(LONG_MS, signal);
    order.push(at);
    giveBack();
  });
  assert.deepEqual(places.state, { taken: 1, most: 1 });
  first();
  await Promise.all(others);
  assert.deepEqual(order, [1, 2, 3]);
  assert.deepEqual(places.state, { taken: 0, most: 1 });
});

Deno.test("Places.take() refuses who has waited long enough, and who leaves [S8]", async () => {
  const places = new Places(sharesOf(1));
  const giveBack = await places.take(LONG_MS, signal);
  await assert.rejects(places.take(1, signal), /no connection became free within 0.001 s/);
  const caller = new AbortController();
  const waiting = assert.rejects(places.take(LONG_MS, caller.signal), NoPlace);
  caller.abort();
  await waiting;
  giveBack();
  assert.deepEqual(places.state, { taken: 0, most: 1 });
});

Deno.test("Places.take()'s place is given back once, however often that is said", async () => {
  const places = new Places(sharesOf(2));
  const [one] = [await places.take(LONG_MS, signal), await places.take(LONG_MS, signal)];
  one?.();
  one?.();
  assert.deepEqual(places.state, { taken: 1, most: 2 });
});

Deno.test("Places.close() refuses who waits and who comes", async () => {
  const places = new Places(sharesOf(1));
  const giveBack = await places.take(LONG_MS, signal);
  const waiting = assert.rejects(places.take(LONG_MS, signal), /gone/);
  places.close("gone");
  await waiting;
  await assert.rejects(places.take(LONG_MS, signal), /gone/);
  giveBack();
});

Deno.test("Places.take() gives a place that comes back as the next one leaves to another [S8]", async () => {
  const places = new Places(sharesOf(1));
  const giveBack = await places.take(1000, signal);
  const leaving = new AbortController();
  const left = places.take(1000, leaving.signal);
  const other = places.take(1000, signal);
  leaving.abort();
  giveBack();
  await assert.rejects(left, NoPlace);
  (await other)();
  assert.equal(places.state.taken, 0);
});

/** Takes places one after another until there is none; gives how many that were. */
async function takeAll(places: Places, use: Use): Promise<number> {
  for (let taken = 0;; taken += 1) {
    const isTaken = await places.take(0, signal, use).then(() => true, () => false);
    if (!isTaken) return taken;
  }
}

Deno.test("Places.take() leaves room for others beside one caller's statements, and for all else beside callers' [S8, S10]", async () => {
  const places = new Places(sharesOf(8));
  assert.equal(await takeAll(places, { caller: "mallory", endless: true }), 2);
  assert.equal(await takeAll(places, { caller: "mallory" }), 1);
  assert.equal(await takeAll(places, { caller: "ada" }), 3);
  assert.equal(await takeAll(places, { caller: null }), 0);
  assert.equal(await takeAll(places, {}), 2);
  assert.deepEqual(places.state, { taken: 8, most: 8 });
});

Deno.test("Places.take() has whoever has its share wait, and serves others who came later [S8, S10]", async () => {
  const places = new Places(sharesOf(8));
  const used = await places.take(0, signal, { caller: "mallory" });
  assert.equal(await takeAll(places, { caller: "mallory" }), 2);
  const order: string[] = [];
  const waiting = places.take(LONG_MS, signal, { caller: "mallory" }).then(() => order.push("own"));
  (await places.take(0, signal, { caller: "ada" }))();
  (await places.take(0, signal))();
  assert.deepEqual(order, []);
  used();
  await waiting;
  assert.deepEqual(order, ["own"]);
});

Deno.test("Places.take() serves all who may go once a place is free again [S8]", async () => {
  const places = new Places(sharesOf(8));
  const used = await places.take(0, signal, { caller: "mallory", endless: true });
  (await places.take(0, signal))();
  await takeAll(places, { caller: "ada", endless: true });
  await takeAll(places, { caller: "mallory" });
  const waiting = [
    places.take(LONG_MS, signal, { caller: "mallory" }),
    places.take(LONG_MS, signal, { caller: "bob", endless: true }),
  ];
  assert.equal(places.state.taken, 4);
  used();
  await Promise.all(waiting);
  assert.equal(places.state.taken, 5);
});

Deno.test("sharesOf() has at least one place for everything [S8]", () => {
  assert.deepEqual(sharesOf(1), { all: 1, callers: 1, oneCaller: 1, endless: 1 });
  assert.deepEqual(sharesOf(100), { all: 100, callers: 75, oneCaller: 37, endless: 25 });
});
