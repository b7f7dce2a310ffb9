import assert from "node:assert/strict";
import { add, HeldWorker, inState, LASTING } from "../../../tests/contracts/job_queue_samples.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import { startPrivateRedis } from "../../../tests/fixtures/private_redis.ts";
import { areRunning, redisService } from "../../../tests/fixtures/services.ts";
import { openTcpProxy } from "../../../tests/fixtures/tcp_proxy.ts";
import type { Log } from "../../../domain/ports/log.ts";
import { BullMqJobQueue } from "./job_queue.ts";

const needs = await areRunning("redis") ? "" : " (needs Redis)";
/** How BullMQ asks a connection what Redis it has, on the wire. */
const INFO = "$4\r\nINFO\r\n";
/** Of a queue, and of a worker with its blocking connection; and each again. */
const CUTS = 6;

Deno.test({
  name:
    `a queue and a worker work though Redis is lost each time they ask it what it is${needs} [B7]`,
  ignore: needs !== "",
  async fn() {
    const { url } = await redisService();
    const way = new URL(url);
    await using proxy = openTcpProxy(Number(way.port));
    way.port = String(proxy.port);
    proxy.cutAt(INFO, CUTS);
    const prefix = `test-${crypto.randomUUID()}`;
    await using queue = new BullMqJobQueue({ url: way.href, prefix, ...LASTING, lockMs: 600 });
    await using held = new HeldWorker(queue);
    await eventually("every cut", () => proxy.cuts === CUTS || null);
    const { id } = await eventually("a job added", () => add(queue).catch(() => null));
    const job = await held.next(0);
    assert.equal(job.job.id, id);
    job.finish({ end: "done" });
    await inState(queue, id, "done");
  },
});

/** What a queue and a worker say, on the console and in the log, of a Redis with this policy. */
async function saidOf(policy: string) {
  const said = { console: [] as unknown[], log: [] as unknown[] };
  const log: Log = {
    write: (level, event, fields) => said.log.push([level, event, fields?.policy]),
  };
  const target = console;
  const warn = target.warn;
  target.warn = (...words) => said.console.push(words);
  try {
    await using redis = await startPrivateRedis({ "maxmemory-policy": policy });
    await using queue = new BullMqJobQueue({
      ...{ url: redis.url, prefix: "p", log },
      ...LASTING,
      lockMs: 600,
    });
    await using held = new HeldWorker(queue);
    await eventually("a job added", () => add(queue).catch(() => null));
    (await held.next(0)).finish({ end: "done" });
  } finally {
    target.warn = warn;
  }
  return said;
}

Deno.test({
  name:
    `a queue says once in the log, and nowhere else, that Redis may evict its jobs${needs} [B7]`,
  ignore: needs !== "",
  async fn() {
    const warning = ["warn", "redis_may_evict", "volatile-ttl"];
    assert.deepEqual(await saidOf("volatile-ttl"), { console: [], log: [warning] });
    assert.deepEqual(await saidOf("noeviction"), { console: [], log: [] });
  },
});
