import assert from "node:assert/strict";
import { DomainError, isFailure } from "../../domain/errors.ts";
import type { ExecutionRequest } from "../../domain/execution/request.ts";
import {
  add,
  HeldWorker,
  inState,
  type JobQueueCase,
  NO_QUOTA,
  sampleJob,
  sampleRequest,
} from "./job_queue_samples.ts";

const MOST = 3;
const MOST_BYTES = { own: 50_000, all: 90_000 };

/** A request that takes some more than so many bytes. */
function requestOf(bytes: number): ExecutionRequest {
  return sampleRequest({ files: [{ path: "a", content: new Uint8Array(bytes) }] });
}

/** Whether an error says that there is too much: of one's own, by that unit, or of all. */
function refusedAs(unit: "bytes" | undefined): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof DomainError && error.failure.code === "too_many_executions");
    const { own } = error.failure;
    assert.deepEqual([own?.unit, own?.allowed], [unit, unit && MOST_BYTES.own]);
    return true;
  };
}

/** What owners have in the queue, each alone and all together. */
export const CROWD_CASES: readonly JobQueueCase[] = [
  {
    behaviour: "add() refuses everyone once all together have too many, until a job has ended",
    most: MOST,
    async check(queue) {
      const idempotency = { key: "key", fingerprint: "one" };
      const first = await add(queue, { owner: "ada", idempotency });
      await add(queue, { owner: "bob" });
      await using held = new HeldWorker(queue);
      const taken = await held.next(0);
      const rest = Array.from({ length: 10 }, (_, n) => sampleJob({ owner: `crowd ${n}` }));
      const asked = await Promise.allSettled(rest.map((job) => queue.add(job, NO_QUOTA)));
      assert.equal(asked.filter(({ status }) => status === "fulfilled").length, MOST - 2);
      for (const one of asked) {
        if (one.status === "fulfilled") continue;
        assert.ok(isFailure(one.reason, "too_many_executions"), String(one.reason));
        assert.ok(!("own" in one.reason.failure), "it is not the owner's own doing");
      }
      const known = sampleJob({ owner: "ada", idempotency });
      assert.equal((await queue.add(known, NO_QUOTA)).job.id, first.id);
      taken.finish({ end: "done" });
      await inState(queue, taken.job.id, "done");
      assert.equal((await queue.add(sampleJob(), NO_QUOTA)).added, true);
    },
  },
  {
    behaviour: "add() bounds the bytes of an owner's jobs and of all, until a job has ended",
    mostBytes: MOST_BYTES,
    async check(queue) {
      const idempotency = { key: "key", fingerprint: "one" };
      const first = await add(queue, { request: requestOf(40_000), idempotency });
      const large = sampleJob({ request: requestOf(20_000) });
      await assert.rejects(queue.add(large, NO_QUOTA), refusedAs("bytes"));
      assert.equal(await queue.find(large.id), null);
      assert.equal((await queue.add({ ...first, id: large.id }, NO_QUOTA)).job.id, first.id);
      await add(queue);
      const bob = await add(queue, { owner: "bob", request: requestOf(45_000) });
      const carol = { ...large, owner: "carol" };
      await assert.rejects(queue.add(carol, NO_QUOTA), refusedAs(undefined));
      await queue.cancel(bob.id);
      assert.equal((await queue.add(carol, NO_QUOTA)).added, true);
      await using held = new HeldWorker(queue);
      const taken = await held.next(0);
      await assert.rejects(queue.add(sampleJob({ request: requestOf(20_000) }), NO_QUOTA));
      taken.finish({ end: "done" });
      await inState(queue, taken.job.id, "done");
      assert.equal(taken.job.id, first.id);
      await add(queue, { request: requestOf(20_000) });
    },
  },
  {
    behaviour: "add() takes a job of any size where none is in hand",
    mostBytes: MOST_BYTES,
    async check(queue) {
      const { id } = await add(queue, { request: requestOf(200_000) });
      await assert.rejects(queue.add(sampleJob(), NO_QUOTA), refusedAs("bytes"));
      const bob = sampleJob({ owner: "bob" });
      await assert.rejects(queue.add(bob, NO_QUOTA), refusedAs(undefined));
      await queue.cancel(id);
      await add(queue);
    },
  },
  {
    behaviour: "open() gives an owner's jobs that have not ended, the last first, in parts",
    async check(queue) {
      const id = (n: number) => `01890000-0000-7000-8000-00000000000${n}`;
      const owner = "a\0b'; --";
      const mine = [];
      for (const n of [2, 4, 1, 5, 3]) mine.push(await add(queue, { id: id(n), owner }));
      await add(queue, { id: id(9), owner: "bob" });
      await queue.cancel(id(5));
      const { job } = await (async () => {
        await using held = new HeldWorker(queue);
        const taken = await held.next(0);
        taken.finish({ end: "done" });
        return { job: await inState(queue, taken.job.id, "done") };
      })();
      assert.equal(job.id, id(2));
      const shown = async (limit: number, before: string | null) =>
        (await queue.open(owner, { limit, before })).map((job) => job.id);
      assert.deepEqual(await shown(10, null), [id(4), id(3), id(1)]);
      assert.deepEqual(await shown(2, null), [id(4), id(3)]);
      await add(queue, { id: id(8), owner });
      assert.deepEqual(await shown(2, id(3)), [id(1)]);
      assert.deepEqual(await shown(2, id(1)), []);
      const [last] = await queue.open("bob", { limit: 1, before: null });
      assert.deepEqual(last, await queue.find(id(9)));
      assert.deepEqual(await queue.open("nobody", { limit: 10, before: null }), []);
    },
  },
];
