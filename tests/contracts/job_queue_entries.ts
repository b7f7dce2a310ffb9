import assert from "node:assert/strict";
import { type FailureCode, isFailure } from "../../domain/errors.ts";
import type { NewJob } from "../../domain/execution/job.ts";
import { eventually } from "../fixtures/eventually.ts";
import {
  add,
  ends,
  HeldWorker,
  inState,
  isUnavailable,
  type JobQueueCase,
  NO_QUOTA,
  queuedJob,
  sampleJob,
  sampleRequest,
} from "./job_queue_samples.ts";

const DONE = ends({ end: "done" });

/** How jobs come in, and who takes them. */
export const ENTRY_CASES: readonly JobQueueCase[] = [
  {
    behaviour: "add() queues a job, and find() gives it as it was added",
    async check(queue) {
      const job = sampleJob({ owner: "a\0b'; --", address: null });
      assert.deepEqual(await queue.add(job, 1), { job: queuedJob(job), added: true });
      assert.deepEqual(await queue.find(job.id), queuedJob(job));
      for (const id of [crypto.randomUUID(), "", "' OR 1=1 --", "__proto__"]) {
        assert.equal(await queue.find(id), null, id);
      }
    },
  },
  {
    behaviour: "work() gives a job with the place in a trace that it was added with, or without",
    async check(queue) {
      const traceparent = `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01`;
      for (const tracestate of ["vendor=1", null]) {
        const { id } = await add(queue, { trace: { traceparent, tracestate } });
        await using held = new HeldWorker(queue);
        const taken = await held.next(0);
        assert.deepEqual(taken.job.trace, { traceparent, tracestate });
        taken.finish({ end: "done" });
        await inState(queue, id, "done");
      }
      assert.ok(!("trace" in (await queue.find((await add(queue)).id) ?? {})));
    },
  },
  {
    behaviour: "work() gives the request whole, with files of every byte and of megabytes",
    async check(queue) {
      const long = new Uint8Array(3_000_001).map((_, at) => at * 31 >> 3);
      const files = [...sampleRequest().files, { path: "é/long", content: long }];
      const request = sampleRequest({ files, code: `#${"é".repeat(300_000)}` });
      const { id } = await add(queue, { request });
      await using held = new HeldWorker(queue);
      const taken = await held.next(0);
      assert.deepEqual(taken.request, request);
      assert.deepEqual([taken.job.id, taken.job.state, taken.job.attempts], [id, "running", 1]);
      assert.deepEqual(await queue.find(id), taken.job);
      taken.finish({ end: "done" });
      const { attempts, endedAt, failure } = await inState(queue, id, "done");
      assert.deepEqual([attempts, failure], [1, null]);
      assert.match(endedAt ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    },
  },
  {
    behaviour: "work() takes jobs by priority, and of the same by age",
    async check(queue) {
      const added: NewJob[] = [];
      for (const priority of [3, 2, 1, 2, 1, 3]) added.push(await add(queue, { priority }));
      const order: string[] = [];
      await using _worker = queue.work((taken) => {
        order.push(taken.job.id);
        return DONE(taken);
      }, { concurrency: 1 });
      for (const { id } of added) await inState(queue, id, "done");
      assert.deepEqual(order, [2, 4, 1, 3, 0, 5].map((at) => added[at]?.id));
    },
  },
  {
    behaviour: "work() takes so many at once, each by one worker only, also those that come later",
    async check(queue) {
      let [running, most] = [0, 0];
      const full = Promise.withResolvers<void>();
      const begun: string[] = [];
      const run: typeof DONE = async ({ job }) => {
        most = Math.max(most, ++running);
        begun.push(job.id);
        if (running === 5) full.resolve();
        await full.promise;
        await new Promise((resolve) => setTimeout(resolve, 5));
        running--;
        return { end: "done" };
      };
      await using _one = queue.work(run, { concurrency: 3 });
      await using _other = queue.work(run, { concurrency: 2 });
      const jobs = await Promise.all(Array.from({ length: 40 }, () => add(queue)));
      for (const { id } of jobs) await inState(queue, id, "done");
      assert.deepEqual(begun.toSorted(), jobs.map(({ id }) => id).toSorted());
      assert.equal(most, 5);
    },
  },
  {
    behaviour: "add() under a key gives the job that the key has made, also once it has ended",
    async check(queue) {
      const idempotency = { key: "k'\u00e9; --", fingerprint: "one" };
      const first = await add(queue, { idempotency });
      const again = await queue.add(sampleJob({ idempotency }), 1);
      assert.deepEqual(again, { job: queuedJob(first), added: false });
      await using _worker = queue.work(DONE, { concurrency: 1 });
      const job = await inState(queue, first.id, "done");
      assert.deepEqual(await queue.add(sampleJob({ idempotency }), 1), { job, added: false });
    },
  },
  {
    behaviour: "add() under a key refuses another request, and knows other owners' keys apart",
    async check(queue) {
      const idempotency = { key: "key", fingerprint: "one" };
      await add(queue, { idempotency });
      const other = sampleJob({ idempotency: { ...idempotency, fingerprint: "other" } });
      await assert.rejects(
        queue.add(other, NO_QUOTA),
        (error) => isFailure(error, "idempotency_key_reused"),
      );
      assert.equal(await queue.find(other.id), null);
      await add(queue, { idempotency, owner: "bob" });
      await add(queue, { idempotency: { ...idempotency, key: "KEY" } });
    },
  },
  {
    behaviour: "add() of one key many times at once makes one job",
    async check(queue) {
      const idempotency = { key: "key", fingerprint: "one" };
      const all = await Promise.all(
        Array.from({ length: 20 }, () => queue.add(sampleJob({ idempotency }), 1)),
      );
      assert.equal(all.filter(({ added }) => added).length, 1);
      assert.equal(new Set(all.map(({ job }) => job.id)).size, 1);
    },
  },
  {
    behaviour: "add() refuses an owner past the quota, and nobody else, until a job has ended",
    async check(queue) {
      const idempotency = { key: "key", fingerprint: "one" };
      const mine = await add(queue, { idempotency });
      await add(queue);
      const refused = (error: unknown) =>
        isFailure(error, "too_many_executions") && "own" in error.failure &&
        assert.deepEqual(error.failure.own, { inHand: 2, allowed: 2 }) === undefined;
      await assert.rejects(queue.add(sampleJob(), 2), refused);
      assert.equal((await queue.add(sampleJob({ idempotency }), 2)).added, false);
      assert.equal((await queue.add(sampleJob({ owner: "bob" }), 2)).added, true);
      await queue.cancel(mine.id);
      assert.equal((await queue.add(sampleJob(), 2)).added, true);
    },
  },
  {
    behaviour: "add() judges a large request as any other",
    async check(queue) {
      const request = sampleRequest({ code: "#".repeat(1_000_000) });
      const idempotency = { key: "key", fingerprint: "one" };
      const first = await queue.add(sampleJob({ idempotency, request }), 1);
      assert.equal(first.added, true);
      const again = await queue.add(sampleJob({ idempotency, request }), 1);
      assert.deepEqual(again, { job: first.job, added: false });
      const refused = async (code: FailureCode, changes: Partial<NewJob>) =>
        await assert.rejects(
          queue.add(sampleJob({ request, ...changes }), 1),
          (error) => isFailure(error, code),
        );
      await refused("too_many_executions", {});
      await refused("idempotency_key_reused", {
        idempotency: { ...idempotency, fingerprint: "other" },
      });
      await queue.cancel(first.job.id);
      assert.equal((await queue.add(sampleJob({ request }), 1)).added, true);
    },
  },
  {
    behaviour: "add() holds the quota against many at once, and counts those that run",
    async check(queue) {
      await add(queue);
      await using held = new HeldWorker(queue);
      await held.next(0);
      const all = await Promise.allSettled(
        Array.from({ length: 20 }, () => queue.add(sampleJob(), 6)),
      );
      assert.equal(all.filter(({ status }) => status === "fulfilled").length, 5);
    },
  },
  {
    behaviour: "an ended job is forgotten after its time, and its key with it",
    ttlSeconds: 1,
    async check(queue) {
      const idempotency = { key: "key", fingerprint: "one" };
      const { id } = await add(queue, { idempotency });
      const waits = await add(queue, { priority: 3 });
      await using held = new HeldWorker(queue);
      (await held.next(0)).finish({ end: "dead", failure: { code: "cancelled" } });
      await inState(queue, id, "dead");
      assert.equal((await queue.dead(10)).length, 1);
      await eventually("the job forgotten", async () => await queue.find(id) === null || null);
      assert.deepEqual(await queue.dead(10), []);
      assert.equal((await queue.add(sampleJob({ idempotency }), NO_QUOTA)).added, true);
      assert.notEqual(await queue.find(waits.id), null);
    },
  },
  {
    behaviour: "every method rejects once it is closed, and closing twice is once",
    async check(queue) {
      const { id } = await add(queue);
      await queue[Symbol.asyncDispose]();
      await queue[Symbol.asyncDispose]();
      await assert.rejects(queue.add(sampleJob(), NO_QUOTA), isUnavailable);
      await assert.rejects(queue.find(id), isUnavailable);
      await assert.rejects(queue.cancel(id), isUnavailable);
      await assert.rejects(queue.dead(1), isUnavailable);
    },
  },
];
