import assert from "node:assert/strict";
import { workDuringFaults } from "../fixtures/instances_work.ts";

Deno.test("two services whose Redis fails in every way: 0 of 100,000 operations are stale or fail [S12, S25]", async () => {
  const { stale, failed } = await workDuringFaults(100_000, 2);
  assert.deepEqual([stale, failed], [[], []]);
});
