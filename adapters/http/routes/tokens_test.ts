import assert from "node:assert/strict";
import { HttpSurface } from "../../../tests/fakes/http_surface.ts";

const PATH = "/api/v1/tokens/revoke";

function as(who: string): Record<string, string> {
  return { authorization: `Bearer ${who}-token` };
}

Deno.test("POST /api/v1/tokens/revoke revokes one's own token, and any for an admin [S27]", async () => {
  await using surface = new HttpSurface();
  const { revokedTokens } = surface.application;
  const own = await surface.post(PATH, { jti: "viewer-jti" }, as("viewer"));
  assert.equal(own.status, 204);
  assert.equal(own.text, "");
  assert.equal(await revokedTokens.isRevoked("viewer-jti"), true);
  const expires_at = "2030-01-01T00:00:00Z";
  assert.equal((await surface.post(PATH, { jti: "é /x", expires_at }, as("admin"))).status, 204);
  assert.equal(await revokedTokens.isRevoked("é /x"), true);
});

Deno.test("POST /api/v1/tokens/revoke refuses another's token to all but admins [S27, S29]", async () => {
  await using surface = new HttpSurface();
  for (const who of ["viewer", "developer"]) {
    const { status, json } = await surface.post(PATH, { jti: "other" }, as(who));
    assert.equal(status, 403);
    assert.equal(json.permission, "system:admin");
  }
  assert.equal(await surface.application.revokedTokens.isRevoked("other"), false);
  const none = await surface.send(PATH, { method: "POST", body: '{"jti":"viewer-jti"}' });
  assert.equal(none.status, 401);
});

Deno.test("POST /api/v1/tokens/revoke refuses what is no token's id and no time ahead [S27]", async () => {
  await using surface = new HttpSurface();
  const table: readonly [body: unknown, pointer: string][] = [
    [{}, "/jti"],
    [{ jti: "" }, "/jti"],
    [{ jti: 7 }, "/jti"],
    [{ jti: ["a"] }, "/jti"],
    [{ jti: "x".repeat(257) }, "/jti"],
    [{ jti: "a\0b" }, "/jti"],
    [{ jti: "\ud800" }, "/jti"],
    [{ jti: "a", exp: 1 }, "/exp"],
    [{ jti: "a", expires_at: 1_900_000_000 }, "/expires_at"],
    [{ jti: "a", expires_at: "tomorrow" }, "/expires_at"],
    [{ jti: "a", expires_at: "2025-02-30T00:00:00Z" }, "/expires_at"],
    [{ jti: "a", expires_at: "2025-12-31T23:59:59Z" }, "/expires_at"],
  ];
  for (const [body, pointer] of table) {
    const { status, json } = await surface.post(PATH, body, as("admin"));
    assert.equal(status, 422, JSON.stringify(body));
    assert.equal((json.errors as { pointer: string }[])[0]?.pointer, pointer);
  }
  const long = { jti: "a", expires_at: "x".repeat(20_000) };
  assert.equal((await surface.post(PATH, long, as("admin"))).status, 413);
});

Deno.test("a revoked token is answered 401 token_revoked with a challenge [S27]", async () => {
  await using surface = new HttpSurface();
  const answer = await surface.send("/status", { headers: as("revoked") });
  assert.equal(answer.status, 401);
  assert.equal(answer.json.code, "token_revoked");
  assert.match(answer.headers.get("www-authenticate") ?? "", /error="invalid_token"/);
});
