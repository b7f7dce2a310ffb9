import assert from "node:assert/strict";
import { createClient } from "redis";
import {
  add,
  ends,
  heard,
  HeldWorker,
  inState,
} from "../../../tests/contracts/job_queue_samples.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import { areRunning, redisService } from "../../../tests/fixtures/services.ts";
import { BullMqJobQueue } from "./job_queue.ts";
import { MOST_LIVE_BYTES } from "./scripts.ts";

const needs = await areRunning("redis") ? "" : " (needs Redis)";
const ignore = needs !== "";

/** A queue under a prefix of its own, with a look at what Redis keeps of it. */
async function openQueue() {
  const { url } = await redisService();
  const prefix = `test-${crypto.randomUUID()}`;
  const look = await createClient({ url }).connect();
  const queue = new BullMqJobQueue({ url, prefix, ttlSeconds: 3600, lockMs: 600 });
  await eventually("Redis answer", () => queue.ping().then(() => true, () => null));
  const close = async () => {
    await queue[Symbol.asyncDispose]();
    look.destroy();
  };
  return { queue, look, prefix, [Symbol.asyncDispose]: close };
}

Deno.test({
  name: `what a run writes is bounded in Redis, and who comes late is told of the gap${needs} [B7]`,
  ignore,
  async fn() {
    await using place = await openQueue();
    const { queue, look, prefix } = place;
    const { id } = await add(queue);
    await using held = new HeldWorker(queue);
    const taken = await held.next(0);
    const events = `${prefix}:events:${id}`;
    const pieces = Array.from({ length: 60 }, (_, n) => `${n}:${"é".repeat(40_000)}`);
    for (const [n, piece] of pieces.entries()) {
      taken.wrote(n % 2 === 0 ? "stdout" : "stderr", piece);
      if (n % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const ends = (end: string) =>
      eventually(`the last piece end with ${end}`, async () => {
        const [last] = await look.xRevRange(events, "+", "-", { COUNT: 1 }) ?? [];
        return Object.values(last?.message ?? {})[0]?.endsWith(end) || null;
      });
    const taking = async () => await look.memoryUsage(events, { SAMPLES: 0 }) ?? Infinity;
    taken.wrote("stdout", "that");
    await ends("that");
    assert.ok(await taking() < 1.5 * MOST_LIVE_BYTES, `${await taking()} bytes`);
    // One that is longer than all that is kept, and cut within a character.
    const long = `${"é".repeat(MOST_LIVE_BYTES)}end`;
    taken.wrote("stdout", long);
    await ends("end");
    assert.ok(await taking() < 1.5 * MOST_LIVE_BYTES, `${await taking()} bytes`);
    const begun = Promise.withResolvers<void>();
    const told = heard({
      // Who listens has read all that is kept once the first of it is told.
      async *watch(...which) {
        for await (const event of queue.watch(...which)) {
          begun.resolve();
          yield event;
        }
      },
    }, id);
    await begun.promise;
    taken.finish({ end: "done" });
    const [started, omitted, rest, ...more] = await told;
    assert.deepEqual(started, { kind: "started", attempt: 1 });
    assert.ok(omitted?.kind === "omitted" && rest?.kind === "wrote" && more.length === 0);
    assert.ok(long.endsWith(rest.text) && rest.text.length > MOST_LIVE_BYTES / 2 - 100);
    const bytes = (text: string) => new TextEncoder().encode(text).length;
    assert.equal(omitted.bytes + bytes(rest.text), bytes(pieces.join("") + "that" + long));
  },
});

Deno.test({
  name: `who watches all the while hears of a gap once, where it is${needs} [B7]`,
  ignore,
  async fn() {
    await using place = await openQueue();
    const { queue } = place;
    const { id } = await add(queue);
    await using held = new HeldWorker(queue);
    const taken = await held.next(0);
    const watching = queue.watch(id, new AbortController().signal);
    taken.wrote("stdout", "first");
    const seen = [(await watching.next()).value, (await watching.next()).value];
    assert.deepEqual(seen[1], { kind: "wrote", stream: "stdout", text: "first" });
    const next = watching.next();
    taken.wrote("stdout", "a".repeat(3 * MOST_LIVE_BYTES));
    taken.finish({ end: "done" });
    const gap = (await next).value;
    const last = (await watching.next()).value;
    assert.ok(gap?.kind === "omitted" && last?.kind === "wrote");
    assert.equal(gap.bytes + last.text.length, 3 * MOST_LIVE_BYTES);
    assert.equal((await watching.next()).done, true);
  },
});

Deno.test({
  name: `what a run wrote goes soon after its end where nobody listens${needs} [B7]`,
  ignore,
  async fn() {
    await using place = await openQueue();
    const { queue, look, prefix } = place;
    const { id } = await add(queue);
    await using held = new HeldWorker(queue);
    const taken = await held.next(0);
    taken.wrote("stdout", "x");
    taken.finish({ end: "done" });
    await inState(queue, id, "done");
    const left = await look.pTTL(`${prefix}:events:${id}`);
    assert.ok(left <= 3000, String(left));
  },
});

Deno.test({
  name: `bytes of jobs that expire before they are queued are given back${needs} [B7]`,
  ignore,
  async fn() {
    await using place = await openQueue();
    const { queue, look, prefix } = place;
    const [{ id }, { id: other }] = [await add(queue), await add(queue)];
    const counted = async () => Number(await look.get(`${prefix}:bytes`));
    const each = await look.strLen(`${prefix}:body:${id}`);
    assert.ok(each > 0);
    assert.equal(await counted(), 2 * each);
    await look.del([`${prefix}:job:${id}`, `${prefix}:body:${id}`]);
    await eventually("it given back", async () => await counted() === each || null);
    await queue.cancel(other);
    assert.equal(await counted(), 0);
  },
});

Deno.test({
  name: `a job that is done goes after minutes, unless it has a key or is dead${needs} [B7]`,
  ignore,
  async fn() {
    await using place = await openQueue();
    const { queue, look, prefix } = place;
    const idempotency = { key: "key", fingerprint: "one" };
    const done = await add(queue);
    const known = await add(queue, { idempotency });
    const dead = await add(queue, { priority: 3 });
    const failure = { code: "code_rejected", findings: [] } as const;
    await using _worker = queue.work(
      (taken) => ends(taken.job.id === dead.id ? { end: "dead", failure } : { end: "done" })(taken),
      { concurrency: 1 },
    );
    await inState(queue, dead.id, "dead");
    const minutes = async ({ id }: { readonly id: string }) =>
      Math.round(await look.pTTL(`${prefix}:job:${id}`) / 60_000);
    assert.deepEqual(await Promise.all([done, known, dead].map(minutes)), [5, 60, 60]);
  },
});
