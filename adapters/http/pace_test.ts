import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Pace } from "./pace.ts";

Deno.test("Pace.turn() begins a burst in order, a few in each turn of the loop [S13]", async () => {
  const pace = new Pace();
  const begun: number[] = [];
  const burst = Array.from({ length: 30 }, async (_, n) => {
    const turn = pace.turn();
    if (turn !== null) await turn;
    begun.push(n);
  });
  const counts: number[] = [];
  while (begun.length < burst.length) {
    counts.push(begun.length);
    await nextTurn();
  }
  assert.deepEqual(begun, Array.from({ length: 30 }, (_, n) => n));
  assert.deepEqual(counts, [8, 16, 24]);
});

Deno.test("Pace.turn() lets requests that come one by one wait for a turn only now and then [S13]", async () => {
  const pace = new Pace();
  let waits = 0;
  for (let n = 0; n < 90; n += 1) {
    const turn = pace.turn();
    if (turn !== null) waits += 1;
    await turn;
    await nextTurn();
  }
  assert.equal(waits, 11);
});
