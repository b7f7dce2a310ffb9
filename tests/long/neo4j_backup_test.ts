import assert from "node:assert/strict";
import { checkPrivate, during, ways } from "../fixtures/backups.ts";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { emptyOutbox } from "../fixtures/kept_records.ts";
import { checkSeen, useService } from "../fixtures/kept_use.ts";
import { runBesideNeo4j } from "../fixtures/neo4j_admin.ts";
import { type PrivateNeo4j, startPrivateNeo4j } from "../fixtures/private_neo4j.ts";
import { startPrivateRedis } from "../fixtures/private_redis.ts";
import { runTask, type StartedService, temporaryFolder } from "../fixtures/service.ts";
import { areRunning } from "../fixtures/services.ts";

const WAYS = ways("A Neo4j as a whole");
const ignore = !await areRunning("neo4j");

/** Stops the server, does something to its files, and starts it again. */
async function whileStopped(server: PrivateNeo4j, work: () => Promise<unknown>): Promise<void> {
  await server.stop();
  await work();
  await server.restart();
}

/** Removes all that the server keeps of the database. */
async function destroyed({ home }: PrivateNeo4j): Promise<void> {
  for (const kind of ["databases", "transactions"]) {
    await Deno.remove(`${home}/data/${kind}/neo4j`, { recursive: true });
  }
}

Deno.test({
  name:
    "records in a Neo4j that is dumped, destroyed and loaded as the runbook says are what they " +
    "were, and what is gone is told (needs Neo4j) [B2, B11, S41]",
  ignore,
  async fn() {
    await using folder = await temporaryFolder();
    const BACKUP = folder.path;
    await using server = await startPrivateNeo4j();
    const settings = {
      DATA_DIR: `${folder.path}/data`,
      RECORDS_BACKEND: "neo4j",
      RECORDS_NEO4J_URI: server.uri,
      RECORDS_NEO4J_PASSWORD: server.password,
    } as const;
    const used = (user: string) =>
      during(settings, async (service) => {
        const use = await useService(service, user);
        await emptyOutbox(service);
        return { use };
      });
    const before = await used("ada");
    await whileStopped(server, () => runBesideNeo4j(server, WAYS.backUp, { BACKUP }));
    await checkPrivate(`${BACKUP}/neo4j.dump`);
    const after = await used("eve");
    await whileStopped(server, async () => {
      await destroyed(server);
      await runBesideNeo4j(server, WAYS.restore, { BACKUP });
    });
    await during(settings, async (service) => {
      await checkSeen(service, [before.use]);
      assert.equal((await service.get(`/api/v1/executions/${after.use.run}`)).status, 404);
      const told = () => service.log.includes('"event":"audit_head_lost"') || null;
      await eventually("what is lost told", told);
      await emptyOutbox(service);
      return {};
    });
    const { code, stdout } = await runTask(["audit:verify"], settings);
    assert.equal(code, 1);
    assert.match(stdout, /^event \d+: it and all up to \d+ are missing$/m);
  },
});

/** What the graph says of a node once it can be asked, and whether a cache did. */
async function ask(service: StartedService, key: string) {
  const cypher = "MATCH (n:N {key: $key}) RETURN n.v AS v";
  const body = { cypher, parameters: { key } };
  return await eventually("an answer of the graph", async () => {
    const { status, json } = await service.post("/api/v1/graph_query", body);
    if (status !== 200) return null;
    const [row] = json.results as { readonly v: number }[];
    return { v: row?.v, cached: json.cached };
  });
}

async function writeNode(service: StartedService, key: string, v: number): Promise<void> {
  const nodes = [{ key, labels: ["N"], properties: { v } }];
  const { status, text } = await service.post("/api/v1/graph_upsert", { nodes });
  assert.equal(status, 200, text);
}

Deno.test({
  name: "a graph in a Neo4j that is dumped and loaded as the runbook says is not answered for by " +
    "what Redis, or a service that went on, kept of what is gone (needs Neo4j and redis-server) " +
    "[B3, S12, S41]",
  ignore: ignore || !await areInstalled("redis-server"),
  async fn() {
    await using folder = await temporaryFolder();
    const BACKUP = folder.path;
    await using redis = await startPrivateRedis();
    await using server = await startPrivateNeo4j();
    const settings = {
      DATA_DIR: `${folder.path}/data`,
      REDIS_URL: redis.url,
      NEO4J_URI: server.uri,
      NEO4J_PASSWORD: server.password,
    };
    assert.deepEqual(WAYS.after, []);
    await during(settings, async (service) => {
      await writeNode(service, "a", 1);
      await whileStopped(server, () => runBesideNeo4j(server, WAYS.backUp, { BACKUP }));
      // No cache answers to a statement before the database has: another question comes first.
      await ask(service, "");
      await writeNode(service, "a", 2);
      await ask(service, "a");
      assert.deepEqual(await ask(service, "a"), { v: 2, cached: true });
      // The last thing that this service knows of the graph is a write that will never have been.
      await writeNode(service, "b", 9);
      await whileStopped(server, async () => {
        await destroyed(server);
        await runBesideNeo4j(server, WAYS.restore, { BACKUP });
      });
      assert.equal((await ask(service, "a")).v, 1);
      // As many changes as there were when "a" was 2: the database calls this state by the same name.
      await writeNode(service, "b", 3);
      assert.deepEqual([await ask(service, "a"), await ask(service, "b")].map(({ v }) => v), [
        1,
        3,
      ]);
      return {};
    });
    const again = await during(settings, async (service) => {
      await ask(service, "");
      return await ask(service, "a");
    });
    assert.equal(again.v, 1);
  },
});
