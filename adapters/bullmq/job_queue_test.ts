import { jobQueueContract, type JobQueuePlace } from "../../tests/contracts/job_queue.ts";
import { areRunning, redisService } from "../../tests/fixtures/services.ts";
import { openBullMqJobQueue } from "./job_queue.ts";

const needs = await areRunning("redis") ? "" : " (needs Redis)";

async function names(): Promise<JobQueuePlace> {
  const { url } = await redisService();
  const prefix = `test-${crypto.randomUUID()}`;
  return {
    open: ({ ttlSeconds }) => openBullMqJobQueue({ url, prefix, ttlSeconds, lockMs: 600 }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

jobQueueContract(`BullMqJobQueue${needs}`, names, { durable: true }, { ignore: needs !== "" });
