import assert from "node:assert/strict";
import { median } from "./statistics.ts";

Deno.test("median() takes the middle of odd and even counts [B6]", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(median([])));
});
