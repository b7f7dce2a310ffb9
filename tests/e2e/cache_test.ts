import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { type StartedService, startService } from "../fixtures/service.ts";

/** Another output each time that it is run. */
const CHANCE = "import secrets; print(secrets.token_hex(16))";

async function ask(service: StartedService, token: string, body: object = {}) {
  const answer = await service.execute({ code: CHANCE, cache: true, ...body }, { token });
  assert.equal(answer.status, 200, answer.text);
  const { id, stdout, cached, created_at } = answer.json;
  return { id, stdout, cached, created_at };
}

Deno.test("execute_code with cache runs once for one caller, until the cache is emptied [S23, S13]", async () => {
  await using service = await startService();
  const dan = await service.tokenFor("dan", "developer");
  const first = await ask(service, dan);
  assert.equal(first.cached, false);
  assert.deepEqual(await ask(service, dan), { ...first, cached: true });
  const stored = await service.get(`/api/v1/executions/${first.id}`, { token: dan });
  assert.deepEqual([stored.status, stored.json.stdout], [200, first.stdout]);
  const differently = [{ cache: false }, { stdin: "x" }, { limits: { memory_mb: 100 } }];
  for (const body of differently) {
    const other = await ask(service, dan, body);
    assert.deepEqual([other.cached, other.stdout === first.stdout], [false, false]);
  }
  assert.notEqual((await ask(service, service.token)).stdout, first.stdout);
  assert.equal((await ask(service, dan)).cached, true);
  const cleared = await service.send("/api/v1/cache", { method: "DELETE" });
  assert.equal(cleared.status, 200, cleared.text);
  assert.equal((await ask(service, dan)).cached, false);
});

Deno.test("runs that are asked for at once with cache are one run, and take one place [S23, S30]", async () => {
  await using service = await startService({ EXECUTION_PER_USER: "1" });
  const code = `import time; time.sleep(0.5)\n${CHANCE}`;
  const asked = await Promise.all(
    Array.from({ length: 20 }, () => ask(service, service.token, { code })),
  );
  assert.equal(new Set(asked.map(({ stdout }) => stdout)).size, 1);
  assert.equal(asked.filter(({ cached }) => !cached).length, 1);
  const metrics = (await service.get("/metrics", { token: null })).text;
  assert.match(metrics, /^ultimate_mcp_code_executions_total\{status="total"\} 1$/m);
  const operation = (name: string) =>
    Number(
      RegExp(`operations_total\\{cache="executions",operation="${name}",tier="l1"\\} (\\d+)`)
        .exec(metrics)?.[1],
    );
  assert.equal(operation("load"), 1);
  assert.equal(operation("hit") + operation("load_shared"), 19);
});

Deno.test("CACHE_TTL_SECONDS bounds how long a run is remembered [S23]", async () => {
  await using service = await startService({ CACHE_TTL_SECONDS: "1" });
  const first = await ask(service, service.token);
  const later = await eventually("another run", async () => {
    const found = await ask(service, service.token);
    if (!found.cached) return found;
    assert.equal(found.stdout, first.stdout);
    return null;
  });
  assert.notEqual(later.stdout, first.stdout);
});

Deno.test("CACHE_MAX_SIZE bounds what is remembered [S23]", async () => {
  await using service = await startService({ CACHE_MAX_SIZE: "2" });
  for (const name of ["a", "b", "c"]) await ask(service, service.token, { args: [name] });
  assert.equal((await ask(service, service.token, { args: ["c"] })).cached, true);
  assert.equal((await ask(service, service.token, { args: ["a"] })).cached, false);
  const { json } = await service.get("/api/v1/cache");
  const { executions } = json.caches as { readonly executions: Record<string, number> };
  assert.deepEqual([executions.max_size, executions.size, executions.evictions], [2, 2, 2]);
});
