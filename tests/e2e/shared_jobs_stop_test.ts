import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { emptied } from "../fixtures/neo4j_records.ts";
import { type PrivateRedis, startPrivateRedis } from "../fixtures/private_redis.ts";
import { startService } from "../fixtures/service.ts";
import { areRunning, recordsService } from "../fixtures/services.ts";
import { startWorker } from "../fixtures/worker.ts";
import { sharing } from "../fixtures/worker_kills.ts";

const EXECUTIONS = "/api/v1/executions";
const absent = !(await areRunning("records") && await areInstalled("redis-server"));
const needs = absent ? " (needs Neo4j and redis-server)" : "";

// Written for the sandbox; it does not run in the tests. What it writes is sent on all the while.
const CHATTY = "import time\nfor n in range(150):\n  print(n, flush=True)\n  time.sleep(0.03)";

/** One job in hand each of a service and of a worker, Redis away in that moment, and both told to stop. */
async function checkStopWithout(fault: (redis: PrivateRedis) => Promise<void>): Promise<void> {
  await using redis = await startPrivateRedis();
  const records = await recordsService();
  await emptied(records);
  const settings = { ...sharing(redis, records), JOB_CONCURRENCY: "1" };
  await using service = await startService(settings);
  await using worker = await startWorker(settings);
  const paths: string[] = [];
  for (let n = 0; n < 2; n += 1) {
    const { status, headers, text } = await service.post(EXECUTIONS, { code: CHATTY });
    assert.equal(status, 202, text);
    paths.push(headers.get("location") ?? "");
  }
  for (const path of paths) {
    const isRunning = async () => (await service.get(path)).json.status === "running" || null;
    await eventually(`${path} running`, isRunning);
  }
  await fault(redis);
  assert.deepEqual(await Promise.all([service.stop(), worker.stop()]), [0, 0]);
}

// A child that outlasts its grace is killed by its launcher, and its exit code is not 0.
Deno.test({
  name: `a service and a worker with jobs in hand stop in order while Redis is gone${needs} [B7]`,
  ignore: absent,
  fn: () => checkStopWithout((redis) => redis.kill()),
});

Deno.test({
  name: `a service and a worker with jobs in hand stop in order while Redis hangs${needs} [B7]`,
  ignore: absent,
  fn: () => checkStopWithout((redis) => redis.freeze()),
});
