import assert from "node:assert/strict";
import { isFailure } from "../../domain/errors.ts";
import {
  add,
  HeldWorker,
  inState,
  type JobPlaceCase,
  LASTING,
  NO_QUOTA,
  queuedJob,
  sampleJob,
  sampleRequest,
  toldBegun,
} from "./job_queue_samples.ts";

/** What outlives the queue, and those who had jobs of it. */
export const LOSS_CASES: readonly JobPlaceCase[] = [
  {
    behaviour: "jobs that wait outlive closing, with their order, keys and quota",
    async check(place) {
      const idempotency = { key: "key", fingerprint: "one" };
      const first = await place.open(LASTING);
      const later = await add(first, { idempotency });
      const sooner = await add(first, { priority: 1, request: sampleRequest({ code: "1" }) });
      await first[Symbol.asyncDispose]();
      await using queue = await place.open(LASTING);
      assert.deepEqual(await queue.find(later.id), queuedJob(later));
      assert.equal((await queue.add(sampleJob({ idempotency }), 2)).added, false);
      await assert.rejects(
        queue.add(sampleJob(), 2),
        (error) => isFailure(error, "too_many_executions"),
      );
      await using held = new HeldWorker(queue, 2);
      const taken = [await held.next(0), await held.next(1)];
      assert.deepEqual(taken.map(({ job }) => job.id), [sooner.id, later.id]);
      assert.deepEqual(taken.map(({ request }) => request), [sooner.request, later.request]);
    },
  },
  {
    behaviour: "ends outlive closing",
    async check(place) {
      const first = await place.open(LASTING);
      const ids = [await add(first), await add(first), await add(first)].map(({ id }) => id);
      await first.cancel(ids[2] ?? "");
      await using held = new HeldWorker(first, 2);
      (await held.next(0)).finish({ end: "done" });
      const failure = { code: "code_rejected", findings: [] } as const;
      (await held.next(1)).finish({ end: "dead", failure });
      await inState(first, ids[0] ?? "", "done");
      await inState(first, ids[1] ?? "", "dead");
      const before = await Promise.all(ids.map((id) => first.find(id)));
      await first[Symbol.asyncDispose]();
      await using queue = await place.open(LASTING);
      assert.deepEqual(await Promise.all(ids.map((id) => queue.find(id))), before);
      assert.deepEqual(await queue.dead(10), [before[1]]);
      assert.equal((await queue.add(sampleJob(), NO_QUOTA)).added, true);
    },
  },
  {
    behaviour: "a job whose worker is lost is taken again, and its late end changes nothing",
    async check(place) {
      const first = await place.open(LASTING);
      const { id } = await add(first);
      const lost = new HeldWorker(first);
      const before = await lost.next(0);
      await toldBegun(first, id);
      await first[Symbol.asyncDispose]();
      assert.equal(before.signal.reason, "lost");
      await using queue = await place.open(LASTING);
      await using held = new HeldWorker(queue);
      const taken = await held.next(0);
      assert.deepEqual([taken.job.id, taken.job.attempts], [id, 2]);
      before.finish({ end: "dead", failure: { code: "cancelled" } });
      await lost[Symbol.asyncDispose]();
      assert.equal((await queue.find(id))?.state, "running");
      taken.finish({ end: "done" });
      await inState(queue, id, "done");
    },
  },
  {
    behaviour: "a job that was told to stop and lost its worker is not taken again",
    async check(place) {
      const first = await place.open(LASTING);
      const { id } = await add(first);
      await using lost = new HeldWorker(first);
      await lost.next(0);
      await first.cancel(id);
      await first[Symbol.asyncDispose]();
      await using queue = await place.open(LASTING);
      const next = await add(queue, { priority: 3 });
      await using held = new HeldWorker(queue, 2);
      assert.equal((await held.next(0)).job.id, next.id);
      await inState(queue, id, "cancelled");
      assert.equal(held.taken.length, 1);
    },
  },
  {
    behaviour: "a job that loses its worker five times is dead",
    async check(place) {
      let id = "";
      for (let attempt = 1; attempt <= 5; attempt++) {
        const queue = await place.open(LASTING);
        if (attempt === 1) ({ id } = await add(queue));
        await using lost = new HeldWorker(queue);
        assert.equal((await lost.next(0)).job.attempts, attempt);
        await toldBegun(queue, id);
        await queue[Symbol.asyncDispose]();
      }
      await using queue = await place.open(LASTING);
      await using _held = new HeldWorker(queue);
      const { failure, attempts } = await inState(queue, id, "dead");
      assert.deepEqual([failure, attempts], [{ code: "worker_lost", attempts: 5 }, 5]);
    },
  },
];
