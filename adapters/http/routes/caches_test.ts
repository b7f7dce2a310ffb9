import assert from "node:assert/strict";
import { HttpSurface } from "../../../tests/fakes/http_surface.ts";

const ADMIN = { headers: { authorization: "Bearer admin-token" } };
const EXECUTE = "/api/v1/execute_code";

function executionsOf(json: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> {
  return (json.caches as { readonly executions: Record<string, number> }).executions;
}

Deno.test("GET /api/v1/cache tells how each cache fares, and DELETE empties them [S23]", async () => {
  await using surface = new HttpSurface();
  for (const code of ["a", "a", "b"]) await surface.post(EXECUTE, { code, cache: true });
  const before = await surface.send("/api/v1/cache", ADMIN);
  const { size, hits, misses, hit_rate, loads, utilization } = executionsOf(before.json);
  assert.deepEqual([size, hits, misses, loads, utilization], [2, 1, 2, 2, 0.2]);
  assert.equal(hit_rate, 1 / 3);
  const cleared = await surface.send("/api/v1/cache", { method: "DELETE", ...ADMIN });
  assert.deepEqual([cleared.status, cleared.json], [200, { entries: 2 }]);
  const after = executionsOf((await surface.send("/api/v1/cache", ADMIN)).json);
  assert.deepEqual([after.size, after.invalidations, after.hits], [0, 2, 1]);
  const again = await surface.post(EXECUTE, { code: "a", cache: true });
  assert.equal(again.json.cached, false);
});

Deno.test("DELETE /api/v1/cache is an event of the audit, and nobody's but an admin's [S23, S33, S29]", async () => {
  await using surface = new HttpSurface();
  const headers = { authorization: "Bearer developer-token" };
  const refused = await surface.send("/api/v1/cache", { method: "DELETE", headers });
  assert.deepEqual([refused.status, refused.json.code], [403, "forbidden"]);
  await surface.send("/api/v1/cache", { method: "DELETE", ...ADMIN });
  const told = surface.application.auditLog.events
    .filter(({ type }) => type === "cache_cleared")
    .map(({ userId, details }) => [userId, details]);
  assert.deepEqual(told, [["ada", { entries: 0 }]]);
  await surface.application.auditLog[Symbol.asyncDispose]();
  const untold = await surface.send("/api/v1/cache", { method: "DELETE", ...ADMIN });
  assert.deepEqual([untold.status, untold.json.code], [503, "dependency_unavailable"]);
});

Deno.test("POST /api/v1/execute_code with cache answers by the same caller's earlier run, and no other's [S23, B5]", async () => {
  await using surface = new HttpSurface();
  let runs = 0;
  surface.application.programs.set("count", () => ({ stdout: `${runs += 1}` }));
  const ask = async (cache: boolean, token = "developer-token") => {
    const headers = { authorization: `Bearer ${token}` };
    const { json } = await surface.post(EXECUTE, { code: "count", cache }, headers);
    return [json.stdout, json.cached, json.id] as const;
  };
  const [, , id] = await ask(true);
  assert.deepEqual(await ask(true), ["1", true, id]);
  assert.deepEqual((await ask(false)).slice(0, 2), ["2", false]);
  assert.deepEqual(await ask(true), ["1", true, id]);
  assert.deepEqual((await ask(true, "other-token")).slice(0, 2), ["3", false]);
  const stored = await surface.send(`/api/v1/executions/${id}`, {
    headers: { authorization: "Bearer developer-token" },
  });
  assert.deepEqual([stored.status, stored.json.stdout, stored.json.cached], [200, "1", false]);
});

Deno.test("POST /api/v1/execute_code streams an earlier run as its start and its result [S23, B5]", async () => {
  await using surface = new HttpSurface();
  const body = { code: "hello", cache: true };
  const { json } = await surface.post(EXECUTE, body);
  const { status, text } = await surface.post(EXECUTE, body, { accept: "text/event-stream" });
  assert.equal(status, 200);
  assert.deepEqual(text.match(/^event: .+$/gm), ["event: started", "event: result"]);
  const [started, result] = Array.from(text.matchAll(/^data: (.+)$/gm), ([, data = ""]) => {
    return JSON.parse(data) as Record<string, unknown>;
  });
  assert.deepEqual([started?.id, result?.id, result?.cached], [json.id, json.id, true]);
});

Deno.test("POST /api/v1/execute_code refuses a cache that is neither true nor false [S35]", async () => {
  await using surface = new HttpSurface();
  for (const cache of ["yes", 1, null]) {
    const answer = await surface.post(EXECUTE, { code: "a", cache });
    assert.deepEqual([answer.status, answer.json.code], [422, "validation_failed"]);
  }
});
