import assert from "node:assert/strict";
import { eventsIn } from "../fixtures/events.ts";
import { eventually } from "../fixtures/eventually.ts";
import {
  type Answer,
  type StartedService,
  startService,
  temporaryFolder,
} from "../fixtures/service.ts";

const EXECUTIONS = "/api/v1/executions";

// Written for the sandbox of the service; none of it runs in the tests.
const ENDLESS = "import time\nprint('begun', flush=True)\ntime.sleep(60)";
const SLOW = "import time\nprint('once')\ntime.sleep(1.5)";

async function queued(
  service: StartedService,
  body: object,
  sending: { readonly token?: string; readonly headers?: Record<string, string> } = {},
): Promise<string> {
  const { status, headers, text } = await service.post(EXECUTIONS, body, sending);
  assert.equal(status, 202, text);
  return headers.get("location") ?? "";
}

function withStatus(service: StartedService, path: string, status: string): Promise<Answer> {
  return eventually(`a run ${status}`, async () => {
    const answer = await service.get(path);
    assert.equal(answer.status, 200, answer.text);
    return answer.json.status === status ? answer : null;
  }, 60);
}

/** The events of the audit about an execution. */
async function auditOf(service: StartedService, path: string, type: string): Promise<number> {
  const { json } = await service.get(`/api/v1/audit?type=${type}&limit=1000`);
  const events = json.events as { readonly details: { readonly execution_id: string } }[];
  return events.filter(({ details }) => path.endsWith(details.execution_id)).length;
}

Deno.test("jobs that wait outlive a stop, and one that is killed with its service ends once [B7]", async () => {
  await using folder = await temporaryFolder();
  const settings = { DATA_DIR: folder.path, EXECUTION_CONCURRENCY: "2" };
  await using first = await startService(settings);
  const killed = await queued(first, { code: SLOW });
  const waiting: string[] = [];
  for (let n = 0; n < 3; n++) waiting.push(await queued(first, { code: `print(${n})` }));
  await withStatus(first, killed, "running");
  await first.kill();
  await using second = await startService(settings);
  const { json } = await withStatus(second, killed, "done");
  assert.deepEqual([json.stdout, json.attempts], ["once\n", 2]);
  assert.equal(await auditOf(second, killed, "execution_finished"), 1);
  const stopped = await queued(second, { code: SLOW });
  for (let n = 3; n < 6; n++) waiting.push(await queued(second, { code: `print(${n})` }));
  await withStatus(second, stopped, "running");
  assert.equal(await second.stop(), 0);
  await using third = await startService(settings);
  assert.equal((await third.get(stopped)).json.status, "done");
  for (const [n, path] of waiting.entries()) {
    const { json } = await withStatus(third, path, "done");
    assert.deepEqual([json.stdout, json.attempts], [`${n}\n`, 1]);
    assert.equal(await auditOf(third, path, "execution_finished"), 1);
  }
});

Deno.test("a run is queued, watched, cancelled, and bounded by key and quota [B7]", async () => {
  await using service = await startService({ JOB_QUOTA_PER_USER: "2" });
  const headers = { "idempotency-key": "key" };
  const path = await queued(service, { code: ENDLESS, timeout_seconds: 60 }, { headers });
  assert.equal(await queued(service, { code: ENDLESS, timeout_seconds: 60 }, { headers }), path);
  const other = await service.post(EXECUTIONS, { code: "1" }, { headers });
  assert.deepEqual([other.status, other.json.code], [422, "idempotency_key_reused"]);
  await queued(service, { code: "import time; time.sleep(5)" });
  const past = await service.post(EXECUTIONS, { code: "1" });
  assert.deepEqual([past.status, past.json.code, past.json.allowed], [
    429,
    "too_many_executions",
    2,
  ]);
  const eve = await service.tokenFor("eve", "developer");
  assert.equal((await service.get(path, { token: eve })).status, 404);
  assert.equal((await service.send(path, { method: "DELETE" }, { token: eve })).status, 404);
  const response = await fetch(`${service.url}${path}/events`, {
    headers: { authorization: `Bearer ${service.token}`, accept: "text/event-stream" },
  });
  const names: string[] = [];
  for await (const { name, data } of eventsIn(response.body)) {
    names.push(name);
    if (name === "stdout") {
      assert.deepEqual(data, { text: "begun\n" });
      await service.send(path, { method: "DELETE" });
    }
    if (name === "result") assert.equal((data as { outcome: string }).outcome, "cancelled");
  }
  assert.deepEqual(names, ["status", "started", "stdout", "result"]);
  assert.equal(await auditOf(service, path, "execution_cancelled"), 1);
});

Deno.test("a job that could not be run is told of in the audit, and one's own runs are listed [B7, S33]", async () => {
  await using service = await startService({ CODE_POLICY: "reject" });
  const refused = await queued(service, { code: "eval('1')" });
  await withStatus(service, refused, "dead");
  await eventually("the audit told", async () => {
    const told = await auditOf(service, refused, "execution_abandoned");
    return told > 0 || null;
  });
  const done = await queued(service, { code: "print(1)" });
  await withStatus(service, done, "done");
  const { json: { id } } = await service.post("/api/v1/execute_code", { code: "print(2)" });
  const running = await queued(service, { code: ENDLESS, timeout_seconds: 60 });
  const shown: (readonly [path: string, status: unknown, outcome: unknown])[] = [];
  for (let cursor = ""; shown.length < 9;) {
    const { status, json, text } = await service.get(`${EXECUTIONS}?limit=2${cursor}`);
    assert.equal(status, 200, text);
    for (const one of json.executions as Record<string, unknown>[]) {
      const stands = String(one["status"]).replace("running", "queued");
      shown.push([`${EXECUTIONS}/${one["id"]}`, stands, one["outcome"]]);
    }
    if (json.next_cursor === null) break;
    cursor = `&cursor=${json.next_cursor}`;
  }
  assert.deepEqual(shown, [
    [running, "queued", null],
    [`${EXECUTIONS}/${id}`, "done", "ok"],
    [done, "done", "ok"],
  ]);
  const eve = await service.tokenFor("eve", "viewer");
  assert.deepEqual((await service.get(EXECUTIONS, { token: eve })).json.executions, []);
  assert.equal(await auditOf(service, refused, "execution_abandoned"), 1);
});
