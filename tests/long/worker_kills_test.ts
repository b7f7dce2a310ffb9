import assert from "node:assert/strict";
import { areInstalled } from "../fixtures/installed.ts";
import { areRunning } from "../fixtures/services.ts";
import { killWorkerDuringJobs } from "../fixtures/worker_kills.ts";

Deno.test({
  name:
    "50 kills of a worker over 1,000 jobs: each ends once, none is lost, none is told of twice " +
    "(needs Neo4j and redis-server) [B7]",
  ignore: !(await areRunning("records") && await areInstalled("redis-server")),
  async fn() {
    const { attempts } = await killWorkerDuringJobs(1000, 50);
    assert.ok(Object.keys(attempts).some((times) => Number(times) > 1), "no kill hit a run");
  },
});
