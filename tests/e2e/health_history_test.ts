import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { logEntries } from "../fixtures/log_lines.ts";
import { startPrivateRedis } from "../fixtures/private_redis.ts";
import { startService } from "../fixtures/service.ts";

const absent = !await areInstalled("redis-server");
const needs = absent ? " (needs redis-server)" : "";

interface Change {
  readonly dependency: string;
  readonly from: string;
  readonly to: string;
  readonly detail: string | null;
}

Deno.test({
  name: `a Redis that goes and comes is in the next check, the history and the log${needs} [S40]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis();
    await using service = await startService({ REDIS_URL: redis.url, LOG_FORMAT: "json" });
    const overall = async () => (await service.get("/health/ready", { token: null })).json.status;
    const history = async () =>
      (await service.get("/status")).json.health_history as readonly Change[];
    assert.equal(await overall(), "ready");
    assert.deepEqual(await history(), []);
    await redis.kill();
    assert.equal(await overall(), "degraded");
    const [gone] = await history();
    assert.deepEqual([gone?.dependency, gone?.from, gone?.to], ["cache", "ready", "degraded"]);
    assert.ok((gone?.detail ?? "").length > 0);
    await redis.restart();
    await eventually("a ready service", async () => await overall() === "ready" ? true : null);
    const changes = (await history()).map(({ from, to }) => [from, to]);
    assert.deepEqual(changes, [["degraded", "ready"], ["ready", "degraded"]]);
    assert.equal(await service.stop(), 0);
    const told = logEntries(service.log).filter(({ event }) => event === "dependency_changed");
    assert.deepEqual(told.map(({ level, to }) => [level, to]), [
      ["warn", "degraded"],
      ["info", "ready"],
    ]);
  },
});
