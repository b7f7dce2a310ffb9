import assert from "node:assert/strict";
import { workDuringFaults } from "../fixtures/instances_work.ts";

Deno.test("two services whose Redis fails in every way: 0 of 100,000 operations are stale or fail [S12, S25, B7]", async () => {
  const { stale, failed, reads, writes, jobs } = await workDuringFaults(100_000, 2, 0.003);
  assert.deepEqual([stale, failed], [[], []]);
  const queued = jobs.done + jobs.forgotten + jobs.refused;
  assert.ok(jobs.done > 0.2 * queued, JSON.stringify(jobs));
  assert.ok(reads + writes + queued >= 100_000, `${reads} reads, ${writes} writes`);
});
