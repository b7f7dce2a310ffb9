import assert from "node:assert/strict";
import { add, HeldWorker, inState, LASTING } from "../../tests/contracts/job_queue_samples.ts";
import { eventually } from "../../tests/fixtures/eventually.ts";
import { areRunning, redisService } from "../../tests/fixtures/services.ts";
import { openInstance } from "../../tests/fixtures/two_tier.ts";
import { MemoryRateLimiter } from "../memory/rate_limiter.ts";
import { connectionTo } from "./jobs/connection.ts";
import { BullMqJobQueue } from "./jobs/job_queue.ts";
import { RedisRateLimiter } from "./rate_limiter.ts";

const needs = await areRunning("redis") ? "" : " (needs Redis)";
const RULE = { burst: 10, perMinute: 1 };

/** The names of all keys and sets' members, and what a delivery is called, as far as they are the test's. */
async function namesIn(url: string, prefixes: readonly string[]): Promise<string[]> {
  const client = connectionTo(url);
  await client.connect();
  try {
    const names: string[] = [];
    for (const prefix of prefixes) {
      for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
        names.push(...keys);
      }
    }
    return names;
  } finally {
    client.destroy();
  }
}

Deno.test({
  name: `No name in Redis shows a user's subject or Idempotency-Key${needs} [B7, S30]`,
  ignore: needs !== "",
  async fn() {
    const { url } = await redisService();
    const planted = crypto.randomUUID();
    const [owner, key] = [`subject-${planted}`, `key-${planted}`];
    const prefix = `test-${crypto.randomUUID()}`;
    const limits = crypto.randomUUID();
    await using queue = new BullMqJobQueue({ url, prefix, ...LASTING, lockMs: 600 });
    await eventually("Redis answer", () => queue.ping().then(() => true, () => null));
    await using instance = await openInstance(url);
    const local = new MemoryRateLimiter({ rule: RULE, monotonic: () => performance.now() });
    const { connection } = instance;
    const limiter = new RedisRateLimiter({ connection, name: limits, rule: RULE, local });
    assert.equal((await limiter.take(owner, 1)).backend, "redis");
    const idempotency = { key, fingerprint: "one" };
    const all = new Set<string>();
    const look = async () => {
      for (const name of await namesIn(url, [prefix, "ultimate-mcp:limit:"])) all.add(name);
    };
    const job = await add(queue, { owner, idempotency });
    await add(queue, { owner, idempotency: { ...idempotency, key: `${key}-2` } });
    await look();
    await using held = new HeldWorker(queue);
    const taken = await held.next(0);
    taken.wrote("stdout", "x");
    await look();
    taken.finish({ end: "dead", failure: { code: "cancelled" } });
    await inState(queue, job.id, "dead");
    await look();
    for (const kind of ["job:", "owner:", "key:", "events:", "dead", "open", "bull:"]) {
      assert.ok([...all].some((name) => name.startsWith(`${prefix}:${kind}`)), kind);
    }
    assert.ok([...all].some((name) => name.includes(limits)), "the limiter's bucket");
    for (const name of all) assert.ok(!name.includes(planted), name);
  },
});
