import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { emptied } from "../fixtures/neo4j_records.ts";
import { startOtlpReceiver } from "../fixtures/otlp_receiver.ts";
import { startPrivateRedis } from "../fixtures/private_redis.ts";
import { startService } from "../fixtures/service.ts";
import { areRunning, recordsService } from "../fixtures/services.ts";
import { startWorker } from "../fixtures/worker.ts";
import { sharing } from "../fixtures/worker_kills.ts";

const absent = !(await areRunning("records") && await areInstalled("redis-server"));
const needs = absent ? " (needs Neo4j and redis-server)" : "";

Deno.test({
  name:
    `jobs that workers run are whole trees with the requests that queued them${needs} [S38, B7]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis({});
    const records = await recordsService();
    await emptied(records);
    await using receiver = await startOtlpReceiver();
    const settings = {
      ...sharing(redis, records),
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: "50",
    };
    await using service = await startService({ ...settings, JOB_CONCURRENCY: "0" });
    await using _worker = await startWorker(settings);
    const asked = Array.from({ length: 20 }, async (_, n) => {
      const { status } = await service.post("/api/v1/executions", { code: `print(${n})` });
      assert.equal(status, 202);
    });
    await Promise.all(asked);
    const trees = await eventually("whole trees", () => {
      const trees = receiver.trees();
      const ended = trees.filter(({ spans }) => spans.some(({ name }) => name === "job"));
      return ended.length === 20 && ended.every(({ roots }) => roots.length === 1) ? trees : null;
    }, 60);
    assert.equal(trees.length, 20);
    for (const { roots, orphans, spans } of trees) {
      const [job] = spans.filter(({ name }) => name === "job");
      const add = spans.find(({ name }) => name === "jobs add");
      assert.deepEqual([roots[0]?.name, orphans], ["POST /api/v1/executions", []]);
      assert.equal(job?.parentSpanId, add?.spanId);
      const [here, there] = [roots[0], job].map((span) => span?.resource["service.instance.id"]);
      assert.notEqual(here, there);
      const names = spans.filter((span) => span.resource["service.instance.id"] === there);
      assert.ok(
        ["sandbox queue", "sandbox", "sandbox run", "executions save"].every((name) =>
          names.some((span) => span.name === name)
        ),
      );
    }
  },
});
