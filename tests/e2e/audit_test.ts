import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type Answer, runTask, startService, temporaryFolder } from "../fixtures/service.ts";

interface WireEvent {
  readonly type: string;
  readonly user_id: string | null;
  readonly correlation_id: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

function eventsOf({ json }: Answer): readonly WireEvent[] {
  return json.events as readonly WireEvent[];
}

Deno.test("the audit tells who did what, verifies while the service runs, and shows what was changed [S33, B11]", async () => {
  await using folder = await temporaryFolder();
  const settings = { DATA_DIR: folder.path };
  await using service = await startService(settings);
  const dan = await service.tokenFor("dan", "developer");
  const headers = { "x-correlation-id": "followed-1" };
  const run = await service.execute({ code: "print('not in the audit')" }, { token: dan, headers });
  assert.equal(run.status, 200, run.text);
  await service.get(`/api/v1/executions/${run.json.id}`, { token: dan });
  await service.get("/api/v1/audit", { token: dan });
  await service.get("/api/v1/audit", { token: "forged" });

  const page = await service.get("/api/v1/audit");
  const types = eventsOf(page).map(({ type, user_id }) => `${type} ${user_id}`).toReversed();
  assert.deepEqual(types, [
    "service_started null",
    "authentication_succeeded dan",
    "execution_finished dan",
    "data_accessed dan",
    "authorisation_refused dan",
    "authentication_failed null",
    "authentication_succeeded developer",
  ]);
  assert.ok(!page.text.includes("not in the audit") && !page.text.includes(dan));
  const followed = eventsOf(await service.get("/api/v1/audit?correlation_id=followed-1"));
  assert.deepEqual(followed.map(({ details }) => details.execution_id), [run.json.id, undefined]);

  const running = await runTask(["audit:verify"], settings);
  assert.deepEqual([running.code, running.stdout.endsWith("OK\n")], [0, true], running.stdout);
  assert.equal(await service.stop(), 0);
  const stopped = await runTask(["audit:verify"], settings);
  assert.equal(stopped.code, 0, stopped.stdout);
  using db = new DatabaseSync(`${folder.path}/records.sqlite`);
  db.exec("UPDATE audit_events SET event = replace(event, 'dan', 'eve') WHERE sequence = 3");
  const changed = await runTask(["audit:verify"], settings);
  assert.equal(changed.code, 1);
  assert.match(changed.stdout, /^event 3: it is not what was written/m);
});

Deno.test("while the database refuses, runs are answered 503 and the audit still tells of each [S33]", async () => {
  await using folder = await temporaryFolder();
  const settings = { DATA_DIR: folder.path };
  await using service = await startService(settings);
  const refused: string[] = [];
  {
    using other = new DatabaseSync(`${folder.path}/records.sqlite`);
    other.exec("BEGIN IMMEDIATE");
    for (let run = 0; run < 3; run += 1) {
      const headers = { "x-correlation-id": `refused-${run}` };
      const answer = await service.execute({ code: "print(1)" }, { headers });
      assert.deepEqual([answer.status, answer.json.code], [503, "dependency_unavailable"]);
      refused.push(`refused-${run}`);
    }
    await service.kill();
  }
  await using again = await startService(settings);
  const page = await again.get("/api/v1/audit?type=execution_finished");
  const told = eventsOf(page).map(({ correlation_id }) => String(correlation_id));
  assert.deepEqual(told.toSorted(), refused);
  assert.equal((await again.execute({ code: "print(1)" })).status, 200);
  assert.equal((await runTask(["audit:verify"], settings)).code, 0);
});
