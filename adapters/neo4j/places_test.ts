import assert from "node:assert/strict";
import { NoPlace, Places } from "./places.ts";

const { signal } = new AbortController();
const LONG_MS = 60_000;

Deno.test("Places.take() gives places in the order in which they are asked for [S8]", async () => {
  const places = new Places(1);
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
  const places = new Places(1);
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
  const places = new Places(2);
  const [one] = [await places.take(LONG_MS, signal), await places.take(LONG_MS, signal)];
  one?.();
  one?.();
  assert.deepEqual(places.state, { taken: 1, most: 2 });
});

Deno.test("Places.close() refuses who waits and who comes", async () => {
  const places = new Places(1);
  const giveBack = await places.take(LONG_MS, signal);
  const waiting = assert.rejects(places.take(LONG_MS, signal), /gone/);
  places.close("gone");
  await waiting;
  await assert.rejects(places.take(LONG_MS, signal), /gone/);
  giveBack();
});

Deno.test("Places.take() gives a place that comes back as the next one leaves to another [S8]", async () => {
  const places = new Places(1);
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
