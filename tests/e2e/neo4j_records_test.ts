import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { emptied, rowsOf } from "../fixtures/neo4j_records.ts";
import { type PrivateNeo4j, startPrivateNeo4j } from "../fixtures/private_neo4j.ts";
import { areRunning, recordsService } from "../fixtures/services.ts";
import {
  type StartedService,
  StartFailed,
  startService,
  temporaryFolder,
  UNLIMITED,
} from "../fixtures/service.ts";

const CLIENTS = 20;
const RUNS_EACH = 3;

function settingsFor({ uri, password }: { readonly uri: string; readonly password: string }) {
  return {
    RECORDS_BACKEND: "neo4j",
    RECORDS_NEO4J_URI: uri,
    RECORDS_NEO4J_PASSWORD: password,
  } as const;
}

/** Twenty clients, each running programs one after the other; the ids that were answered. */
async function runPrograms(service: StartedService, during: () => Promise<void>) {
  const client = async (at: number) => {
    const ids: string[] = [];
    for (let run = 0; run < RUNS_EACH; run += 1) {
      const answer = await service.execute({ code: `print(${at * RUNS_EACH + run})` });
      assert.equal(answer.status, 200, answer.text);
      const { id } = answer.json;
      const kept = await service.get(`/api/v1/executions/${id}`);
      // What the outbox no longer has, nobody can answer for while the database is away.
      assert.ok([200, 503].includes(kept.status), kept.text);
      if (kept.status === 200) assert.equal(kept.json.stdout, answer.json.stdout);
      ids.push(String(id));
    }
    return ids;
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, at) => client(at)));
  const [ids] = await Promise.all([clients, during()]);
  return ids.flat();
}

async function emptyOutbox(service: StartedService): Promise<void> {
  await eventually("the outbox be empty", async () => {
    const { text } = await service.get("/metrics");
    return /^ultimate_mcp_outbox_pending(\{.*\})? 0$/m.test(text) ? true : null;
  }, 60);
}

async function checkEachOnce(server: PrivateNeo4j, ids: readonly string[]): Promise<void> {
  const rows = await rowsOf(server, "MATCH (r:ExecutionResult) RETURN r.id AS id");
  const counts = new Map<string, number>();
  for (const { id } of rows) counts.set(String(id), (counts.get(String(id)) ?? 0) + 1);
  for (const id of ids) assert.equal(counts.get(id), 1, id);
  const events = await rowsOf(
    server,
    "MATCH (e:AuditEvent) RETURN e.sequence AS sequence, e.event AS event ORDER BY e.sequence",
  );
  assert.deepEqual(events.map(({ sequence }) => Number(sequence)), events.map((_, at) => at + 1));
  const told = events.map(({ event }) => JSON.parse(String(event)))
    .filter(({ type }) => type === "execution_finished")
    .map(({ details }) => String(details.execution_id));
  assert.equal(new Set(told).size, told.length, "no run is told of twice");
  for (const id of ids) assert.ok(told.includes(id), id);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Longer than what the service takes for frozen. */
const FROZEN_MS = 4000;

// One server and one data directory for all of it: each start of either takes seconds.
Deno.test({
  name:
    "20 clients run programs while the records' Neo4j is frozen, killed and started again, and the " +
    "service killed and started while that is away: each record is there once (needs Neo4j) [B2]",
  ignore: !await areRunning("records"),
  async fn() {
    await using server = await startPrivateNeo4j();
    await using folder = await temporaryFolder();
    const settings = { ...settingsFor(server), ...UNLIMITED, DATA_DIR: folder.path };
    await using first = await startService(settings);
    const before = await runPrograms(first, () => Promise.resolve());
    const frozen = await runPrograms(first, async () => {
      await server.freeze();
      await pause(FROZEN_MS);
      await server.thaw();
    });
    await emptyOutbox(first);
    await checkEachOnce(server, [...before, ...frozen]);
    const away = await runPrograms(first, () => server.kill());
    const { json: { id: last } } = await first.execute({ code: "print(1)" });
    await first.kill();

    await using second = await startService(settings);
    assert.equal((await second.get(`/api/v1/executions/${last}`)).status, 200, "from the outbox");
    const back = await runPrograms(second, () => server.restart());
    await emptyOutbox(second);
    const all = [...before, ...frozen, ...away, String(last), ...back];
    await checkEachOnce(server, all);
    for (const id of [...frozen.slice(0, 5), ...away.slice(0, 5), String(last), back.at(-1)]) {
      const { status } = await second.get(`/api/v1/executions/${id}`);
      assert.equal(status, 200, "from the database");
    }
    assert.equal(await second.stop(), 0);
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
