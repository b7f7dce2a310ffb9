import assert from "node:assert/strict";
import { parseNetwork } from "../../../domain/network/address.ts";
import { type Answer, HttpSurface } from "../../../tests/fakes/http_surface.ts";
import { mcpCall } from "../../../tests/fixtures/mcp_message.ts";

interface WireEvent {
  readonly type: string;
  readonly user_id: string | null;
  readonly correlation_id: string | null;
  readonly address: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

function ask(surface: HttpSurface, query = "", token = "admin-token"): Promise<Answer> {
  return surface.send(`/api/v1/audit${query}`, { headers: { authorization: `Bearer ${token}` } });
}

function eventsOf({ json }: Answer): readonly WireEvent[] {
  return json.events as readonly WireEvent[];
}

Deno.test("GET /api/v1/audit answers admins alone, and tells of who else has asked [S33, S29]", async () => {
  await using surface = new HttpSurface();
  for (const token of ["viewer-token", "developer-token"]) {
    const answer = await ask(surface, "", token);
    assert.deepEqual([answer.status, answer.json.code], [403, "forbidden"]);
  }
  assert.equal((await ask(surface, "", "forged")).status, 401);
  assert.equal((await surface.send("/api/v1/audit")).status, 401);
  const answer = await ask(surface);
  assert.equal(answer.status, 200);
  const told = eventsOf(answer).map(({ type, user_id }) => `${type} ${user_id}`).toReversed();
  assert.deepEqual(told, [
    "authentication_succeeded vera",
    "authorisation_refused vera",
    "authentication_succeeded dan",
    "authorisation_refused dan",
    "authentication_failed null",
    "authentication_succeeded ada",
  ]);
  for (const { address, correlation_id } of eventsOf(answer)) {
    assert.equal(address, "127.0.0.1");
    assert.match(String(correlation_id), /^made-id-\d+$/);
  }
});

Deno.test("GET /api/v1/audit tells of its own reading from the next one on [S33]", async () => {
  await using surface = new HttpSurface();
  await ask(surface);
  const [newest] = eventsOf(await ask(surface));
  assert.deepEqual([newest?.type, newest?.user_id, newest?.details], [
    "data_accessed",
    "ada",
    { resource: "audit", owner: null, id: null },
  ]);
});

Deno.test("GET /api/v1/audit finds by each parameter, and pages by its cursor [S33]", async () => {
  await using surface = new HttpSurface();
  const correlation = { "x-correlation-id": "mine-0001" };
  for (const token of ["viewer-token", "developer-token"]) {
    const headers = { authorization: `Bearer ${token}`, ...correlation };
    await surface.send("/api/v1/executions/01890000-0000-7000-8000-000000000001", { headers });
  }
  await ask(surface);
  const found = async (query: string) => eventsOf(await ask(surface, query)).length;
  assert.equal(await found("?user_id=vera"), 1);
  assert.equal(await found("?type=authentication_succeeded"), 3);
  assert.equal(await found("?correlation_id=mine-0001"), 2);
  assert.equal(await found("?correlation_id=mine-0001&user_id=dan"), 1);
  assert.equal(await found("?from=2026-01-01T01:00:00%2B01:00&type=authentication_succeeded"), 3);
  assert.equal(await found("?to=2026-01-01T00:00:00Z"), 0);
  assert.equal(await found("?from=2027-01-01T00:00:00Z"), 0);
  assert.equal(await found("?from=9999-12-31T23:59:59Z"), 0);
  assert.equal(await found("?to=0000-01-01T00:00:00Z"), 0);
  const first = await ask(surface, "?type=authentication_succeeded&limit=2");
  const rest = `?type=authentication_succeeded&limit=2&cursor=${first.json.next_cursor}`;
  const second = await ask(surface, rest);
  assert.equal(second.json.next_cursor, null);
  const users = [...eventsOf(first), ...eventsOf(second)].map(({ user_id }) => user_id);
  assert.deepEqual(users, ["ada", "dan", "vera"]);
});

const WRONG: readonly [query: string, pointer: string][] = [
  ["type=everything", "/type"],
  ["type=", "/type"],
  ["user_id=", "/user_id"],
  [`user_id=${"x".repeat(257)}`, "/user_id"],
  ["correlation_id=a%20b", "/correlation_id"],
  ["from=yesterday", "/from"],
  ["to=2026-13-01T00:00:00Z", "/to"],
  ["from=9999-12-31T23:59:59-23:59", "/from"],
  ["to=0000-01-01T00:00:00%2B00:01", "/to"],
  ["to=2026-01-01", "/to"],
  ["limit=0", "/limit"],
  ["limit=1001", "/limit"],
  ["limit=1.5", "/limit"],
  ["limit=x", "/limit"],
  ["limit=", "/limit"],
  ["limit=1&limit=2", "/limit"],
  ["cursor=", "/cursor"],
  ["cursor=bm9wZQ", "/cursor"],
  ["cursor=%00", "/cursor"],
  ["user=dan", "/user"],
];

for (const [query, pointer] of WRONG) {
  Deno.test(`GET /api/v1/audit refuses '${query.slice(0, 30)}' by its pointer [S33, S35]`, async () => {
    await using surface = new HttpSurface();
    const answer = await ask(surface, `?${query}`);
    assert.deepEqual([answer.status, answer.json.code], [422, "validation_failed"], answer.text);
    const pointers = (answer.json.errors as { pointer: string }[]).map(({ pointer }) => pointer);
    assert.deepEqual(pointers, [pointer]);
  });
}

Deno.test("the HTTP surface gives nobody in whom the audit cannot tell of [S33]", async () => {
  await using surface = new HttpSurface();
  await surface.application.auditLog[Symbol.asyncDispose]();
  const answer = await ask(surface);
  assert.deepEqual([answer.status, answer.json.code], [503, "dependency_unavailable"]);
});

Deno.test("POST /mcp tells the audit of a tool that was refused, once [S33, S29]", async () => {
  await using surface = new HttpSurface();
  const { headers, body } = mcpCall("execute_code", { code: "print(1)" });
  await surface.post("/mcp", body, {
    ...headers,
    authorization: "Bearer viewer-token",
    host: "localhost",
  });
  const told = surface.application.auditLog.events.map(({ type, userId }) => [type, userId]);
  assert.deepEqual(told, [["authentication_succeeded", "vera"], ["authorisation_refused", "vera"]]);
});

Deno.test("GET /api/v1/audit tells changes of roles and revoked tokens, by whom [S33, S29, S27]", async () => {
  await using surface = new HttpSurface();
  const headers = { authorization: "Bearer admin-token" };
  await surface.post("/api/v1/users/bob/roles", { roles: ["viewer"] }, headers);
  await surface.post("/api/v1/tokens/revoke", { jti: "theirs" }, headers);
  const told = eventsOf(await ask(surface)).map(({ type, user_id, details }) =>
    [type, user_id, details] as const
  );
  assert.deepEqual(told.slice(0, 2), [
    ["token_revoked", "ada", { jti: "theirs" }],
    ["role_changed", "ada", { subject: "bob", before: null, after: ["viewer"] }],
  ]);
});

Deno.test("GET /api/v1/audit tells the address that a trusted proxy saw, and no other's word [S33, S30]", async () => {
  const found: unknown[] = [];
  for (const trusted of ["127.0.0.0/8", "10.0.0.0/8"]) {
    const network = parseNetwork(trusted) ?? assert.fail(trusted);
    await using surface = new HttpSurface({ trustedProxies: [network] });
    for (const client of ["192.0.2.7", "2001:db8::7"]) {
      const headers = { authorization: "Bearer forged", "x-forwarded-for": client };
      await surface.send("/status", { headers });
    }
    found.push(eventsOf(await ask(surface, "?type=authentication_failed")).map((e) => e.address));
  }
  assert.deepEqual(found, [["2001:db8::7", "192.0.2.7"], ["127.0.0.1"]]);
});
