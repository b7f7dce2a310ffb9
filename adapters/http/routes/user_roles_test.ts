import assert from "node:assert/strict";
import { ODD_USERS } from "../../../tests/contracts/role_store.ts";
import { type Answer, HttpSurface } from "../../../tests/fakes/http_surface.ts";

const ADMIN = { authorization: "Bearer admin-token", "content-type": "application/json" };

function pathOf(user: string): string {
  return `/api/v1/users/${encodeURIComponent(user)}/roles`;
}

function change(
  surface: HttpSurface,
  method: "PUT" | "POST",
  user: string,
  body: unknown,
): Promise<Answer> {
  return surface.send(pathOf(user), { method, headers: ADMIN, body: JSON.stringify(body) });
}

Deno.test("PUT replaces the roles of a user, POST adds to them, GET tells them [S29]", async () => {
  await using surface = new HttpSurface();
  const get = async () => (await surface.send(pathOf("bob"), { headers: ADMIN })).json;
  assert.deepEqual(await get(), { user_id: "bob", roles: [], source: "unknown" });
  const put = await change(surface, "PUT", "bob", { roles: ["developer"] });
  assert.deepEqual([put.status, put.json], [200, {
    user_id: "bob",
    roles: ["developer"],
    source: "stored",
  }]);
  await change(surface, "POST", "bob", { roles: ["viewer", "developer"] });
  assert.deepEqual(await get(), {
    user_id: "bob",
    roles: ["viewer", "developer"],
    source: "stored",
  });
  await change(surface, "PUT", "bob", { roles: [] });
  assert.deepEqual(await get(), { user_id: "bob", roles: [], source: "stored" });
});

Deno.test("GET of oneself tells the token's roles until others are stored [S29]", async () => {
  await using surface = new HttpSurface();
  const headers = { authorization: "Bearer viewer-token" };
  const get = async () => (await surface.send(pathOf("vera"), { headers })).json;
  assert.deepEqual(await get(), { user_id: "vera", roles: ["viewer"], source: "token" });
  await change(surface, "PUT", "vera", { roles: ["developer"] });
  assert.deepEqual(await get(), { user_id: "vera", roles: ["developer"], source: "stored" });
});

Deno.test("the last admin is not removed: 409 until another is stored [S29]", async () => {
  await using surface = new HttpSurface();
  for (const method of ["PUT", "POST"] as const) {
    const refused = await change(surface, method, "ada", { roles: ["viewer"] });
    assert.deepEqual([refused.status, refused.json.code], [409, "last_admin"]);
  }
  assert.equal((await change(surface, "PUT", "bob", { roles: ["admin"] })).status, 200);
  assert.equal((await change(surface, "PUT", "bob", { roles: ["viewer"] })).status, 409);
  assert.equal((await change(surface, "PUT", "ada", { roles: ["viewer"] })).status, 200);
});

Deno.test("users of every odd name are told apart in the path [S29]", async () => {
  await using surface = new HttpSurface();
  for (const [at, user] of ODD_USERS.entries()) {
    const roles = at % 2 === 0 ? ["viewer"] : ["developer"];
    assert.equal((await change(surface, "PUT", user, { roles })).status, 200, user);
  }
  for (const [at, user] of ODD_USERS.entries()) {
    const { json } = await surface.send(pathOf(user), { headers: ADMIN });
    const roles = at % 2 === 0 ? ["viewer"] : ["developer"];
    assert.deepEqual(json, { user_id: user, roles, source: "stored" });
  }
});

Deno.test("ids that no token can have, or that are not well encoded, are refused [S29]", async () => {
  await using surface = new HttpSurface();
  const ask = async (id: string) => {
    const { status, json } = await surface.send(`/api/v1/users/${id}/roles`, { headers: ADMIN });
    return [status, json.code];
  };
  assert.deepEqual(await ask("x".repeat(257)), [422, "validation_failed"]);
  for (const id of ["", "%ff", "%", "a%zz", "%C3", "%ED%A0%80", "%2e%2Fa"]) {
    assert.deepEqual(await ask(id), [400, "malformed_request"], id);
  }
});

Deno.test("roles that are none are refused with 422, and change nothing [S29]", async () => {
  await using surface = new HttpSurface();
  const bodies = [
    {},
    { roles: "admin" },
    { roles: ["root"] },
    { roles: ["Admin"] },
    { roles: ["viewer", "viewer", "viewer", "viewer"] },
    { roles: ["admin"], user: "eve" },
    ["admin"],
    null,
  ];
  for (const body of bodies) {
    for (const method of ["PUT", "POST"] as const) {
      const { status, json } = await change(surface, method, "bob", body);
      assert.deepEqual([status, json.code], [422, "validation_failed"], JSON.stringify(body));
    }
  }
  assert.equal(await surface.application.roles.rolesOf("bob"), null);
});
