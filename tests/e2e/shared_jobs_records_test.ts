import assert from "node:assert/strict";
import { createClient } from "redis";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { emptied } from "../fixtures/neo4j_records.ts";
import { startPrivateRedis } from "../fixtures/private_redis.ts";
import { startService } from "../fixtures/service.ts";
import { areRunning, recordsService } from "../fixtures/services.ts";
import { openTcpProxy } from "../fixtures/tcp_proxy.ts";
import { sharing } from "../fixtures/worker_kills.ts";

const EXECUTIONS = "/api/v1/executions";
const PREFIX = "ultimate-mcp:jobs:2";
const absent = !(await areRunning("records") && await areInstalled("redis-server"));
const needs = absent ? " (needs Neo4j and redis-server)" : "";

Deno.test({
  name: `jobs that wait while the records are away lose no attempt, and run once these are back` +
    `${needs} [B7]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis();
    const records = await recordsService();
    await emptied(records);
    await using proxy = openTcpProxy(records.port);
    const look = await createClient({ url: redis.url }).connect();
    const RECORDS_NEO4J_URI = `bolt://127.0.0.1:${proxy.port}`;
    await using service = await startService({ ...sharing(redis, records), RECORDS_NEO4J_URI });
    // Whoever asks has his roles looked up once.
    assert.equal((await service.get(`${EXECUTIONS}?limit=1`)).status, 200);
    await proxy.refuse();
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { status, json, text } = await service.post(EXECUTIONS, { code: `print(${n})` });
      assert.equal(status, 202, text);
      ids.push(String(json.id));
    }
    const delays = new Map<string, Set<string>>();
    await eventually("each job put off twice", async () => {
      for (
        const { value, score } of await look.zRangeWithScores(
          `${PREFIX}:bull:executions:delayed`,
          0,
          -1,
        )
      ) {
        delays.set(value, (delays.get(value) ?? new Set()).add(String(score)));
      }
      return ids.every((id) => (delays.get(id)?.size ?? 0) >= 2) || null;
    }, 30);
    for (const id of ids) {
      const { state, attempts } = await look.hGetAll(`${PREFIX}:job:${id}`);
      assert.deepEqual([state, attempts], ["queued", "0"]);
    }
    proxy.mend();
    for (const id of ids) {
      const { json } = await eventually(`the end of ${id}`, async () => {
        const answer = await service.get(`${EXECUTIONS}/${id}`);
        return answer.json.status === "done" ? answer : null;
      }, 30);
      assert.equal(json.attempts, 1);
    }
    look.destroy();
  },
});
