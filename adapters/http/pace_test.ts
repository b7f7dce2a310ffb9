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

Deno.test("Pace.turn() lets a request begin at once when none has begun in this turn [S13]", async () => {
  const pace = new Pace();
  assert.equal(pace.turn(), null);
  await nextTurn();
  for (let n = 0; n < 8; n += 1) assert.equal(pace.turn(), null);
  const ninth = pace.turn();
  assert.notEqual(ninth, null);
  await ninth;
});
