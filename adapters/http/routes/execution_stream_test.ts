import assert from "node:assert/strict";
import { DomainError } from "../../../domain/errors.ts";
import { endless } from "../../../tests/fakes/fake_application.ts";
import { HttpSurface } from "../../../tests/fakes/http_surface.ts";
import { eventsIn } from "../../../tests/fixtures/events.ts";

const PEER = { remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 } } as const;

function asking(body: object, accept = "text/event-stream"): Request {
  return new Request("http://localhost/api/v1/execute_code", {
    method: "POST",
    headers: {
      authorization: "Bearer developer-token",
      "content-type": "application/json",
      accept,
    },
    body: JSON.stringify(body),
  });
}

Deno.test("POST /api/v1/execute_code streams the start, the outputs and the result [B5]", async () => {
  await using surface = new HttpSurface();
  surface.application.programs.set("talk", async (_command, _context, watcher) => {
    await watcher?.wrote("stdout", "one");
    await watcher?.wrote("stderr", "<two>");
    return { stdout: "one", stderr: "<two>" };
  });
  const response = await surface.fetch(asking({ code: "talk" }), PEER);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.match(response.headers.get("x-correlation-id") ?? "", /^made-id/);
  const events = await Array.fromAsync(eventsIn(response.body));
  const [id] = surface.application.records.keys();
  assert.deepEqual(events.slice(0, 3), [
    {
      name: "started",
      data: { id, language: "python", created_at: "2026-01-01T00:00:00.000Z" },
    },
    { name: "stdout", data: { text: "one" } },
    { name: "stderr", data: { text: "<two>" } },
  ]);
  const stored = await surface.send(`/api/v1/executions/${id}`, {
    headers: { authorization: "Bearer developer-token" },
  });
  assert.deepEqual(events.slice(3), [{ name: "result", data: stored.json }]);
});

Deno.test("POST /api/v1/execute_code answers a refusal before the start as a problem [B5, S35]", async () => {
  await using surface = new HttpSurface();
  const cases = [
    [{ code: "x", language: "ruby" }, 422, "validation_failed"],
    [{ code: "x", limits: { memory_mb: 9999 } }, 422, "validation_failed"],
  ] as const;
  for (const [body, status, code] of cases) {
    const response = await surface.fetch(asking(body), PEER);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.deepEqual([response.status, (await response.json()).code], [status, code]);
  }
});

Deno.test("POST /api/v1/execute_code ends a stream with the problem that befell the run [B5, S35]", async () => {
  await using surface = new HttpSurface();
  const failure = { code: "shutting_down", retryAfterSeconds: 1 } as const;
  surface.application.programs.set("stop", () => Promise.reject(new DomainError(failure)));
  surface.application.programs.set("break", () => Promise.reject(new Error("hunter2")));
  const problems: unknown[] = [];
  for (const code of ["stop", "break"]) {
    const response = await surface.fetch(asking({ code }), PEER);
    const [started, problem, ...rest] = await Array.fromAsync(eventsIn(response.body));
    assert.deepEqual([started?.name, problem?.name, rest], ["started", "problem", []]);
    problems.push([problem?.data.status, problem?.data.code]);
    assert.doesNotMatch(JSON.stringify(problem), /hunter2/);
  }
  assert.deepEqual(problems, [[503, "shutting_down"], [500, "internal"]]);
  const told = surface.lines.filter(({ fields }) => fields.message === "hunter2");
  assert.equal(told.length, 1);
});

Deno.test("POST /api/v1/execute_code ends the run of a stream whose reader leaves [B5]", async () => {
  await using surface = new HttpSurface();
  const { program, started, ended } = endless();
  surface.application.programs.set("wait", program);
  const response = await surface.fetch(asking({ code: "wait" }), PEER);
  await started;
  await response.body?.cancel();
  await ended;
});

Deno.test("POST /api/v1/execute_code answers in the form that its caller likes best [B5]", async () => {
  await using surface = new HttpSurface();
  const [json, events] = ["application/json", "text/event-stream"];
  const cases = [
    ["*/*", json],
    ["application/json, text/event-stream", json],
    ["text/event-stream, */*", events],
    ["text/event-stream, application/json;q=0.5", events],
    ["text/*", events],
    ["text/event-stream;q=0, application/*", json],
    ["TEXT/Event-Stream", events],
  ] as const;
  for (const [accept, type] of cases) {
    const response = await surface.fetch(asking({ code: "x" }, accept), PEER);
    assert.equal(response.headers.get("content-type"), type, accept);
    await response.body?.cancel();
  }
  for (const accept of ["text/html", "text/event-stream;q=0", "application/json;q=0.0"]) {
    const response = await surface.fetch(asking({ code: "x" }, accept), PEER);
    assert.deepEqual([response.status, (await response.json()).code], [406, "not_acceptable"]);
  }
});
