import assert from "node:assert/strict";
import { readDuringFaults } from "../fixtures/stale_reads.ts";

Deno.test("two caches on one Redis that fails in every way: 0 of 100,000 operations are stale or fail [S25]", async () => {
  const { stale, failed } = await readDuringFaults(100_000, 2);
  assert.deepEqual([stale, failed], [[], []]);
});
