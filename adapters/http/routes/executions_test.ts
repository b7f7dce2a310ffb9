import assert from "node:assert/strict";
import { type Answer, HttpSurface, MAX_BODY_BYTES } from "../../../tests/fakes/http_surface.ts";
import { DomainError } from "../../../domain/errors.ts";

const EXECUTE = "/api/v1/execute_code";

function assertProblem(answer: Answer, status: number, code: string): void {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  assert.equal(answer.json.code, code);
  assert.equal(answer.json.type, `/problems/${code}`);
  assert.equal(answer.json.status, status);
  assert.equal(answer.json.correlation_id, answer.headers.get("x-correlation-id"));
  assert.doesNotMatch(answer.text, /\.ts:\d+|at async/);
}

Deno.test("POST /api/v1/execute_code answers with the record in its wire shape [S21]", async () => {
  await using surface = new HttpSurface();
  const answer = await surface.post(EXECUTE, { code: "print(1)", language: "python" });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.json, {
    id: "01890000-0000-7000-8000-000000000001",
    language: "python",
    outcome: "ok",
    return_code: 0,
    signal: null,
    limit: null,
    stdout: "print(1)",
    stderr: "",
    stdout_truncated: false,
    stderr_truncated: false,
    duration_seconds: 0.011,
    cpu_seconds: 0.008,
    memory_peak_bytes: 9437184,
    queue_seconds: 0,
    files: [],
    files_omitted: [],
    files_omitted_count: 0,
    policy_findings: [],
    isolation: { runner: "fake", layers: ["pid-ns"], missing: ["cgroup-memory"] },
    cached: false,
    created_at: "2026-01-01T00:00:00.000Z",
  });
});

Deno.test("POST /api/v1/execute_code answers 200 for a program that a limit ended [S14]", async () => {
  await using surface = new HttpSurface();
  const ended = {
    outcome: "memory",
    returnCode: 137,
    signal: "SIGKILL",
    limit: "memory_mb",
  } as const;
  surface.application.programs.set("eat", () => ended);
  const { status, json } = await surface.post(EXECUTE, { code: "eat" });
  assert.equal(status, 200);
  assert.deepEqual([json.outcome, json.return_code, json.signal, json.limit], [
    "memory",
    137,
    "SIGKILL",
    "memory_mb",
  ]);
});

Deno.test("POST /api/v1/execute_code answers without live markup [S31]", async () => {
  await using surface = new HttpSurface();
  const code = "<script>alert('&')</script>\u2028\u2029";
  const answer = await surface.post(EXECUTE, { code });
  assert.doesNotMatch(answer.text, /[<>&\u2028\u2029]/);
  assert.equal(answer.json.stdout, code);
  const refused = await surface.post(EXECUTE, { code: "x", "<img>": "<b>" });
  assertProblem(refused, 422, "validation_failed");
  assert.doesNotMatch(refused.text, /[<>&]/);
});

Deno.test("POST /api/v1/execute_code hands the use case principal and correlation id [S34]", async () => {
  await using surface = new HttpSurface();
  const headers = { "x-correlation-id": "client-chosen.1" };
  const { json } = await surface.post(EXECUTE, { code: "x" }, headers);
  const record = surface.application.records.get(String(json.id));
  assert.equal(record?.owner, "dan");
  assert.equal(record?.correlationId, "client-chosen.1");
});

Deno.test("POST /api/v1/execute_code refuses malformed JSON with its position [S35]", async () => {
  await using surface = new HttpSurface();
  const cut = await surface.post(EXECUTE, '{"code": "secret", }');
  assertProblem(cut, 400, "malformed_json");
  assert.match(String(cut.json.detail), /at position 19$/);
  for (const body of ["", "secret", '{"code": "secret']) {
    const answer = await surface.post(EXECUTE, body);
    assertProblem(answer, 400, "malformed_json");
    assert.doesNotMatch(answer.text, /secret/);
  }
});

Deno.test("POST /api/v1/execute_code refuses a body that is not UTF-8 [S35]", async () => {
  await using surface = new HttpSurface();
  const answer = await surface.send(EXECUTE, {
    method: "POST",
    headers: { authorization: "Bearer admin-token", "content-type": "application/json" },
    body: new Uint8Array([0x22, 0xff, 0x22]),
  });
  assertProblem(answer, 400, "malformed_json");
});

Deno.test("POST /api/v1/execute_code refuses what does not fit its schema [S35]", async () => {
  await using surface = new HttpSurface();
  const answer = await surface.post(EXECUTE, { code: "x", language: "ruby", cached: true });
  assertProblem(answer, 422, "validation_failed");
  assert.deepEqual(answer.json.errors, [
    { pointer: "/language", expected: 'one of "python", "javascript", "bash"', found: '"ruby"' },
    {
      pointer: "/cached",
      expected: "absent: there is no field of this name",
      found: "true",
    },
  ]);
  const long = await surface.post(EXECUTE, { code: "x".repeat(1_048_577) });
  assertProblem(long, 422, "validation_failed");
  assert.ok(long.text.length < 1000, "the code is not repeated");
});

Deno.test("POST /api/v1/execute_code refuses a limit above its ceiling [S14]", async () => {
  await using surface = new HttpSurface();
  const asked = { code: "x", timeout_seconds: 61, limits: { memory_mb: 1025 } };
  const answer = await surface.post(EXECUTE, asked);
  assertProblem(answer, 422, "validation_failed");
  assert.deepEqual(answer.json.errors, [
    { pointer: "/timeout_seconds", expected: "a number from 0.5 to 60", found: "61" },
    { pointer: "/limits/memory_mb", expected: "a whole number from 1 to 1024", found: "1025" },
  ]);
});

Deno.test("POST /api/v1/execute_code refuses a body over the cap, announced or not [S35]", async () => {
  await using surface = new HttpSurface();
  const large = " ".repeat(MAX_BODY_BYTES + 1);
  const announced = await surface.post(EXECUTE, large, { "content-length": `${large.length}` });
  assertProblem(announced, 413, "body_too_large");
  assert.equal(announced.json.max_bytes, MAX_BODY_BYTES);
  assertProblem(await surface.post(EXECUTE, large), 413, "body_too_large");
});

Deno.test("POST /api/v1/execute_code stops reading a stream past the cap [S35]", async () => {
  await using surface = new HttpSurface();
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 65_536;
      controller.enqueue(new Uint8Array(65_536).fill(0x20));
    },
  });
  const headers = { authorization: "Bearer admin-token", "content-type": "application/json" };
  const answer = await surface.send(EXECUTE, { method: "POST", headers, body });
  assertProblem(answer, 413, "body_too_large");
  assert.ok(sent <= MAX_BODY_BYTES + 4 * 65_536, `read ${sent} bytes`);
});

Deno.test("POST /api/v1/execute_code refuses another content type [S35]", async () => {
  await using surface = new HttpSurface();
  const refused = [
    { "content-type": "text/plain" },
    { "content-type": "application/json-patch+json" },
    { "content-type": "application/json", "content-encoding": "gzip" },
  ];
  for (const headers of refused) {
    const answer = await surface.post(EXECUTE, { code: "x" }, headers);
    assertProblem(answer, 415, "unsupported_media_type");
  }
  const headers = { "content-type": "application/json; charset=utf-8" };
  assert.equal((await surface.post(EXECUTE, { code: "x" }, headers)).status, 200);
});

Deno.test("POST /api/v1/execute_code refuses a caller that takes no JSON [S35]", async () => {
  await using surface = new HttpSurface();
  for (const accept of ["text/html", "application/json;q=0, text/html"]) {
    const answer = await surface.post(EXECUTE, { code: "x" }, { accept });
    assertProblem(answer, 406, "not_acceptable");
  }
  for (const accept of ["*/*", "text/html, application/*;q=0.8", "Application/JSON"]) {
    assert.equal((await surface.post(EXECUTE, { code: "x" }, { accept })).status, 200);
  }
});

Deno.test("POST /api/v1/execute_code needs a valid token, and says how to get one [S29]", async () => {
  await using surface = new HttpSurface();
  const method = "POST";
  const none = await surface.send(EXECUTE, { method });
  assertProblem(none, 401, "unauthenticated");
  assert.equal(none.headers.get("www-authenticate"), 'Bearer realm="ultimate-mcp"');
  for (const authorization of ["Bearer forged", "Basic YTpi", "Bearer", "Bearer a b"]) {
    const answer = await surface.send(EXECUTE, { method, headers: { authorization } });
    assertProblem(answer, 401, "unauthenticated");
    assert.match(answer.headers.get("www-authenticate") ?? "", /error="invalid_token"/);
  }
  const old = await surface.send(EXECUTE, {
    method,
    headers: { authorization: "Bearer old-token" },
  });
  assertProblem(old, 401, "token_expired");
  assert.equal(old.json.expired_at, "2026-01-01T00:00:00.000Z");
  const lowerCase = { authorization: "bearer developer-token" };
  assert.equal((await surface.post(EXECUTE, { code: "x" }, lowerCase)).status, 200);
});

Deno.test("POST /api/v1/execute_code refuses a role before the body, naming roles [S29]", async () => {
  await using surface = new HttpSurface();
  const headers = { authorization: "Bearer viewer-token" };
  const answer = await surface.post(EXECUTE, "not JSON", headers);
  assertProblem(answer, 403, "forbidden");
  assert.deepEqual(answer.json.found, ["viewer"]);
  assert.deepEqual(answer.json.expected, ["developer", "admin"]);
  assert.equal(answer.json.permission, "tools:execute");
});

Deno.test("POST /api/v1/execute_code says when to try again [S14]", async () => {
  await using surface = new HttpSurface();
  surface.application.programs.set("full", () => {
    throw new DomainError({
      code: "too_many_executions",
      running: 8,
      waiting: 200,
      retryAfterSeconds: 1.2,
    });
  });
  const answer = await surface.post(EXECUTE, { code: "full" });
  assertProblem(answer, 429, "too_many_executions");
  assert.equal(answer.headers.get("retry-after"), "2");
  assert.equal(answer.json.retry_after_seconds, 1.2);
  assert.deepEqual([answer.json.running, answer.json.waiting], [8, 200]);
});

Deno.test("POST /api/v1/execute_code tells an absent interpreter and its remedy [S13]", async () => {
  await using surface = new HttpSurface();
  const remedy = "Install bash";
  surface.application.programs.set("absent", () => {
    throw new DomainError({
      code: "language_unavailable",
      language: "bash",
      reason: "no bash was found",
      remedy,
    });
  });
  const answer = await surface.post(EXECUTE, { code: "absent" });
  assertProblem(answer, 501, "language_unavailable");
  assert.deepEqual([answer.json.language, answer.json.remedy], ["bash", remedy]);
});

Deno.test("POST /api/v1/execute_code tells the log alone what nobody foresaw [S35]", async () => {
  await using surface = new HttpSurface();
  const thrown = [new Error("password=hunter2"), "password=hunter2", undefined];
  for (const value of thrown) {
    surface.application.programs.set("break", () => Promise.reject(value));
    const answer = await surface.post(EXECUTE, { code: "break" });
    assertProblem(answer, 500, "internal");
    assert.doesNotMatch(answer.text, /hunter2/);
    const line = surface.lines.findLast(({ event }) => event === "internal_error");
    assert.equal(line?.fields.correlation_id, answer.json.correlation_id);
    if (value !== undefined) assert.match(JSON.stringify(line), /hunter2/);
  }
});

Deno.test("GET /api/v1/executions/{id} gives a stored result to owner and admin only [S29]", async () => {
  await using surface = new HttpSurface();
  const { json } = await surface.post(EXECUTE, { code: "x" });
  const path = `/api/v1/executions/${json.id}`;
  const get = (token: string) =>
    surface.send(path, { headers: { authorization: `Bearer ${token}` } });
  for (const token of ["developer-token", "admin-token"]) {
    const answer = await get(token);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json, json);
  }
  for (const token of ["other-token", "viewer-token"]) {
    assertProblem(await get(token), 404, "not_found");
  }
});

Deno.test("GET /api/v1/executions/{id} refuses what is no id, and knows no other run [S35]", async () => {
  await using surface = new HttpSurface();
  const headers = { authorization: "Bearer developer-token" };
  const malformed = await surface.send("/api/v1/executions/nope", { headers });
  assertProblem(malformed, 422, "validation_failed");
  const hidden = await surface.send("/api/v1/executions/%00", { headers });
  assertProblem(hidden, 400, "malformed_request");
  const absent = "/api/v1/executions/01890000-0000-7000-8000-00000000ffff";
  assertProblem(await surface.send(absent, { headers }), 404, "not_found");
});
