import assert from "node:assert/strict";
import { createRedisClient } from "../../adapters/redis/client.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { type PrivateRedis, startPrivateRedis } from "../fixtures/private_redis.ts";
import { bash } from "../fixtures/processes.ts";
import { type StartedService, startService, temporaryFolder } from "../fixtures/service.ts";
import { freePort } from "../services/ports.ts";

const absent = !await areInstalled("redis-server", "openssl");
const needs = absent ? " (needs redis-server, openssl)" : "";
const CERTIFICATES = new URL("../fixtures/certificates.sh", import.meta.url).pathname;
const PASSWORD = "correct-horse";

/** A Redis with a password that speaks TLS on a second port. */
interface GuardedRedis extends AsyncDisposable {
  readonly redis: PrivateRedis;
  readonly tlsPort: number;
  /** The certificate of the authority that vouches for it. */
  readonly authority: string;
}

async function startGuardedRedis(): Promise<GuardedRedis> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryFolder());
  await bash(CERTIFICATES, path);
  const tlsPort = freePort(Math.random());
  const redis = stack.use(
    await startPrivateRedis({
      "tls-port": `${tlsPort}`,
      "tls-cert-file": `${path}/server.crt`,
      "tls-key-file": `${path}/server.key`,
      "tls-ca-cert-file": `${path}/ca.crt`,
      "tls-auth-clients": "no",
    }),
  );
  // Not from the start, as it is asked without one whether it is there.
  const client = stack.adopt(createRedisClient(redis.url), (client) => client.destroy());
  await client.connect();
  await client.configSet("requirepass", PASSWORD);
  const held = stack.move();
  const authority = `${path}/ca.crt`;
  return { redis, tlsPort, authority, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

async function cacheCheck(service: StartedService): Promise<Record<string, unknown>> {
  const { json } = await service.get("/health/ready", { token: null });
  return (json.checks as { readonly cache: Record<string, unknown> }).cache;
}

Deno.test({
  name: `the service reaches a Redis by TLS and a password, and none that it cannot trust or ` +
    `that refuses it${needs} [S26, S28]`,
  ignore: absent,
  async fn() {
    await using guarded = await startGuardedRedis();
    const { redis, tlsPort, authority } = guarded;
    const REDIS_URL = `rediss://:${PASSWORD}@127.0.0.1:${tlsPort}`;
    {
      const deno = ["bash", "-c", `DENO_CERT=${authority} exec deno "$@"`, "deno"];
      await using service = await startService({ REDIS_URL }, { deno });
      assert.equal((await cacheCheck(service)).status, "ready");
      assert.equal((await service.get("/status")).status, 200);
    }
    for (const url of [REDIS_URL, `redis://:wrong-${PASSWORD}@127.0.0.1:${redis.port}`]) {
      await using service = await startService({ REDIS_URL: url });
      const { status, detail } = await cacheCheck(service);
      assert.equal(status, "degraded", url);
      assert.equal((await service.get("/status")).status, 200);
      assert.ok(!`${detail}${service.log}${service.output}`.includes(PASSWORD), service.log);
    }
  },
});
