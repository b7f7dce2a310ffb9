import { MOST_JOB_BYTES } from "../../../domain/execution/job.ts";
import assert from "node:assert/strict";
import { createClient } from "redis";
import { isFailure } from "../../../domain/errors.ts";
import { MAX_JOB_ATTEMPTS } from "../../../domain/execution/job.ts";
import {
  add,
  ends,
  HeldWorker,
  inState,
  sampleJob,
  sampleRequest,
  toldBegun,
} from "../../../tests/contracts/job_queue_samples.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import { startPrivateRedis } from "../../../tests/fixtures/private_redis.ts";
import { areRunning } from "../../../tests/fixtures/services.ts";
import type { Connection } from "./connection.ts";
import { BullMqJobQueue } from "./job_queue.ts";
import { JobRecords } from "./job_records.ts";
import { BullMqWorker } from "./job_worker.ts";

const needs = await areRunning("redis") ? "" : " (needs Redis)";
const LOCK_MS = 600;
const BULL = "p:bull:executions:";

/** A queue on a Redis of its own, and what that has. */
interface Place {
  readonly queue: BullMqJobQueue;
  readonly url: string;
  readonly look: Connection;
}

function workerTest(name: string, check: (place: Place) => Promise<void>): void {
  Deno.test({
    name: `${name}${needs} [B7]`,
    ignore: needs !== "",
    // BullMQ waits for seconds after Redis was away, also when it is closed.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using redis = await startPrivateRedis();
      const { url } = redis;
      const look: Connection = createClient({ url }) as Connection;
      await look.connect();
      await using queue = new BullMqJobQueue({
        url,
        prefix: "p",
        ttlSeconds: 3600,
        lockMs: LOCK_MS,
      });
      await eventually("Redis answer", () => queue.ping().then(() => true as const, () => null));
      try {
        await check({ queue, url, look });
      } finally {
        look.destroy();
      }
    },
  });
}

/** Has BullMQ take a job for that of a worker that was lost, and deliver it once more. */
async function deliveredAgain(look: Connection, id: string): Promise<void> {
  await eventually("another delivery", async () => {
    await look.multi().del(`${BULL}${id}:lock`).sAdd(`${BULL}stalled`, id).exec();
    return Number(await look.hGet(`${BULL}${id}`, "stc")) > 0 || null;
  });
}

/** Takes jobs, and is not told so the first two times. */
class UnansweredRecords extends JobRecords {
  #unanswered = 2;

  override async take(id: string, token: string): Promise<boolean> {
    const isTaken = await super.take(id, token);
    if (this.#unanswered-- > 0) throw new Error("it does not answer");
    return isTaken;
  }
}

workerTest(
  "a job that is taken and whose worker is not told so loses no attempt",
  async ({ queue, url, look }) => {
    const { id } = await add(queue);
    const begun = Promise.withResolvers<number>();
    await using _worker = new BullMqWorker({
      ...{ url, name: "executions", prefix: "p:bull", concurrency: 1, lockMs: 60_000 },
      records: new UnansweredRecords(look, "p:", 3600),
      run: (taken) => {
        begun.resolve(taken.job.attempts);
        return ends({ end: "done" })(taken);
      },
    });
    assert.equal(await begun.promise, 1);
    await inState(queue, id, "done");
  },
);

workerTest(
  "a job counts workers that were lost before its program began only once they are many",
  async ({ look }) => {
    const records = new JobRecords(look, "p:", 3600);
    const { id } = sampleJob();
    await records.admit(sampleJob({ id }), { quota: 1, most: 1, bytes: MOST_JOB_BYTES });
    const attempts = async () => (await records.find(id))?.job.attempts;
    for (let n = 0; n <= 20; n += 1) {
      assert.equal(await records.take(id, `lost ${n}`), true);
      assert.equal(await attempts(), 1);
    }
    for (let n = 2; n <= MAX_JOB_ATTEMPTS; n += 1) {
      assert.equal(await records.take(id, `counted ${n}`), true);
      assert.equal(await attempts(), n);
    }
    assert.equal(await records.take(id, "one more"), false);
    assert.equal((await records.find(id))?.job.state, "dead");
  },
);

workerTest(
  "a worker that loses a job and gets it again goes on with its first run, and keeps it",
  async ({ queue, look }) => {
    const { id } = await add(queue);
    await using held = new HeldWorker(queue, 2);
    const first = await held.next(0);
    await toldBegun(queue, id);
    await deliveredAgain(look, id);
    const lock = () => look.get(`${BULL}${id}:lock`);
    const [again, seen] = [await eventually("a lock", lock), held.taken.length];
    await new Promise((resolve) => setTimeout(resolve, 3 * LOCK_MS));
    assert.equal(await lock(), again, "the delivery is locked all the while");
    assert.deepEqual([seen, held.taken.length, first.signal.aborted], [1, 1, false]);
    first.finish({ end: "done" });
    assert.equal((await inState(queue, id, "done")).attempts, 1);
    await eventually(
      "no delivery left",
      async () => await look.exists(`${BULL}${id}`) === 0 || null,
    );
  },
);

workerTest(
  "a job that is given back by a worker that got it twice is taken again",
  async ({ queue, look }) => {
    const { id } = await add(queue);
    await using held = new HeldWorker(queue, 2);
    const first = await held.next(0);
    await deliveredAgain(look, id);
    first.finish({ end: "again", delaySeconds: 0, counted: true });
    const second = await held.next(1);
    assert.equal(second.job.attempts, 2);
    // By then a lock that nobody renews would have lapsed.
    await new Promise((resolve) => setTimeout(resolve, 3 * LOCK_MS));
    assert.deepEqual([held.taken.length, second.signal.aborted], [2, false]);
    second.finish({ end: "done" });
    await inState(queue, id, "done");
  },
);

/** What becomes of a watch on a job that ends while its reader has read the beginning only. */
async function checkOver(
  { queue, look }: Place,
  during: (held: HeldWorker, id: string) => Promise<unknown>,
): Promise<void> {
  const { id } = await add(queue);
  await using held = new HeldWorker(queue);
  await held.next(0);
  const stop = new AbortController();
  const events = queue.watch(id, stop.signal)[Symbol.asyncIterator]();
  assert.equal((await events.next()).value?.kind, "started");
  await during(held, id);
  let over: unknown = null;
  const ended = events.next().then(({ done }) => over = done);
  await eventually("the watch over", () => over);
  stop.abort();
  await ended;
  assert.deepEqual([over, look.isReady], [true, true]);
}

workerTest(
  "watch() is over where Redis has forgotten the job",
  (place) => checkOver(place, () => place.look.flushAll()),
);

workerTest(
  "watch() is over where the job has ended and its events are gone",
  (place) =>
    checkOver(place, async (held, id) => {
      held.taken[0]?.finish({ end: "done" });
      await inState(place.queue, id, "done");
      await place.look.del(`p:events:${id}`);
    }),
);

workerTest(
  "a large request that is known or refused is not sent to Redis",
  async ({ queue, look }) => {
    const idempotency = { key: "key", fingerprint: "one" };
    await add(queue, { idempotency });
    const request = sampleRequest({ code: "#".repeat(1_000_000) });
    const taken = async () =>
      Number(/total_net_input_bytes:(\d+)/.exec(await look.info("stats"))?.[1]);
    const before = await taken();
    assert.equal((await queue.add(sampleJob({ idempotency, request }), 1)).added, false);
    await assert.rejects(
      queue.add(sampleJob({ request }), 1),
      (error) => isFailure(error, "too_many_executions"),
    );
    assert.ok(await taken() - before < 500_000);
    assert.equal((await queue.add(sampleJob({ request }), 2)).added, true);
    assert.ok(await taken() - before > 1_000_000);
  },
);
