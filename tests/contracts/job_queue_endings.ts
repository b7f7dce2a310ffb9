import assert from "node:assert/strict";
import type { JobEvent } from "../../domain/ports/job_queue.ts";
import { eventually } from "../fixtures/eventually.ts";
import { add, ends, heard, HeldWorker, inState, type JobQueueCase } from "./job_queue_samples.ts";

const FAILURE = { code: "code_rejected", findings: [] } as const;

/** How jobs end, and what is heard of them until then. */
export const ENDING_CASES: readonly JobQueueCase[] = [
  {
    behaviour: "cancel() ends a job that waits: nobody begins it",
    async check(queue) {
      const cancelled = await add(queue, { priority: 1 });
      const next = await add(queue);
      assert.equal((await queue.cancel(cancelled.id))?.state, "cancelled");
      assert.equal((await queue.cancel(cancelled.id))?.state, "cancelled");
      await using held = new HeldWorker(queue);
      assert.equal((await held.next(0)).job.id, next.id);
      const { state, attempts, endedAt } = await inState(queue, cancelled.id, "cancelled");
      assert.deepEqual([state, attempts, endedAt !== null], ["cancelled", 0, true]);
      assert.equal(await queue.cancel(crypto.randomUUID()), null);
    },
  },
  {
    behaviour: "cancel() tells a job that runs, which ends as its run says",
    async check(queue) {
      const jobs = [await add(queue), await add(queue)];
      await using held = new HeldWorker(queue, 2);
      const [one, other] = [await held.next(0), await held.next(1)];
      for (const { id } of jobs) assert.equal((await queue.cancel(id))?.state, "running");
      for (const { signal } of [one, other]) {
        await eventually("the run told", () => signal.aborted || null);
        assert.equal(signal.reason, "cancelled");
      }
      one.finish({ end: "cancelled" });
      other.finish({ end: "done" });
      await inState(queue, one.job.id, "cancelled");
      await inState(queue, other.job.id, "done");
      assert.equal((await queue.cancel(other.job.id))?.state, "done");
    },
  },
  {
    behaviour: "a job that could not be run now is taken again, once its time has come",
    async check(queue) {
      const { id } = await add(queue);
      await using held = new HeldWorker(queue);
      (await held.next(0)).finish({ end: "again", delaySeconds: 0.05, counted: true });
      const second = await held.next(1);
      assert.deepEqual([second.job.id, second.job.attempts], [id, 2]);
      second.finish({ end: "again", delaySeconds: 0, counted: false });
      const third = await held.next(2);
      assert.equal(third.job.attempts, 2);
      third.finish({ end: "again", delaySeconds: 3600, counted: true });
      assert.equal((await inState(queue, id, "queued")).attempts, 2);
      assert.equal((await queue.cancel(id))?.state, "cancelled");
    },
  },
  {
    behaviour: "a job that was told to stop is not taken again",
    async check(queue) {
      const { id } = await add(queue);
      await using held = new HeldWorker(queue);
      const taken = await held.next(0);
      await queue.cancel(id);
      await eventually("the run told", () => taken.signal.aborted || null);
      taken.finish({ end: "again", delaySeconds: 0, counted: false });
      await inState(queue, id, "cancelled");
      assert.equal(held.taken.length, 1);
    },
  },
  {
    behaviour: "a run that rejects is a lost worker; after five the job is dead",
    async check(queue) {
      const { id } = await add(queue);
      let begun = 0;
      await using _worker = queue.work(() => {
        begun += 1;
        return Promise.reject(new Error("it broke"));
      }, { concurrency: 1 });
      const { failure, attempts } = await inState(queue, id, "dead");
      assert.deepEqual(failure, { code: "worker_lost", attempts: 5 });
      assert.deepEqual([attempts, begun], [5, 5]);
    },
  },
  {
    behaviour: "dead() lists what could not be run, the last first, and no more than asked for",
    async check(queue) {
      const ids: string[] = [];
      for (let n = 0; n < 3; n++) ids.unshift((await add(queue)).id);
      const fine = await add(queue, { priority: 3 });
      await using _worker = queue.work(
        (taken) =>
          ends(taken.job.id === fine.id ? { end: "done" } : { end: "dead", failure: FAILURE })(
            taken,
          ),
        { concurrency: 1 },
      );
      await inState(queue, fine.id, "done");
      const dead = await queue.dead(10);
      assert.deepEqual(dead.map(({ id }) => id), ids);
      assert.deepEqual(dead[0], await queue.find(ids[0] ?? ""));
      assert.deepEqual([dead[0]?.state, dead[0]?.failure], ["dead", FAILURE]);
      assert.deepEqual((await queue.dead(2)).map(({ id }) => id), ids.slice(0, 2));
    },
  },
  {
    behaviour: "watch() tells all of a run in order, to whoever came before, during or between",
    async check(queue) {
      const { id } = await add(queue);
      const [before, beside] = [heard(queue, id), heard(queue, id)];
      await using held = new HeldWorker(queue);
      const taken = await held.next(0);
      const wrote = Array.from({ length: 50 }, (_, n): JobEvent => {
        return { kind: "wrote", stream: n % 2 === 0 ? "stderr" : "stdout", text: `é${n}\0` };
      });
      wrote.slice(0, 25).forEach((event) =>
        event.kind === "wrote" && taken.wrote(event.stream, event.text)
      );
      const during = heard(queue, id);
      wrote.slice(25).forEach((event) =>
        event.kind === "wrote" && taken.wrote(event.stream, event.text)
      );
      taken.finish({ end: "done" });
      const all = [{ kind: "started", attempt: 1 }, ...wrote];
      assert.deepEqual(await Promise.all([before, beside, during]), [all, all, all]);
      await inState(queue, id, "done");
    },
  },
  {
    behaviour: "watch() tells of a beginning when the program begins, not when the job is taken",
    async check(queue) {
      const { id } = await add(queue);
      const all = heard(queue, id);
      const taken = Promise.withResolvers<void>();
      let times = 0;
      await using _worker = queue.work(async ({ started, request }) => {
        await request();
        if (times++ === 0) return { end: "again", delaySeconds: 0, counted: false };
        started();
        taken.resolve();
        return { end: "done" };
      }, { concurrency: 1 });
      await taken.promise;
      assert.deepEqual(await all, [{ kind: "started", attempt: 1 }]);
    },
  },
  {
    behaviour: "watch() is over at once for a job that has ended or never was",
    async check(queue) {
      const { id } = await add(queue);
      await queue.cancel(id);
      assert.deepEqual(await heard(queue, id), []);
      assert.deepEqual(await heard(queue, crypto.randomUUID()), []);
    },
  },
  {
    behaviour: "watch() is over for a reader so slow that the job is forgotten by then",
    ttlSeconds: 1,
    async check(queue) {
      const { id } = await add(queue);
      const events = queue.watch(id, new AbortController().signal)[Symbol.asyncIterator]();
      const first = events.next();
      await using held = new HeldWorker(queue);
      const taken = await held.next(0);
      assert.equal((await first).value?.kind, "started");
      taken.finish({ end: "done" });
      await inState(queue, id, "done");
      await eventually("the job forgotten", async () => await queue.find(id) === null || null);
      assert.equal((await events.next()).done, true);
    },
  },
  {
    behaviour: "watch() is over when a waiting job is cancelled, and when its listener leaves",
    async check(queue) {
      const { id } = await add(queue);
      const leaving = new AbortController();
      const left = queue.watch(id, leaving.signal)[Symbol.asyncIterator]().next();
      const stays = heard(queue, id);
      leaving.abort();
      assert.deepEqual((await left).done, true);
      await queue.cancel(id);
      assert.deepEqual(await stays, []);
    },
  },
  {
    behaviour: "watch() tells of the next attempt, and nothing of the one before to who comes then",
    async check(queue) {
      const { id } = await add(queue);
      const all = heard(queue, id);
      await using held = new HeldWorker(queue);
      const first = await held.next(0);
      first.wrote("stdout", "void");
      first.finish({ end: "again", delaySeconds: 0, counted: true });
      const second = await held.next(1);
      second.wrote("stdout", "good");
      const late = heard(queue, id);
      second.finish({ end: "done" });
      const good = { kind: "wrote", stream: "stdout", text: "good" } as const;
      assert.deepEqual(await late, [{ kind: "started", attempt: 2 }, good]);
      assert.deepEqual(await all, [
        { kind: "started", attempt: 1 },
        { kind: "wrote", stream: "stdout", text: "void" },
        { kind: "started", attempt: 2 },
        good,
      ]);
    },
  },
  {
    behaviour: "a worker that stops takes no more, and gives back what it has before it is closed",
    async check(queue) {
      const jobs = [await add(queue), await add(queue)];
      const held = new HeldWorker(queue);
      const taken = await held.next(0);
      held.worker.stop();
      const closed = held.worker[Symbol.asyncDispose]();
      taken.finish({ end: "done" });
      await closed;
      assert.deepEqual(
        await Promise.all(jobs.map(async ({ id }) => (await queue.find(id))?.state)),
        ["done", "queued"],
      );
      await using other = new HeldWorker(queue);
      assert.equal((await other.next(0)).job.id, jobs[1]?.id);
    },
  },
];
