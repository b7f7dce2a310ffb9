import assert from "node:assert/strict";
import { type Answer, HttpSurface } from "../../../tests/fakes/http_surface.ts";

const HEADERS = { authorization: "Bearer admin-token", "content-type": "application/json" };
const LIST = "/api/v1/circuit_breakers";

type Wire = Readonly<Record<string, unknown>>;

async function listed(surface: HttpSurface): Promise<readonly Wire[]> {
  const answer = await surface.send(LIST, { headers: HEADERS });
  assert.equal(answer.status, 200);
  return answer.json.circuit_breakers as readonly Wire[];
}

function change(surface: HttpSurface, name: string, body: unknown): Promise<Answer> {
  const init = { method: "POST", headers: HEADERS, body: JSON.stringify(body) };
  return surface.send(`${LIST}/${name}`, init);
}

/** Calls through the fake's breaker, each of which fails. */
async function fail(surface: HttpSurface, times: number): Promise<void> {
  const breaker = surface.application.breakers.getOrCreate("graph_read");
  for (let call = 0; call < times; call += 1) {
    await breaker.call(() => Promise.reject(new Error("broken"))).catch(() => {});
  }
}

Deno.test("GET lists every breaker with what it has counted [S2]", async () => {
  await using surface = new HttpSurface();
  const untouched = {
    name: "graph_read",
    state: "closed",
    failure_threshold: 5,
    success_threshold: 2,
    timeout_seconds: 60,
    half_open_max_calls: 3,
    calls: { total: 0, successful: 0, failed: 0, rejected: 0, ignored: 0 },
    transitions: [],
    last_failure_at: null,
    last_success_at: null,
    retry_after_seconds: 0,
  };
  assert.deepEqual(await listed(surface), [untouched]);
  surface.application.breakers.getOrCreate("graph_write");
  await fail(surface, 6);
  const [read, write] = await listed(surface);
  assert.deepEqual(read, {
    ...untouched,
    state: "open",
    calls: { total: 6, successful: 0, failed: 5, rejected: 1, ignored: 0 },
    transitions: [{ from: "closed", to: "open", count: 1 }],
    last_failure_at: "2026-01-01T00:00:00.000Z",
    retry_after_seconds: 60,
  });
  assert.deepEqual(write, { ...untouched, name: "graph_write" });
});

Deno.test("POST opens, disables and resets a breaker, and answers how it stands [B1, S2]", async () => {
  await using surface = new HttpSurface();
  for (
    const [action, state] of [["open", "forced_open"], ["disable", "disabled"], ["reset", "closed"]]
  ) {
    const { status, json } = await change(surface, "graph_read", { action });
    assert.deepEqual([status, json.name, json.state], [200, "graph_read", state]);
    assert.equal((await listed(surface))[0]?.state, state);
  }
  await fail(surface, 5);
  assert.equal((await listed(surface))[0]?.state, "open");
  assert.equal((await change(surface, "graph_read", { action: "reset" })).json.state, "closed");
});

Deno.test("POST refuses actions that are none and breakers that are not there [B1]", async () => {
  await using surface = new HttpSurface();
  for (const body of [{}, { action: "close" }, { action: "reset", all: true }, [], null, "reset"]) {
    const { status, json } = await change(surface, "graph_read", body);
    assert.deepEqual([status, json.code], [422, "validation_failed"], JSON.stringify(body));
  }
  for (const name of ["graph", "GRAPH_READ", "__proto__", "constructor", "a%20b", "%3Cb%3E"]) {
    const { status, json } = await change(surface, name, { action: "open" });
    assert.deepEqual([status, json.code], [404, "not_found"], name);
  }
  const long = await change(surface, "x".repeat(65), { action: "open" });
  assert.deepEqual([long.status, long.json.code], [422, "validation_failed"]);
  assert.equal((await listed(surface))[0]?.state, "closed");
});

Deno.test("POST tells the audit who did it, also of a reset that finds the breaker closed [B1, S33]", async () => {
  await using surface = new HttpSurface();
  for (const action of ["open", "reset", "reset"]) await change(surface, "graph_read", { action });
  await surface.application.audit.close();
  const told = surface.application.auditLog.events
    .filter(({ type }) => type === "circuit_breaker_changed")
    .map(({ userId, details }) => [userId, details]);
  const breaker = "graph_read";
  assert.deepEqual(told, [
    ["ada", { breaker, from: "closed", to: "forced_open", cause: "admin" }],
    ["ada", { breaker, from: "forced_open", to: "closed", cause: "admin" }],
    ["ada", { breaker, from: "closed", to: "closed", cause: "admin" }],
  ]);
});

Deno.test("GET /status shows the breakers to any token [S2]", async () => {
  await using surface = new HttpSurface();
  await fail(surface, 5);
  const headers = { authorization: "Bearer viewer-token" };
  const { json } = await surface.send("/status", { headers });
  assert.deepEqual((json.breakers as Wire[]).map(({ name, state }) => [name, state]), [
    ["graph_read", "open"],
  ]);
});
