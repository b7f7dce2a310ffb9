import assert from "node:assert/strict";
import { medianSlope } from "./line.ts";

Deno.test("medianSlope() is the slope of a line, also with points that lie far off [S15]", () => {
  const line = Array.from({ length: 11 }, (_, x) => [x, 2 * x + 1] as const);
  assert.equal(medianSlope(line), 2);
  assert.equal(medianSlope(line.map(([x, y]) => [x, x % 5 === 3 ? y + 100 : y] as const)), 2);
});
