import assert from "node:assert/strict";
import { areInstalled } from "../fixtures/installed.ts";
import { readDuringFaults } from "../fixtures/stale_reads.ts";

const absent = !await areInstalled("redis-server");
const needs = absent ? " (needs redis-server)" : "";

Deno.test({
  name:
    `two caches on one Redis that fails in every way: no read is stale, and none fails${needs} [S25]`,
  ignore: absent,
  async fn() {
    const { stale, failed, reads, writes, loads } = await readDuringFaults(10_000, 1);
    assert.deepEqual([stale, failed], [[], []]);
    assert.ok(reads > 8000 && writes > 500, `${reads} reads, ${writes} writes`);
    assert.ok(loads < reads, `${loads} loads`);
  },
});
