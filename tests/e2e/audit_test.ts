import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { eventually } from "../fixtures/eventually.ts";
import { killProcess } from "../fixtures/kill.ts";
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

Deno.test("a cut head and a junk line in the spill file are told of, and keep no service from starting [S33, B11]", async () => {
  await using folder = await temporaryFolder();
  const settings = { DATA_DIR: folder.path };
  const head = `${folder.path}/audit_head.json`;
  {
    await using service = await startService(settings);
    assert.equal(await service.stop(), 0);
  }
  await Deno.remove(head);
  const missing = await runTask(["audit:verify"], settings);
  assert.equal(missing.code, 1, missing.stdout);
  assert.match(missing.stdout, /^no head is kept apart: a cut tail would not show$/m);
  await Deno.writeTextFile(head, "");
  await Deno.writeTextFile(`${folder.path}/audit_spill.ndjson`, "garbage\n");
  const damaged = await runTask(["audit:verify"], settings);
  assert.equal(damaged.code, 1, damaged.stderr);
  assert.match(damaged.stdout, /^the head kept apart cannot be read/m);
  assert.match(damaged.stdout, /^1 lines of the spill file are no events$/m);

  await using service = await startService(settings);
  assert.match(service.log, /"event":"audit_head_unreadable"/);
  assert.match(service.log, /"event":"audit_spill_damaged"/);
  const told = eventsOf(await service.get("/api/v1/audit?type=violation"));
  assert.deepEqual(told.map(({ details }) => details.code).toSorted(), [
    "audit_head_unreadable",
    "audit_spill_damaged",
  ]);
  const { text } = await service.get("/metrics");
  assert.match(text, /^ultimate_mcp_outbox_pending 0$/m);
  await service.stop();
  // What was put aside is reported until somebody who knows why removes it.
  const aside = (await runTask(["audit:verify"], settings)).stdout.match(/^.*'audit_\S+'.*$/gm);
  assert.equal(aside?.length, 2);
});

/** What the log of a service that has ended holds, in its order. */
function chainOf(dataDir: string): string[] {
  using db = new DatabaseSync(`${dataDir}/records.sqlite`);
  return db.prepare("SELECT event FROM audit_events ORDER BY sequence").all()
    .map(({ event }) => JSON.parse(String(event)))
    .map(({ type, details }) =>
      details.outcome === undefined ? type : `${type} ${details.outcome}`
    );
}

Deno.test("the audit tells of runs that the fork server's loss and a stop have ended [S33, S15]", async () => {
  await using folder = await temporaryFolder();
  await using service = await startService({ DATA_DIR: folder.path });
  const sleeping = { language: "bash", code: "echo on; sleep 60", timeout_seconds: 60 };
  const begun = async () => {
    await eventually("a run in hand", async () => {
      const { text } = await service.get("/metrics");
      return text.includes("ultimate_mcp_executions_in_flight 1\n") ? true : null;
    });
    await eventually("its sleep", async () => {
      const all = await service.forkServer();
      return all.some(({ command, dead }) => !dead && command === "sleep 60") ? true : null;
    });
  };
  const lost = service.execute(sleeping);
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    await begun();
    await killProcess((await service.forkServer())[0]?.pid ?? 0);
  }
  assert.equal((await lost).status, 503);
  const ended = service.execute(sleeping).then(({ status }) => status, () => 503);
  await begun();
  assert.equal(await service.stop(), 0);
  assert.equal(await ended, 503);
  assert.deepEqual(chainOf(folder.path), [
    "service_started",
    "authentication_succeeded",
    "execution_finished lost",
    "execution_finished lost",
    "service_stopped",
  ]);
  const { code, stdout } = await runTask(["audit:verify"], { DATA_DIR: folder.path });
  assert.equal(code, 0, stdout);
});

Deno.test("while the database refuses, runs are answered 503 and the audit still tells of each [S33]", async () => {
  await using folder = await temporaryFolder();
  const settings = { DATA_DIR: folder.path };
  await using service = await startService(settings);
  const refused: string[] = [];
  {
    // The service may be writing at this very moment: its lock is waited for.
    using other = new DatabaseSync(`${folder.path}/records.sqlite`, { timeout: 5000 });
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
