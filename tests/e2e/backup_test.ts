import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { createClient } from "redis";
import { checkPrivate, during, ways } from "../fixtures/backups.ts";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { checkSeen, type KeptUse, useService } from "../fixtures/kept_use.ts";
import { emptied, rowsOf } from "../fixtures/neo4j_records.ts";
import { startPrivateRedis } from "../fixtures/private_redis.ts";
import { runProgram } from "../fixtures/runbook.ts";
import { sharing } from "../fixtures/worker_kills.ts";
import {
  runTask,
  type Settings,
  type StartedService,
  StartFailed,
  startService,
  temporaryFolder,
} from "../fixtures/service.ts";
import { areRunning, recordsService } from "../fixtures/services.ts";

const EXECUTIONS = "/api/v1/executions";
// Written for the sandbox of the service; none of it runs in the tests.
const SLOW = "import time\ntime.sleep(1.5)\nprint('slow')";

async function queued(service: StartedService, code: string): Promise<string> {
  const { status, json, text } = await service.post(EXECUTIONS, { code });
  assert.equal(status, 202, text);
  return `${EXECUTIONS}/${json.id}`;
}

async function outputOf(service: StartedService, path: string): Promise<unknown> {
  return await eventually(`the end of ${path}`, async () => {
    const { json } = await service.get(path);
    return json.status === "done" ? json.stdout : null;
  });
}

async function graphOf(service: StartedService): Promise<string[]> {
  const { status, text } = await service.get("/api/v1/graph/export");
  assert.equal(status, 200, text);
  return text.trimEnd().split("\n").sort();
}

async function fillGraph(service: StartedService): Promise<void> {
  const nodes = [1, 2.5, "é \u2028", true, [1, 2]].map((v, at) => ({
    ...{ key: `n${at}`, labels: ["L", `M${at}`], properties: { v } },
  }));
  const relationships = nodes.map(({ key }) => ({ start: key, end: "n0", type: "T" }));
  const { status, text } = await service.post("/api/v1/graph_upsert", { nodes, relationships });
  assert.equal(status, 200, text);
}

/** What a service has before the backup. */
async function fill(service: StartedService) {
  const use = await useService(service, "ada");
  await fillGraph(service);
  await queued(service, SLOW);
  const waiting = await queued(service, "print('waited')");
  return { use, waiting, graph: await graphOf(service) };
}

/** What happened before the backup is there; what happened after it is not, and that is seen. */
async function checkRestored(
  settings: Settings,
  before: Awaited<ReturnType<typeof fill>>,
  after: { readonly use: KeptUse; readonly head: string },
): Promise<void> {
  await during(settings, async (service) => {
    await checkSeen(service, [before.use]);
    assert.deepEqual(await graphOf(service), before.graph);
    assert.equal(await outputOf(service, before.waiting), "waited\n");
    const { run, user, token } = after.use;
    assert.equal((await service.get(`${EXECUTIONS}/${run}`)).status, 404);
    assert.notEqual((await service.get(`/api/v1/users/${user}/roles`)).json.source, "stored");
    assert.equal((await service.get("/status", { token })).status, 200, "a token good again");
    assert.doesNotMatch(service.log, /audit_(tail|head)_/);
    return {};
  });
  assert.equal((await runTask(["audit:verify"], settings)).code, 0);
  const { code, stdout } = await runTask(["audit:verify", "--head", after.head], settings);
  assert.equal(code, 1, stdout);
}

/** A newer program's data keep this one from starting, until those from before are put back. */
async function checkRollBack(settings: Settings, restore: () => Promise<void>): Promise<void> {
  {
    using records = new DatabaseSync(`${settings.DATA_DIR}/records.sqlite`);
    records.exec("PRAGMA user_version = 9999");
  }
  await assert.rejects(startService(settings), (error) => {
    assert.ok(error instanceof StartFailed);
    assert.match(error.stderr, /its schema has version 9999, this program knows versions up to \d/);
    return true;
  });
  await restore();
}

Deno.test("a data directory that is backed up, destroyed and restored as the runbook says is what it was, and tells what is gone [B11, S41]", async () => {
  await using folder = await temporaryFolder();
  const [DATA_DIR, BACKUP] = [`${folder.path}/data`, folder.path];
  const settings = { DATA_DIR, EXECUTION_CONCURRENCY: "2", LOG_FORMAT: "json" };
  const { backUp, restore } = ways("A data directory");
  const restored = async () => {
    await Deno.remove(DATA_DIR, { recursive: true });
    assert.match(await runProgram(restore, { DATA_DIR, BACKUP }), /\nOK\n$/);
  };
  const before = await during(settings, fill);
  await runProgram(backUp, { DATA_DIR, BACKUP });
  await checkPrivate(`${BACKUP}/data.tar`);
  const after = await during(settings, async (service) => {
    assert.equal(await outputOf(service, before.waiting), "waited\n");
    await service.post("/api/v1/graph_upsert", { nodes: [{ key: "later" }] });
    return { use: await useService(service, "eve") };
  });
  await restored();
  await checkRollBack(settings, restored);
  await checkRestored(settings, before, after);
  const whole = await Deno.readFile(`${BACKUP}/data.tar`);
  await Deno.writeFile(`${BACKUP}/data.tar`, whole.subarray(0, whole.length - 1024));
  await assert.rejects(restored(), /data\.tar/);
});

Deno.test({
  name: "graph and records that are backed up by themselves as the runbook says come back in " +
    "another data directory (needs curl) [B4, B11, S41]",
  ignore: !await areInstalled("curl"),
  async fn() {
    await using folder = await temporaryFolder();
    const BACKUP = folder.path;
    const [here, there] = [1, 2].map((at) => ({ DATA_DIR: `${folder.path}/data${at}` }));
    assert.ok(here !== undefined && there !== undefined);
    const [graphWays, recordWays] = [
      ways("The graph by itself"),
      ways("The records by themselves"),
    ];
    const before = await during(here, async (service) => {
      const use = await useService(service, "ada");
      await fillGraph(service);
      await runProgram(graphWays.backUp, { URL: service.url, TOKEN: service.token, BACKUP });
      return { use, graph: await graphOf(service) };
    });
    await runProgram(recordWays.backUp, { ...here, BACKUP });
    for (const name of ["graph", "records"]) await checkPrivate(`${BACKUP}/${name}.ndjson`);
    // What tokens are signed with is no record: by itself it would void all of them.
    await Deno.mkdir(there.DATA_DIR, { mode: 0o700 });
    await Deno.copyFile(`${here.DATA_DIR}/jwt_secret`, `${there.DATA_DIR}/jwt_secret`);
    await Deno.remove(here.DATA_DIR, { recursive: true });
    assert.match(await runProgram(recordWays.restore, { ...there, BACKUP }), /\nOK\n$/);
    await during(there, async (service) => {
      await runProgram(graphWays.restore, { URL: service.url, TOKEN: service.token, BACKUP });
      await checkSeen(service, [before.use]);
      assert.deepEqual(await graphOf(service), before.graph);
      return {};
    });
  },
});

const absent = !(await areRunning("records") && await areInstalled("redis-server"));

Deno.test({
  name: "jobs that wait come back with the Redis that the runbook restores, and one that has " +
    `ended since is not run again${absent ? " (needs Neo4j and redis-server)" : ""} [B7, S41]`,
  ignore: absent,
  async fn() {
    await using folder = await temporaryFolder();
    const [REDIS_DIR, BACKUP] = [`${folder.path}/redis`, folder.path];
    await Deno.mkdir(REDIS_DIR);
    const kept = { dir: REDIS_DIR, appendonly: "yes", appendfsync: "always" };
    await using redis = await startPrivateRedis(kept);
    const records = await recordsService();
    await emptied(records);
    const settings = sharing(redis, records);
    const { backUp, restore } = ways("Redis");
    const stateOf = async (id: string) => {
      const look = await createClient({ url: redis.url }).connect();
      const { state } = await look.hGetAll(`ultimate-mcp:jobs:2:job:${id}`);
      look.destroy();
      return state;
    };
    const { path } = await during({ ...settings, JOB_CONCURRENCY: "0" }, async (service) => ({
      path: await queued(service, "print('waited')"),
    }));
    const id = path.slice(EXECUTIONS.length + 1);
    await redis.kill();
    await runProgram(backUp, { REDIS_DIR, BACKUP });
    await checkPrivate(`${BACKUP}/redis.tar`);
    await Deno.remove(`${REDIS_DIR}/appendonlydir`, { recursive: true });
    await redis.restart();
    assert.equal(await stateOf(id), undefined, "it is lost");
    for (const _ of ["the first time", "once it has ended"]) {
      await redis.kill();
      await Deno.remove(`${REDIS_DIR}/appendonlydir`, { recursive: true });
      await runProgram(restore, { REDIS_DIR, BACKUP });
      await redis.restart();
      assert.equal(await stateOf(id), "queued");
      await during(settings, async (service) => {
        await eventually("its end", async () => await stateOf(id) === "done" || null);
        assert.equal(await outputOf(service, path), "waited\n");
        return {};
      });
    }
    const runs = "MATCH (e:AuditEvent {event_type: 'execution_finished'}) RETURN e.event AS event";
    const told = (await rowsOf(records, runs)).filter(({ event }) => String(event).includes(id));
    assert.equal(told.length, 1, "it was run again");
  },
});
