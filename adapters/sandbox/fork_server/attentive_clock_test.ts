import assert from "node:assert/strict";
import { AttentiveClock } from "./attentive_clock.ts";

Deno.test("AttentiveClock goes on while it is looked at in time [S15]", () => {
  let now = 5_000;
  const clock = new AttentiveClock(() => now, 1000);
  clock.begin();
  for (let look = 1; look <= 3; look += 1) {
    now += 1000;
    assert.equal(clock.look(), 5_000 + look * 1000);
  }
});

Deno.test("AttentiveClock stands still while the event loop does [S15]", () => {
  let now = 0;
  const clock = new AttentiveClock(() => now, 1000);
  clock.begin();
  const overdue = clock.now() + 10_000;
  now += 45_000;
  assert.equal(clock.look(), 1000, "a late look counts for one that came in time");
  now += 9_000;
  clock.begin();
  now += 1_000;
  assert.ok(clock.look() > overdue);
});
