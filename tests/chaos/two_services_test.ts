import assert from "node:assert/strict";
import { areInstalled } from "../fixtures/installed.ts";
import { REDIS_FAULTS } from "../fixtures/redis_faults.ts";
import { workDuringFaults } from "../fixtures/instances_work.ts";
import { areRunning } from "../fixtures/services.ts";

Deno.test({
  name: `two services whose Redis is ${REDIS_FAULTS.map(({ what }) => what).join(", ")}: ` +
    "no read is stale, and no request fails (needs Neo4j, redis-server) [S12, S25, S30]",
  ignore: !(await areRunning("neo4j", "records") && await areInstalled("redis-server")),
  async fn() {
    const { stale, failed, reads, writes, cached, shared } = await workDuringFaults(3000, 1);
    assert.deepEqual([stale, failed], [[], []]);
    const said = `${reads} reads, ${cached} cached, ${shared} found in Redis, ${writes} writes`;
    // How much is found follows from the machine's pace; that there is some shows what was tested.
    assert.ok(writes > 80 && cached > 0.1 * reads && shared > 0, said);
  },
});
