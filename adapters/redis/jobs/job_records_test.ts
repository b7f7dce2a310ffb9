import assert from "node:assert/strict";
import { sampleJob } from "../../../tests/contracts/job_queue_samples.ts";
import { isFailure } from "../../../domain/errors.ts";
import { MOST_JOB_BYTES } from "../../../domain/execution/job.ts";
import { areRunning, redisService } from "../../../tests/fixtures/services.ts";
import { connectionTo } from "./connection.ts";
import { JobRecords } from "./job_records.ts";

const needs = await areRunning("redis") ? "" : " (needs Redis)";

Deno.test({
  name:
    `JobRecords.find() refuses facts that are none, and lets them stand for nothing else${needs} [B7]`,
  ignore: needs !== "",
  async fn() {
    const { url } = await redisService();
    const prefix = `test-${crypto.randomUUID()}:`;
    const client = connectionTo(url);
    await client.connect();
    try {
      const records = new JobRecords(client, prefix, 60);
      const job = sampleJob();
      await records.admit(job, { quota: 10, most: 10, bytes: MOST_JOB_BYTES });
      const forged = { owner: "mallory", state: "done", id: "other", language: "bash" };
      await client.hSet(`${prefix}job:${job.id}`, "facts", JSON.stringify(forged));
      const found = (await records.find(job.id))?.job;
      assert.deepEqual([found?.id, found?.owner, found?.state], [job.id, job.owner, "queued"]);
      for (const [field, text] of [["ended_at", "x"], ["failure", "{"], ["facts", "{"]] as const) {
        await client.hSet(`${prefix}job:${job.id}`, field, text);
        await assert.rejects(
          records.find(job.id),
          (error) => isFailure(error, "dependency_unavailable"),
          field,
        );
        await client.hDel(`${prefix}job:${job.id}`, field);
      }
    } finally {
      await client.unlink(await client.keys(`${prefix}*`));
      client.destroy();
    }
  },
});
