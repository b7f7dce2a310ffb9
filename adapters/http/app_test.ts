import assert from "node:assert/strict";
import { wireBreaker } from "../wire/circuit_breakers.ts";
import { PROBLEM_CODES, PROBLEMS } from "../wire/problem_table.ts";
import { endless } from "../../tests/fakes/fake_application.ts";
import { HttpSurface } from "../../tests/fakes/http_surface.ts";

const VIEWER = { authorization: "Bearer viewer-token" };

Deno.test("createHttpApp() gives each answer the id that was sent, or a new one [S34]", async () => {
  await using surface = new HttpSurface();
  const idOf = async (path: string, sent?: string) => {
    const headers = sent === undefined ? {} : { "x-correlation-id": sent };
    return (await surface.send(path, { headers })).headers.get("x-correlation-id");
  };
  for (const path of ["/health", "/nope", "/status", "/problems/internal", "/metrics", "/mcp"]) {
    assert.equal(await idOf(path, "abc-DEF_1.2"), "abc-DEF_1.2", path);
    assert.match(await idOf(path) ?? "", /^made-id-\d+$/, path);
  }
  assert.equal(await idOf("/health", "x".repeat(128)), "x".repeat(128));
  for (const malformed of ["short", "x".repeat(129), "with space", "<script>", "a;b=c;d=e"]) {
    assert.match(await idOf("/health", malformed) ?? "", /^made-id-\d+$/, malformed);
  }
});

Deno.test("createHttpApp() sets the security headers on every answer [S31]", async () => {
  await using surface = new HttpSurface();
  for (const path of ["/health", "/nope", "/status", "/problems/internal", "/openapi.json"]) {
    const { headers } = await surface.send(path);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.match(headers.get("content-security-policy") ?? "", /^default-src 'none'/);
    assert.equal(headers.get("cache-control"), "no-store");
  }
});

Deno.test("createHttpApp() answers 404 to a path that no route has [S35]", async () => {
  await using surface = new HttpSurface();
  for (const path of ["/", "/nope", "/health/", "/HEALTH", "/api/v2/execute_code"]) {
    const answer = await surface.send(path);
    assert.equal(answer.status, 404, path);
    assert.equal(answer.json.code, "not_found");
    assert.equal(answer.json.instance, path);
  }
});

Deno.test("createHttpApp() asks for a token before it says which routes there are [S29]", async () => {
  await using surface = new HttpSurface();
  for (const path of ["/api/v1/nope", "/api/v1/execute_code", "/status", "/mcp"]) {
    assert.equal((await surface.send(path)).status, 401, path);
  }
  assert.equal((await surface.send("/api/v1/nope", { headers: VIEWER })).status, 404);
});

Deno.test("createHttpApp() answers 405 with the methods that a path has [S35]", async () => {
  await using surface = new HttpSurface();
  const cases = [
    ["DELETE", "/health", "GET, HEAD"],
    ["POST", "/problems/internal", "GET, HEAD"],
    ["GET", "/api/v1/execute_code", "POST"],
    ["PUT", "/api/v1/executions/01890000-0000-7000-8000-000000000001", "DELETE, GET, HEAD"],
    ["OPTIONS", "/status", "GET, HEAD"],
  ] as const;
  for (const [method, path, allowed] of cases) {
    const request = new Request(`http://localhost${path}`, { method, headers: VIEWER });
    const remoteAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
    const response = await surface.fetch(request, { remoteAddr });
    assert.equal(response.status, 405, path);
    assert.equal(response.headers.get("allow"), allowed);
    const problem = await response.json();
    assert.equal(problem.code, "method_not_allowed");
    assert.deepEqual(problem.found, [method]);
  }
});

Deno.test("createHttpApp() measures each request by its route's pattern [S37]", async () => {
  await using surface = new HttpSurface();
  const measured = async (path: string, method: string) => {
    const request = new Request(`http://localhost${path}`, { method, headers: VIEWER });
    const remoteAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
    await (await surface.fetch(request, { remoteAddr })).body?.cancel();
    return surface.measurements.splice(0);
  };
  const told = { durationSeconds: 1 };
  const cases = [
    ["/health", "GET", "GET", "/health", 200],
    ["/health", "HEAD", "HEAD", "/health", 200],
    ["/health", "PURGE", "OTHER", "/health", 405],
    ["/health/ready", "GET", "GET", "/health/ready", 200],
    ["/metrics", "GET", "GET", "/metrics", 200],
    ["/api/v1/executions/nope", "GET", "GET", "/api/v1/executions/{id}", 422],
    ["/api/v1/nope", "GET", "GET", "unmatched", 404],
    ["/secret-path", "GET", "GET", "unmatched", 404],
  ] as const;
  for (const [path, sent, method, route, status] of cases) {
    const authenticated = path.startsWith("/api/v1");
    const source = /^\/(health|metrics)/.test(path) ? "probes" : "callers";
    const outcome = status === 200 ? "ok" : "refused";
    const ended = { method, route, status, ...told, outcome, source, authenticated };
    assert.deepEqual(await measured(path, sent), [
      { kind: "http_request_started" },
      ...(authenticated
        ? [{ kind: "auth_decided", result: "ok" }, { kind: "user_seen", user: "vera" }]
        : []),
      { kind: "http_request_finished", ...ended },
    ]);
  }
});

Deno.test("createHttpApp() counts faults of the service and broken connections as failed [S37]", async () => {
  await using surface = new HttpSurface();
  surface.application.programs.set("break", () => Promise.reject(new Error("x")));
  await surface.post("/api/v1/execute_code", { code: "break" });
  const failed = surface.measurements.findLast(({ kind }) => kind === "http_request_finished");
  assert.deepEqual(failed, {
    kind: "http_request_finished",
    method: "POST",
    route: "/api/v1/execute_code",
    status: 500,
    durationSeconds: 1,
    outcome: "failed",
    source: "callers",
    authenticated: true,
  });
});

Deno.test("createHttpApp() answers 499 to a caller that left, and counts it as failed [S35]", async () => {
  await using surface = new HttpSurface();
  const { program, started } = endless();
  surface.application.programs.set("wait", program);
  const caller = new AbortController();
  const request = new Request("http://localhost/api/v1/execute_code", {
    method: "POST",
    headers: { authorization: "Bearer developer-token", "content-type": "application/json" },
    body: '{"code":"wait"}',
    signal: caller.signal,
  });
  const remoteAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
  const answer = surface.fetch(request, { remoteAddr });
  await started;
  caller.abort();
  const response = await answer;
  assert.equal(response.status, 499);
  assert.equal((await response.json()).code, "cancelled");
  const finished = surface.measurements.at(-1);
  assert.ok(finished?.kind === "http_request_finished" && finished.outcome === "left");
});

Deno.test("GET /health and /health/ready tell life and readiness apart [S40]", async () => {
  await using surface = new HttpSurface();
  const { json: alive } = await surface.send("/health");
  assert.deepEqual(alive, { status: "ok", version: "1.2.3", uptime_seconds: 12.5 });
  const ready = await surface.send("/health/ready");
  assert.equal(ready.status, 200);
  assert.deepEqual(ready.json, {
    status: "ready",
    checks: {
      graph: { status: "ready", latency_seconds: 0.002 },
      records: { status: "ready", latency_seconds: 0.001 },
      cache: { status: "ready", latency_seconds: 0 },
      sandbox: { status: "ready", latency_seconds: 0 },
    },
  });
  const sandbox = { status: "degraded", latencySeconds: 0, detail: "bash: none" } as const;
  const { checks } = surface.application.readinessNow;
  surface.application.readinessNow = { status: "degraded", checks: { ...checks, sandbox } };
  assert.equal((await surface.send("/health/ready")).status, 200);
  surface.application.readinessNow = { status: "not_ready", checks: { ...checks, sandbox } };
  const gone = await surface.send("/health/ready");
  assert.equal(gone.status, 503);
  assert.equal(gone.headers.get("retry-after"), "1");
  assert.equal((await surface.send("/health")).status, 200);
});

/** A cache of ten entries that nobody has asked yet. */
const UNASKED_CACHE = {
  size: 0,
  max_size: 10,
  bytes: 0,
  max_bytes: 67_108_864,
  utilization: 0,
  hits: 0,
  misses: 0,
  hit_rate: 0,
  evictions: 0,
  expiries: 0,
  invalidations: 0,
  loads: 0,
  shared_loads: 0,
  errors: 0,
  shared: null,
  average_get_seconds: 0,
  average_set_seconds: 0,
};

Deno.test("GET /status tells any valid token how the service stands [S40]", async () => {
  await using surface = new HttpSurface();
  const { status, json } = await surface.send("/status", { headers: VIEWER });
  assert.equal(status, 200);
  const { breakers, totals, health_history: history, ...shown } = json;
  assert.deepEqual(Object.values(Object(totals)), [9, 1, 5, 2]);
  assert.deepEqual(history, surface.application.status().healthHistory);
  assert.deepEqual(breakers, surface.application.breakers.metrics().map(wireBreaker));
  assert.deepEqual(shown, {
    version: "1.2.3",
    uptime_seconds: 12.5,
    backends: { graph: "embedded", records: "sqlite", cache: "memory" },
    executions: { running: 1, waiting: 2 },
    caches: { executions: UNASKED_CACHE },
    sandbox: {
      runner: "fake",
      ready: true,
      refusal: null,
      layers: ["pid-ns"],
      missing: ["cgroup-memory"],
      unavailable_languages: { bash: { reason: "no bash was found", remedy: "Install bash" } },
      packages: {
        preloaded: ["numpy"],
        not_preloaded: { pandas: { reason: "no numpy", remedy: "Install numpy" } },
      },
    },
    system: {
      cpu_percent: 12.5,
      memory_used_bytes: 1000,
      memory_percent: 50,
      disk_percent: 75,
      load_average: [1, 0.5, 0.25],
    },
  });
});

Deno.test("GET /problems/{code} has a page for every code, inert and plain [S35]", async () => {
  await using surface = new HttpSurface();
  for (const code of PROBLEM_CODES) {
    const { status, headers, text } = await surface.send(`/problems/${code}`);
    assert.equal(status, 200, code);
    assert.match(headers.get("content-type") ?? "", /^text\/html/);
    assert.ok(text.includes(PROBLEMS[code].advice), code);
  }
  assert.equal((await surface.send("/problems/nope")).status, 404);
  assert.equal((await surface.send("/problems/__proto__")).status, 404);
});

const EXECUTE_STATUSES = "200 400 401 403 406 408 413 415 422 429 500 501 503";

Deno.test("GET /openapi.json documents each route with its problems [S36]", async () => {
  await using surface = new HttpSurface();
  const { json } = await surface.send("/openapi.json");
  assert.equal(json.openapi, "3.1.0");
  const paths = json.paths as Record<string, Record<string, { responses: object; security?: [] }>>;
  assert.deepEqual(Object.keys(paths).toSorted(), [
    "/api/v1/audit",
    "/api/v1/cache",
    "/api/v1/circuit_breakers",
    "/api/v1/circuit_breakers/{name}",
    "/api/v1/execute_code",
    "/api/v1/executions",
    "/api/v1/executions/dead",
    "/api/v1/executions/{id}",
    "/api/v1/executions/{id}/events",
    "/api/v1/generate_code",
    "/api/v1/graph/export",
    "/api/v1/graph/import",
    "/api/v1/graph/metrics",
    "/api/v1/graph_delete",
    "/api/v1/graph_query",
    "/api/v1/graph_upsert",
    "/api/v1/lint_code",
    "/api/v1/prompts",
    "/api/v1/prompts/{slug}",
    "/api/v1/run_tests",
    "/api/v1/tokens/revoke",
    "/api/v1/users/{id}/roles",
    "/docs",
    "/docs/{asset}",
    "/health",
    "/health/ready",
    "/mcp",
    "/metrics",
    "/openapi.json",
    "/problems/{code}",
    "/status",
  ]);
  const execute = paths["/api/v1/execute_code"]?.post;
  assert.deepEqual(Object.keys(execute?.responses ?? {}).join(" "), EXECUTE_STATUSES);
  for (const [path, operations] of Object.entries(paths)) {
    const guarded = path.startsWith("/api/v1/") || path === "/status" || path === "/mcp";
    for (const { responses, security } of Object.values(operations)) {
      assert.ok("500" in responses, path);
      assert.equal(guarded, JSON.stringify(security) === '[{"bearer":[]}]', path);
      assert.equal(guarded || path === "/metrics", "401" in responses, path);
    }
  }
  const { schemas, securitySchemes } = json.components as Record<string, Record<string, object>>;
  const referred = JSON.stringify(json).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
  for (const [, name = ""] of referred) assert.ok(schemas?.[name], name);
  assert.deepEqual(Object.keys(securitySchemes ?? {}), ["bearer", "metrics_token"]);
});
