import assert from "node:assert/strict";
import { checkEachOnce, emptyOutbox } from "../fixtures/kept_records.ts";
import { emptied, rowsOf } from "../fixtures/neo4j_records.ts";
import { startPrivateNeo4j } from "../fixtures/private_neo4j.ts";
import { areRunning, recordsService } from "../fixtures/services.ts";
import { type StartedService, StartFailed, startService } from "../fixtures/service.ts";

function settingsFor({ uri, password }: { readonly uri: string; readonly password: string }) {
  return {
    RECORDS_BACKEND: "neo4j",
    RECORDS_NEO4J_URI: uri,
    RECORDS_NEO4J_PASSWORD: password,
  } as const;
}

/** Its status, that of all, that of the records, and whether these have a detail. */
async function readinessOf(service: StartedService): Promise<unknown[]> {
  const { status, json } = await service.get("/health/ready");
  const { records } = Object(json["checks"]);
  return [status, json["status"], records.status, typeof records.detail === "string"];
}

Deno.test({
  name:
    "records that wait outlive a kill -9 of the service, which starts while the database is away, " +
    "and says so (needs Neo4j) [S8, S40, B2]",
  ignore: !await areRunning("records"),
  async fn() {
    await using server = await startPrivateNeo4j();
    const folder = await Deno.makeTempDir({ dir: "/tmp", prefix: "outbox-" });
    const settings = { ...settingsFor(server), DATA_DIR: folder };
    await using first = await startService(settings);
    await emptyOutbox(first);
    assert.match(first.log, /records_pool.*keep_alive_seconds\W+30\b/);
    await server.kill();
    const { json: { id } } = await first.execute({ code: "print(1)" });
    await first.kill();
    await using second = await startService(settings);
    assert.deepEqual(await readinessOf(second), [200, "degraded", "degraded", true]);
    assert.equal((await second.get(`/api/v1/executions/${id}`)).status, 200, "from the outbox");
    await server.restart();
    await emptyOutbox(second);
    assert.equal((await second.get(`/api/v1/executions/${id}`)).status, 200, "from the database");
    assert.deepEqual(await readinessOf(second), [200, "ready", "ready", false]);
    await checkEachOnce(server, [String(id)]);
    assert.equal(await second.stop(), 0);
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  name: "the service refuses to keep records in the graph's own database, by whatever address " +
    "(needs Neo4j) [B2]",
  ignore: !await areRunning("records"),
  async fn() {
    const { uri, password, port } = await recordsService();
    await emptied(await recordsService());
    const graph = { NEO4J_URI: `bolt://localhost:${port}`, NEO4J_PASSWORD: password };
    const started = startService({ ...settingsFor({ uri, password }), ...graph });
    await assert.rejects(started, (error) => {
      assert.ok(error instanceof StartFailed);
      assert.match(error.stderr, /the graph's own/);
      return true;
    });
    assert.deepEqual(await rowsOf({ uri, user: "neo4j", password }, "MATCH (n) RETURN n"), []);
  },
});
