import assert from "node:assert/strict";
import { createRedisClient } from "../../adapters/redis/client.ts";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { startPrivateRedis } from "../fixtures/private_redis.ts";
import { type StartedService, startService } from "../fixtures/service.ts";
import { CLAIMS, SECRET, SECRET_FORGE } from "../fixtures/token_forge.ts";

const absent = !await areInstalled("redis-server");
const needs = absent ? " (needs redis-server)" : "";

interface Check {
  readonly status: string;
  readonly breaker?: string;
  readonly detail?: string;
}

/** The whole answer's status, and what is said of the cache. */
async function readiness(service: StartedService): Promise<[number, Check]> {
  const { status, json } = await service.get("/health/ready", { token: null });
  return [status, (json.checks as { readonly cache: Check }).cache];
}

async function until(service: StartedService, wanted: string): Promise<Check> {
  return await eventually(`the cache ${wanted}`, async () => {
    const [status, check] = await readiness(service);
    assert.equal(status, 200);
    return check.status === wanted ? check : null;
  });
}

Deno.test({
  name:
    `the service says whether its Redis answers, and goes on without it${needs} [S25, S26, S40]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis();
    await using service = await startService({ REDIS_URL: redis.url });
    assert.deepEqual((await readiness(service))[1].status, "ready");
    assert.equal((await readiness(service))[1].breaker, "closed");
    const { json: { backends } } = await service.get("/status");
    assert.deepEqual(backends, { graph: "embedded", records: "sqlite", cache: "redis" });
    assert.match(service.log, /one_instance_only/);
    for (const [away, back] of [["kill", "restart"], ["freeze", "thaw"]] as const) {
      await redis[away]();
      const { detail } = await until(service, "degraded");
      assert.match(detail ?? "", /^Cannot reach redis: /);
      const { status } = await service.execute({ code: "print(1)", cache: true });
      assert.equal(status, 200);
      await redis[back]();
      assert.equal((await until(service, "ready")).breaker, "closed");
    }
    const metrics = (await service.get("/metrics", { token: null })).text;
    assert.match(metrics, /^ultimate_mcp_build_info\{.*cache="redis".*\} 1$/m);
    assert.match(metrics, /^ultimate_mcp_circuit_breaker_state\{breaker="cache"\} 0$/m);
  },
});

Deno.test({
  name:
    `CACHE_BACKEND=memory keeps caches here; limits and revocations are shared${needs} [S26, S27, S30]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis();
    // So that a bucket is not full again, and gone, before it is looked for.
    const slow = { RATE_LIMIT_PER_MINUTE: "6", RATE_LIMIT_BURST: "500" };
    const own = { CACHE_BACKEND: "memory", JWT_SECRET: SECRET };
    const settings = { REDIS_URL: redis.url, ...own, ...slow };
    const [now, jti] = [Math.floor(Date.now() / 1000), crypto.randomUUID()];
    const times = { iat: now, nbf: now, exp: now + 3600 };
    const token = SECRET_FORGE.token({ ...CLAIMS, ...times, jti, roles: ["developer"] });
    await using one = await startService(settings);
    await using other = await startService(settings);
    assert.equal((await readiness(one))[1].status, "ready");
    const metrics = (await one.get("/metrics", { token: null })).text;
    assert.match(metrics, /^ultimate_mcp_build_info\{.*cache="memory".*\} 1$/m);
    assert.equal((await one.execute({ code: "print(1)", cache: true }, { token })).status, 200);
    const client = createRedisClient(redis.url);
    await client.connect();
    const keys = await client.keys("*");
    client.destroy();
    assert.deepEqual(keys.filter((key) => !key.startsWith("ultimate-mcp:limit:")), []);
    assert.ok(keys.length > 0);
    // Each keeps its records to itself: only Redis can tell the other.
    assert.equal((await other.get("/status", { token })).status, 200);
    assert.equal((await one.post("/api/v1/tokens/revoke", { jti }, { token })).status, 204);
    await eventually("the revocation on the other instance", async () => {
      const { status, json } = await other.get("/status", { token });
      if (status === 200) return null;
      assert.deepEqual([status, json.code], [401, "token_revoked"]);
      return true;
    });
  },
});
