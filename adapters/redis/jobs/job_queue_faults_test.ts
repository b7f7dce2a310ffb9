import assert from "node:assert/strict";
import { createClient } from "redis";
import {
  add,
  ends,
  HeldWorker,
  inState,
  isUnavailable,
  NO_QUOTA,
  sampleJob,
  sampleRequest,
} from "../../../tests/contracts/job_queue_samples.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import { type PrivateRedis, startPrivateRedis } from "../../../tests/fixtures/private_redis.ts";
import { areRunning } from "../../../tests/fixtures/services.ts";
import { openTcpProxy, type TcpProxy } from "../../../tests/fixtures/tcp_proxy.ts";
import { connectionTo, pause } from "./connection.ts";
import { BullMqJobQueue } from "./job_queue.ts";
import { JobRecords } from "./job_records.ts";
import { BullMqWorker } from "./job_worker.ts";

const needs = await areRunning("redis") ? "" : " (needs Redis)";
const LOCK_MS = 600;
const BULL = "p:bull:executions:";

/** A queue on a Redis of its own, over a way that can be broken, with a look at what Redis has. */
interface Place {
  readonly queue: BullMqJobQueue;
  readonly redis: PrivateRedis;
  readonly proxy: TcpProxy;
  readonly look: Awaited<ReturnType<typeof lookAt>>;
}

async function lookAt({ url }: PrivateRedis) {
  const client = createClient({ url });
  client.on("error", () => {});
  return await client.connect();
}

function faultTest(
  name: string,
  check: (place: Place) => Promise<void>,
  { lockMs = LOCK_MS, ttlSeconds = 3600 } = {},
): void {
  Deno.test({
    name: `${name}${needs} [B7]`,
    ignore: needs !== "",
    // After it could not reach Redis BullMQ waits for five seconds, also when it is closed.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using redis = await startPrivateRedis();
      await using proxy = openTcpProxy(redis.port);
      const look = await lookAt(redis);
      const url = `redis://127.0.0.1:${proxy.port}`;
      await using queue = new BullMqJobQueue({ url, prefix: "p", ttlSeconds, lockMs });
      await answers(queue);
      try {
        await check({ queue, redis, proxy, look });
      } finally {
        look.destroy();
      }
    },
  });
}

function answers(queue: BullMqJobQueue): Promise<true> {
  return eventually("Redis answer", () => queue.ping().then(() => true as const, () => null));
}

/** What its signal says, once it is aborted. */
function told({ signal }: { readonly signal: AbortSignal }): Promise<unknown> {
  return eventually("the run told", () => signal.aborted ? { why: signal.reason } : null)
    .then(({ why }) => why);
}

/** Refuses every end. */
class DeafRecords extends JobRecords {
  override end(): Promise<void> {
    return Promise.reject(new Error("OOM"));
  }
}

faultTest(
  "a worker that cannot tell an end before it is closed leaves its job to others",
  async ({ queue, redis, look }) => {
    const { id } = await add(queue);
    const client = connectionTo(redis.url);
    await client.connect();
    const records = new DeafRecords(client, "p:", 3600);
    const begun = Promise.withResolvers<void>();
    const worker = new BullMqWorker({
      ...{ url: redis.url, name: "executions", prefix: "p:bull", concurrency: 1, lockMs: 60_000 },
      records,
      run: (taken) => {
        taken.started();
        begun.resolve();
        return ends({ end: "done" })(taken);
      },
    });
    await begun.promise;
    await worker[Symbol.asyncDispose]();
    client.destroy();
    assert.equal(await look.exists(`${BULL}${id}`), 1);
    await using held = new HeldWorker(queue);
    const taken = await held.next(0);
    assert.deepEqual([taken.job.id, taken.job.attempts], [id, 2]);
  },
  { lockMs: 60_000 },
);

faultTest("a job that BullMQ has lost is delivered again", async ({ queue, look }) => {
  const { id } = await add(queue);
  await look.del([`${BULL}${id}`, `${BULL}prioritized`]);
  await using held = new HeldWorker(queue);
  assert.equal((await held.next(0)).job.id, id);
});

faultTest("jobs are cancelled and end on a Redis that is full", async ({ queue, look }) => {
  const [first, , third] = [await add(queue), await add(queue), await add(queue, { priority: 3 })];
  await using held = new HeldWorker(queue, 2);
  const [one, other] = [await held.next(0), await held.next(1)];
  await look.configSet("maxmemory", "1");
  assert.equal((await queue.cancel(first.id))?.state, "running");
  assert.equal((await queue.cancel(third.id))?.state, "cancelled");
  const stopped = one.job.id === first.id ? one : other;
  assert.equal(await told(stopped), "cancelled");
  one.finish({ end: "done" });
  other.finish({ end: "done" });
  await inState(queue, one.job.id, "done");
  await inState(queue, other.job.id, "done");
  await assert.rejects(queue.add(sampleJob(), NO_QUOTA), isUnavailable);
  await look.configSet("maxmemory", "0");
});

faultTest(
  "a run goes on where Redis was away for longer than its lock",
  async ({ queue, redis, look }) => {
    const { id } = await add(queue);
    await using held = new HeldWorker(queue);
    const taken = await held.next(0);
    await redis.freeze();
    await pause(4 * LOCK_MS);
    await redis.thaw();
    await eventually("the lock again", async () => await look.exists(`${BULL}${id}:lock`) || null);
    // What follows from a lock that has lapsed would have come by then.
    await pause(2 * LOCK_MS);
    assert.deepEqual([taken.signal.aborted, held.taken.length], [false, 1]);
    taken.finish({ end: "done" });
    assert.equal((await inState(queue, id, "done")).attempts, 1);
  },
);

faultTest("a run ends as lost where its job is another's", async ({ queue, look }) => {
  const { id } = await add(queue);
  await using held = new HeldWorker(queue);
  const taken = await held.next(0);
  await look.multi().hSet(`p:job:${id}`, "token", "another").set(`${BULL}${id}:lock`, "another")
    .exec();
  assert.equal(await told(taken), "lost");
  taken.finish({ end: "done" });
});

faultTest("what is known of dead jobs goes with them", async ({ queue, look }) => {
  const end = { end: "dead", failure: { code: "code_rejected", findings: [] } } as const;
  await using _worker = queue.work(ends(end), { concurrency: 1 });
  const ids = [(await add(queue)).id, (await add(queue)).id];
  for (const id of ids) {
    await eventually("the job forgotten", async () => await queue.find(id) === null || null);
  }
  const { id } = await add(queue);
  await inState(queue, id, "dead");
  assert.deepEqual(await look.zRange("p:dead", 0, -1), [id]);
  await eventually("all forgotten", async () => await look.exists("p:dead") === 0 || null);
}, { ttlSeconds: 1 });

faultTest(
  "what a frozen Redis was asked to queue and did not take never comes in",
  async ({ queue, redis }) => {
    const known = await add(queue, { owner: "bob" });
    const content = new Uint8Array(24 * 1024 * 1024);
    const large = sampleRequest({ files: [{ path: "a", content }] });
    // From here on Redis knows the scripts that a large one takes.
    await add(queue, { owner: "carol", request: large });
    await redis.freeze();
    const all = await Promise.allSettled(
      Array.from(
        { length: 6 },
        (_, at) => queue.add(sampleJob(at === 0 ? {} : { request: large }), NO_QUOTA),
      ),
    );
    const reasons = all.map((one) => one.status === "rejected" ? one.reason : null);
    assert.ok(reasons.every(isUnavailable));
    assert.ok(reasons.some((reason) => reason.failure.reason.startsWith("too much waits")));
    await redis.thaw();
    await answers(queue);
    assert.equal((await queue.add(sampleJob({ request: large }), 1)).added, true);
    assert.equal((await queue.find(known.id))?.state, "queued");
  },
);

faultTest(
  "a queue and a worker heal where their connections are silent",
  async ({ queue, proxy }) => {
    await using held = new HeldWorker(queue);
    await add(queue);
    (await held.next(0)).finish({ end: "done" });
    proxy.silence();
    // As those who wait for news do: what is sent all the while must not keep the connection.
    const asking = setInterval(() => void queue.find("nobody").catch(() => {}), 100);
    try {
      await answers(queue);
      await add(queue);
      (await held.next(1)).finish({ end: "done" });
    } finally {
      clearInterval(asking);
    }
  },
);

faultTest(
  "a run is told to stop though the word of it was lost",
  async ({ queue, proxy, look }) => {
    const jobs = [await add(queue), await add(queue)];
    await using held = new HeldWorker(queue, 2);
    const [writes, waits] = [await held.next(0), await held.next(1)];
    for (const { id } of jobs) await look.hSet(`p:job:${id}`, "stop", "1");
    writes.wrote("stdout", "x");
    assert.equal(await told(writes), "cancelled");
    assert.equal(waits.signal.aborted, false);
    proxy.cut();
    assert.equal(await told(waits), "cancelled");
  },
);
