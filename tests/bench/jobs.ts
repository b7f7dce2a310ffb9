/** Jobs through the shared queue, from being queued to their end, beside BullMQ alone. */

import { createNodeRedisClient, Queue, Worker } from "bullmq";
import { createClient } from "redis";
import { BullMqJobQueue } from "../../adapters/redis/jobs/job_queue.ts";
import { sampleJob } from "../contracts/job_queue_samples.ts";
import { type PrivateRedis, startPrivateRedis } from "../fixtures/private_redis.ts";
import { median } from "./statistics.ts";

const JOBS = 1000;
const ADDED_AT_ONCE = 50;
const CONCURRENCY = 8;
const PAIRS = 5;

/** Jobs a second. */
type Side = (redis: PrivateRedis) => Promise<number>;

/** Adds all, so many at once, and waits for the last end. */
async function throughput(add: (at: number) => Promise<unknown>, ended: Promise<void>) {
  const begun = performance.now();
  let next = 0;
  const adding = Array.from({ length: ADDED_AT_ONCE }, async () => {
    while (next < JOBS) await add(next++);
  });
  await Promise.all([...adding, ended]);
  return JOBS * 1000 / (performance.now() - begun);
}

function countdown(): { readonly ended: Promise<void>; one(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = JOBS;
  return { ended: promise, one: () => (left -= 1) === 0 && resolve() };
}

const ours: Side = async ({ url }) => {
  const options = { url, prefix: crypto.randomUUID(), ttlSeconds: 60, lockMs: 10_000 };
  await using queue = new BullMqJobQueue(options);
  const count = countdown();
  await using _worker = queue.work((_taken) => {
    // The end is told to Redis after this.
    setTimeout(count.one, 0);
    return Promise.resolve({ end: "done" });
  }, { concurrency: CONCURRENCY });
  while (!await queue.ping().then(() => true, () => false)) await tick();
  return await throughput((at) => queue.add(sampleJob({ id: `j${at}` }), JOBS), count.ended);
};

const raw: Side = async ({ url }) => {
  const name = crypto.randomUUID();
  const clients = [createClient({ url }), createClient({ url })] as const;
  const [forQueue, forWorker] = clients.map((client) => createNodeRedisClient(client));
  if (forQueue === undefined || forWorker === undefined) throw new Error("no connection");
  const queue = new Queue(name, { connection: forQueue });
  const count = countdown();
  const worker = new Worker(name, () => Promise.resolve(), {
    ...{ connection: forWorker, concurrency: CONCURRENCY, removeOnComplete: { count: 0 } },
  });
  worker.on("completed", () => count.one());
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
  try {
    return await throughput((at) => queue.add("run", {}, { jobId: `j${at}` }), count.ended);
  } finally {
    await worker.close();
    await queue.close();
    for (const client of clients) if (client.isOpen) client.destroy();
  }
};

const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Writes a row. */
export async function benchJobs(write: (line: string) => Promise<void>): Promise<void> {
  await using redis = await startPrivateRedis();
  const pairs: { readonly ours: number; readonly raw: number }[] = [];
  for (let pair = -1; pair < PAIRS; pair += 1) {
    const first = pair % 2 === 0 ? await ours(redis) : await raw(redis);
    const second = pair % 2 === 0 ? await raw(redis) : await ours(redis);
    // The first only warms up.
    if (pair >= 0) {
      pairs.push(pair % 2 === 0 ? { ours: first, raw: second } : { ours: second, raw: first });
    }
  }
  const side = (of: "ours" | "raw") => median(pairs.map((pair) => pair[of])).toFixed(0);
  const ratio = median(pairs.map(({ ours, raw }) => raw / ours)).toFixed(2);
  await write(`jobs  queued and run, ${JOBS}  ${ratio} (${side("ours")} / ${side("raw")} jobs/s)`);
}
