import assert from "node:assert/strict";
import { FAKE_QUOTA, workOn } from "../../../tests/fakes/fake_jobs.ts";
import { WATCHED_PER_USER } from "../../../application/watchers.ts";
import { endless } from "../../../tests/fakes/fake_application.ts";
import { type Answer, HttpSurface } from "../../../tests/fakes/http_surface.ts";
import { eventsIn, type ServerEvent } from "../../../tests/fixtures/events.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import type { Problem } from "../../wire/problem.ts";
import { DomainError } from "../../../domain/errors.ts";

const EXECUTIONS = "/api/v1/executions";
const PEER = { remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 } } as const;
const ADMIN = { authorization: "Bearer admin-token" };
const DEVELOPER = { authorization: "Bearer developer-token" };
const OTHER = { authorization: "Bearer other-token" };
const WATCHER = { authorization: "Bearer watcher-token" };

/** Queues a program; where it is to be found. */
async function queued(surface: HttpSurface, code: string): Promise<string> {
  const { status, headers, text } = await surface.post(EXECUTIONS, { code });
  assert.equal(status, 202, text);
  return headers.get("location") ?? "";
}

function get(surface: HttpSurface, path: string, headers = DEVELOPER): Promise<Answer> {
  return surface.send(path, { headers });
}

function withStatus(surface: HttpSurface, path: string, status: string): Promise<Answer> {
  return eventually(`a run ${status}`, async () => {
    const answer = await get(surface, path);
    return answer.json.status === status ? answer : null;
  });
}

async function events(
  surface: HttpSurface,
  path: string,
  who: Readonly<Record<string, string>> = DEVELOPER,
): Promise<AsyncGenerator<ServerEvent>> {
  const request = new Request(`http://localhost${path}/events`, {
    headers: { ...who, accept: "text/event-stream" },
  });
  const response = await surface.fetch(request, PEER);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  return eventsIn(response.body);
}

Deno.test("POST /api/v1/executions answers 202 with its place, and the result is there later [B7]", async () => {
  await using surface = new HttpSurface();
  const answer = await surface.post(EXECUTIONS, { code: "x", language: "bash" });
  const id = "01890000-0000-7000-9000-000000000001";
  assert.deepEqual([answer.status, answer.json], [202, { id, status: "queued" }]);
  assert.equal(answer.headers.get("location"), `${EXECUTIONS}/${id}`);
  const path = `${EXECUTIONS}/${id}`;
  const standing = {
    ...{ id, status: "queued", language: "bash", created_at: "2026-01-01T00:00:00.000Z" },
    ...{ ended_at: null, attempts: 0 },
  };
  assert.deepEqual((await get(surface, path)).json, standing);
  await using _worker = workOn(surface.application);
  const { json } = await withStatus(surface, path, "done");
  const { outcome, stdout, attempts, cached } = json;
  assert.deepEqual([json.id, outcome, stdout, attempts, cached], [id, "ok", "x", 1, false]);
});

Deno.test("POST /api/v1/executions under a key queues one run, and refuses another body [B7, S35]", async () => {
  await using surface = new HttpSurface();
  const body = { code: "x", files: [{ path: "a", content: "b" }], environment: { A: "1" } };
  const send = (body: object, key: string) =>
    surface.post(EXECUTIONS, body, { "idempotency-key": key });
  const first = await send(body, "key");
  const again = await send({ ...body, language: "python" }, "key");
  assert.deepEqual([again.status, again.json], [202, first.json]);
  assert.equal(again.headers.get("location"), first.headers.get("location"));
  const changes = [
    { code: "y" },
    { files: [] },
    { files: [{ path: "a", content: "c" }] },
    { environment: { A: "2" } },
    { timeout_seconds: 9 },
  ];
  for (const change of changes) {
    const { status, json } = await send({ ...body, ...change }, "key");
    assert.deepEqual([status, json.code], [422, "idempotency_key_reused"]);
  }
  assert.notDeepEqual((await send(body, "other")).json, first.json);
  for (const key of ["a b", "é", "x".repeat(256)]) {
    const { status, json } = await send(body, key);
    assert.deepEqual([status, json.code], [422, "validation_failed"], key);
  }
  const types = surface.application.auditLog.events.map(({ type }) => type);
  assert.equal(types.filter((type) => type === "execution_queued").length, 2);
});

Deno.test("POST /api/v1/executions refuses at once what could never be run [B7, S14]", async () => {
  await using surface = new HttpSurface();
  const bodies = [{ code: "" }, { code: "x", limits: { memory_mb: 9999 } }, {
    code: "x",
    files: [{ path: "../a", content: "" }],
  }];
  for (const body of bodies) {
    const { status, json } = await surface.post(EXECUTIONS, body);
    assert.deepEqual([status, json.code], [422, "validation_failed"]);
  }
});

Deno.test("POST /api/v1/executions refuses a user past the quota, and nobody else [B7, S30]", async () => {
  await using surface = new HttpSurface();
  const paths: string[] = [];
  for (let n = 0; n < FAKE_QUOTA; n++) paths.push(await queued(surface, `${n}`));
  const refused = await surface.post(EXECUTIONS, { code: "x" });
  const { code, in_hand, allowed } = refused.json;
  assert.deepEqual([refused.status, code, in_hand, allowed], [
    429,
    "too_many_executions",
    FAKE_QUOTA,
    FAKE_QUOTA,
  ]);
  assert.equal(refused.headers.get("retry-after"), "1");
  assert.equal((await surface.post(EXECUTIONS, { code: "x" }, OTHER)).status, 202);
  await surface.send(paths[0] ?? "", { method: "DELETE", headers: DEVELOPER });
  await queued(surface, "x");
});

Deno.test("DELETE /api/v1/executions/{id} ends a waiting and a running run, and leaves an ended one [B7]", async () => {
  await using surface = new HttpSurface();
  const cancel = async (path: string) => {
    const { status, json } = await surface.send(path, { method: "DELETE", headers: DEVELOPER });
    assert.equal(status, 200);
    return json.status;
  };
  const waiting = await queued(surface, "waits");
  assert.equal(await cancel(waiting), "cancelled");
  const { program, started, ended } = endless();
  surface.application.programs.set("runs", program);
  const running = await queued(surface, "runs");
  const last = await queued(surface, "last");
  await using _worker = workOn(surface.application);
  await started;
  assert.equal(await cancel(running), "running");
  await ended;
  await withStatus(surface, running, "cancelled");
  await withStatus(surface, last, "done");
  assert.equal(await cancel(last), "done");
  assert.equal(await cancel(running), "cancelled");
  assert.equal((await get(surface, waiting)).json.status, "cancelled");
});

Deno.test("GET /api/v1/executions/{id} shows a job to its owner and to admins only [B7, S29]", async () => {
  await using surface = new HttpSurface();
  const path = await queued(surface, "x");
  assert.equal((await get(surface, path, ADMIN)).json.status, "queued");
  for (const [suffix, method] of [["", "GET"], ["", "DELETE"], ["/events", "GET"]] as const) {
    const answer = await surface.send(`${path}${suffix}`, { method, headers: OTHER });
    assert.deepEqual([answer.status, answer.json.code], [404, "not_found"], suffix);
  }
  assert.equal((await get(surface, path)).json.status, "queued");
});

Deno.test("GET /api/v1/executions/{id}/events tells of the start, the outputs and the result [B7]", async () => {
  await using surface = new HttpSurface();
  surface.application.programs.set("talk", (_command, _context, watcher) => {
    watcher?.wrote("stdout", "one");
    watcher?.wrote("stderr", "<two>");
    return { stdout: "one", stderr: "<two>" };
  });
  const path = await queued(surface, "talk");
  const stream = await events(surface, path);
  const first = await stream.next();
  assert.deepEqual([first.value?.name, (first.value?.data as { status: string }).status], [
    "status",
    "queued",
  ]);
  await using _worker = workOn(surface.application);
  const rest = await Array.fromAsync(stream);
  const stored = await withStatus(surface, path, "done");
  assert.deepEqual(rest, [
    {
      name: "started",
      data: {
        id: stored.json.id,
        language: "python",
        created_at: "2026-01-01T00:00:00.000Z",
        attempt: 1,
      },
    },
    { name: "stdout", data: { text: "one" } },
    { name: "stderr", data: { text: "<two>" } },
    { name: "result", data: stored.json },
  ]);
  assert.deepEqual(await Array.fromAsync(await events(surface, path)), [
    { name: "result", data: stored.json },
  ]);
});

Deno.test("GET /api/v1/executions/{id}/events tells of output that is left out [B7]", async () => {
  await using surface = new HttpSurface();
  const path = await queued(surface, "x");
  surface.application.jobs.watch = async function* () {
    yield await Promise.resolve({ kind: "omitted", bytes: 7 });
    yield { kind: "wrote", stream: "stderr", text: "rest" };
    await surface.application.jobs.cancel(path.slice(-36));
  };
  const [, ...told] = await Array.fromAsync(await events(surface, path));
  assert.deepEqual(told.slice(0, 2), [
    { name: "omitted", data: { bytes: 7 } },
    { name: "stderr", data: { text: "rest" } },
  ]);
});

Deno.test("GET /api/v1/executions/{id}/events ends with where a cancelled run stands [B7]", async () => {
  await using surface = new HttpSurface();
  const path = await queued(surface, "x");
  const stream = await events(surface, path);
  await stream.next();
  const rest = Array.fromAsync(stream);
  await surface.send(path, { method: "DELETE", headers: DEVELOPER });
  const last = (await rest).map(({ name, data }) => [name, (data as { status: string }).status]);
  assert.deepEqual(last, [["status", "cancelled"]]);
});

Deno.test("GET /api/v1/executions/{id}/events is refused past 20 at once, and ends with the token [B7, S27, S30]", async () => {
  await using surface = new HttpSurface();
  const path = await queued(surface, "x");
  const streams = [];
  for (let n = 0; n < WATCHED_PER_USER; n++) streams.push(await events(surface, path, WATCHER));
  const watch = { headers: { ...WATCHER, accept: "text/event-stream" } };
  const { status, json } = await surface.send(`${path}/events`, watch);
  const { code, in_hand, allowed } = json;
  assert.deepEqual([status, code, in_hand, allowed], [429, "too_many_executions", 20, 20]);
  const ends = streams.map((stream) => Array.fromAsync(stream));
  await surface.application.revokedTokens.revoke("watcher-jti", null);
  for (const [first, last, ...more] of await Promise.all(ends)) {
    assert.deepEqual([first?.name, last?.name, more], ["status", "problem", []]);
    assert.equal((last?.data as Problem).code, "token_revoked");
  }
  await (await events(surface, path)).return(undefined);
});

Deno.test("DELETE /api/v1/executions/{id} of a run whose record is on its way cancels nothing [B7, S29]", async () => {
  await using surface = new HttpSurface();
  const path = await queued(surface, "x");
  await using _worker = workOn(surface.application);
  await withStatus(surface, path, "done");
  surface.application.records.clear();
  const { status, json } = await surface.send(path, { method: "DELETE", headers: DEVELOPER });
  assert.deepEqual([status, json.status], [200, "running"]);
  const types = surface.application.auditLog.events.map(({ type }) => type);
  assert.equal(types.includes("execution_cancelled"), false);
});

Deno.test("GET /api/v1/executions/dead shows admins what could not be run, and why [B7]", async () => {
  await using surface = new HttpSurface();
  const findings = [{ rule: "eval-call", line: 1, column: 1, message: "'eval'" }] as const;
  surface.application.programs.set("bad", () => {
    throw new DomainError({ code: "code_rejected", findings });
  });
  const path = await queued(surface, "bad");
  await using _worker = workOn(surface.application);
  const { json: standing } = await withStatus(surface, path, "dead");
  const { code, policy_findings, instance, correlation_id } = standing.problem as Problem;
  assert.deepEqual([code, policy_findings, instance], ["code_rejected", findings, path]);
  const { json } = await get(surface, `${EXECUTIONS}/dead?limit=10`, ADMIN);
  assert.deepEqual(json.executions, [{ ...standing, user_id: "dan", correlation_id }]);
  assert.equal((await get(surface, `${EXECUTIONS}/dead?limit=0`, ADMIN)).status, 422);
});

Deno.test("DELETE /api/v1/executions/dead is a method that the path does not have [B7, S35]", async () => {
  await using surface = new HttpSurface();
  const answer = await surface.send(`${EXECUTIONS}/dead`, { headers: ADMIN, method: "DELETE" });
  const { status, json } = answer;
  assert.deepEqual([status, json.code], [405, "method_not_allowed"]);
  assert.equal(answer.headers.get("allow"), "GET, HEAD");
});
