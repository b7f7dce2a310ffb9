import { jobQueueContract, type JobQueuePlace } from "../../../tests/contracts/job_queue.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import { areRunning, redisService } from "../../../tests/fixtures/services.ts";
import { BullMqJobQueue } from "./job_queue.ts";

const needs = await areRunning("redis") ? "" : " (needs Redis)";

async function names(): Promise<JobQueuePlace> {
  const { url } = await redisService();
  const prefix = `test-${crypto.randomUUID()}`;
  return {
    open: async (settings) => {
      const queue = new BullMqJobQueue({ url, prefix, ...settings, lockMs: 600 });
      await eventually("Redis answer", () => queue.ping().then(() => true, () => null));
      return queue;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

jobQueueContract(`BullMqJobQueue${needs}`, names, { durable: true }, { ignore: needs !== "" });
