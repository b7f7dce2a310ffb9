import assert from "node:assert/strict";
import { eventsIn } from "../fixtures/events.ts";
import { eventually } from "../fixtures/eventually.ts";
import { areInstalled } from "../fixtures/installed.ts";
import { emptied, rowsOf } from "../fixtures/neo4j_records.ts";
import { startPrivateRedis } from "../fixtures/private_redis.ts";
import { type Answer, type StartedService, startService } from "../fixtures/service.ts";
import { areRunning, type Neo4jService, recordsService } from "../fixtures/services.ts";
import { startWorker } from "../fixtures/worker.ts";
import { sharing } from "../fixtures/worker_kills.ts";

const EXECUTIONS = "/api/v1/executions";
const absent = !(await areRunning("records") && await areInstalled("redis-server"));
const needs = absent ? " (needs Neo4j and redis-server)" : "";

// Written for the sandbox of the service; none of it runs in the tests.
const ENDLESS = "import time\nprint('begun', flush=True)\ntime.sleep(50)";
const SLOW = "import time\nprint('once', flush=True)\ntime.sleep(2)";

async function queued(service: StartedService, code: string, seconds = 55): Promise<string> {
  const body = { code, timeout_seconds: seconds };
  const { status, headers, text } = await service.post(EXECUTIONS, body);
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

/** Hears a run to its end; `begun` once it has written something. */
function hear(service: StartedService, path: string) {
  const begun = Promise.withResolvers<void>();
  const hearing = async () => {
    const headers = { authorization: `Bearer ${service.token}`, accept: "text/event-stream" };
    const { body } = await fetch(`${service.url}${path}/events`, { headers });
    for await (const { name } of eventsIn(body)) if (name === "stdout") begun.resolve();
  };
  return { begun: begun.promise, over: hearing() };
}

async function checkRecordedOnce(records: Neo4jService, paths: readonly string[]): Promise<void> {
  const ids = paths.map((path) => path.slice(path.lastIndexOf("/") + 1));
  const rows = await rowsOf(records, "MATCH (r:ExecutionResult) RETURN r.id AS id");
  assert.deepEqual(rows.map(({ id }) => id).sort(), ids.sort());
}

Deno.test({
  name: `a job queued on one instance is run by a worker, and read, watched and cancelled on the ` +
    `other, whoever is killed or stopped meanwhile${needs} [B7]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis({ appendonly: "yes" });
    const records = await recordsService();
    await emptied(records);
    const settings = sharing(redis, records);
    const onlyWorkers = { ...settings, JOB_CONCURRENCY: "0" };
    await using both = new AsyncDisposableStack();
    const started = await Promise.allSettled([0, 1].map(() => startService(onlyWorkers)));
    const [a, b] = started.map((one) => {
      if (one.status === "rejected") throw one.reason;
      return both.use(one.value);
    }) as [StartedService, StartedService];
    const waiting = await queued(a, "print(6 * 7)");
    assert.equal((await b.get(waiting)).json.status, "queued");
    await using worker = await startWorker({ ...settings, WORKER_PORT: "0" });
    assert.equal((await withStatus(b, waiting, "done")).json.stdout, "42\n");
    const ready = await fetch(`${worker.url}/health/ready`);
    assert.deepEqual([ready.status, (await ready.json()).status], [200, "ready"]);
    const metrics = await (await fetch(`${worker.url}/metrics`)).text();
    assert.ok(metrics.includes("\nultimate_mcp_code_execution_queue_seconds_count 1\n"));

    const cancelled = await queued(a, ENDLESS);
    const response = await fetch(`${b.url}${cancelled}/events`, {
      headers: { authorization: `Bearer ${b.token}`, accept: "text/event-stream" },
    });
    const names: string[] = [];
    for await (const { name, data } of eventsIn(response.body)) {
      names.push(name);
      if (name === "stdout") await b.send(cancelled, { method: "DELETE" });
      if (name === "result") assert.equal((data as { outcome: string }).outcome, "cancelled");
    }
    assert.deepEqual(names.filter((name) => name !== "started"), ["status", "stdout", "result"]);

    const killed = await queued(a, SLOW);
    const { begun, over } = hear(b, killed);
    await begun;
    await worker.kill();
    assert.equal(await a.stop(), 0);
    await using other = await startWorker(settings);
    const { json } = await withStatus(b, killed, "done");
    assert.deepEqual([json.stdout, json.attempts], ["once\n", 2]);
    await over;
    await checkRecordedOnce(records, [waiting, cancelled, killed]);
    assert.equal(await other.stop(), 0);
  },
});

Deno.test({
  name: `a service starts while Redis is away, answers 503 for jobs until it is back, and runs ` +
    `those of a Redis that was restarted or frozen${needs} [B7]`,
  ignore: absent,
  async fn() {
    await using redis = await startPrivateRedis({ appendonly: "yes", appendfsync: "always" });
    const records = await recordsService();
    await emptied(records);
    await redis.kill();
    await using service = await startService(sharing(redis, records));
    const refused = await service.post(EXECUTIONS, { code: "print(1)" });
    assert.deepEqual([refused.status, refused.json.code], [503, "dependency_unavailable"]);
    assert.equal((await service.execute({ code: "print(2)" })).status, 200);
    await redis.restart();
    const back = async () => {
      const { status, headers } = await service.post(EXECUTIONS, { code: "print(1)" });
      return status === 202 ? headers.get("location") : null;
    };
    const paths = [await eventually("jobs taken again", back)];
    await withStatus(service, paths[0] ?? "", "done");
    for (let n = 0; n < 6; n += 1) paths.push(await queued(service, `print(${n})`));
    await redis.kill();
    await redis.restart();
    await redis.freeze();
    const during = await service.post(EXECUTIONS, { code: "print(3)" });
    assert.equal(during.status, 503, during.text);
    await redis.thaw();
    for (const path of paths) {
      const ended = async () => (await service.get(path ?? "")).json.status === "done" || null;
      await eventually(`the end of ${path}`, ended, 40);
    }
  },
});
