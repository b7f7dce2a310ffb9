import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { areRunning } from "../fixtures/services.ts";
import type { StartedService } from "../fixtures/service.ts";
import { CLAIMS, SECRET_FORGE } from "../fixtures/token_forge.ts";
import { startTwoServices } from "../fixtures/two_services.ts";

const PER_MINUTE = 6;
const BURST = 60;
/** Each look costs the user some of that. */
const LOOK_AGAIN_MS = 700;

interface User {
  readonly name: string;
  readonly token: string;
  readonly jti: string;
}

/** A viewer whom nobody else is, with a token that is good for an hour from now. */
function userOf(name: string): User {
  const now = Math.floor(Date.now() / 1000);
  const [jti, sub] = [crypto.randomUUID(), `${name}-${crypto.randomUUID()}`];
  const times = { iat: now, nbf: now, exp: now + 3600 };
  const token = SECRET_FORGE.token({ ...CLAIMS, ...times, jti, sub, roles: ["viewer"] });
  return { name: sub, jti, token };
}

async function refused(service: StartedService, { token }: User): Promise<true> {
  return await eventually("the revocation on the other instance", async () => {
    const { status, json } = await service.get("/status", { token });
    if (status === 200) return null;
    assert.deepEqual([status, json.code], [401, "token_revoked"]);
    return true;
  });
}

/** One user asks two instances by turns for more than is allowed; how often that was allowed. */
async function allowedOf(services: readonly StartedService[]): Promise<number> {
  const { token } = userOf("ada");
  let allowed = 0;
  for (let at = 0; at < 2 * BURST; at += 1) {
    const answer = await services[at % services.length]?.get("/status", { token });
    if (answer?.status === 200) allowed += 1;
    else assert.equal(answer?.status, 429);
  }
  return allowed;
}

Deno.test({
  name: "two services allow a user what one allows, and know each other's revocations and roles, " +
    "with Redis or without (needs Neo4j, redis-server) [S27, S29, S30]",
  ignore: !(await areRunning("neo4j", "records") && await areInstalled("redis-server")),
  async fn() {
    const settings = { RATE_LIMIT_PER_MINUTE: `${PER_MINUTE}`, RATE_LIMIT_BURST: `${BURST}` };
    await using two = await startTwoServices({ settings });
    const [{ service: one }, { service: other }] = two.instances;
    const revoke = async ({ jti }: User) => {
      const { status } = await one.post("/api/v1/tokens/revoke", { jti });
      assert.equal(status, 204);
    };

    const { json: { backends } } = await one.get("/status");
    assert.deepEqual(backends, { graph: "neo4j", records: "neo4j", cache: "redis" });
    assert.doesNotMatch(one.log + other.log, /one_instance_only/);

    const begun = performance.now();
    const allowed = await allowedOf([one, other]);
    const refilled = Math.ceil((performance.now() - begun) / 60_000 * PER_MINUTE);
    assert.ok(allowed >= BURST && allowed <= BURST + refilled, `${allowed} of ${2 * BURST}`);

    const [bob, eve, vera] = ["bob", "eve", "vera"].map((name) => userOf(name));
    assert.ok(bob !== undefined && eve !== undefined && vera !== undefined);
    for (const { token } of [bob, eve]) {
      assert.equal((await other.get("/status", { token })).status, 200);
    }
    await revoke(bob);
    await refused(other, bob);

    const mayRun = async () =>
      (await other.execute({ code: "print(1)" }, { token: vera.token })).status;
    assert.equal(await mayRun(), 403);
    await two.redis.kill();
    await revoke(eve);
    await refused(other, eve);
    const path = `/api/v1/users/${encodeURIComponent(vera.name)}/roles`;
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ roles: ["developer"] });
    assert.equal((await one.send(path, { method: "PUT", body }, { headers })).status, 200);
    await eventually("the roles on the other instance", async () => {
      await delay(LOOK_AGAIN_MS);
      return await mayRun() === 200 ? true : null;
    });
  },
});
