import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { runTask, startService, temporaryFolder } from "../fixtures/service.ts";
import { CLAIMS, ISSUER_FORGE, PUBLIC_JWK, PUBLIC_PEM } from "../fixtures/token_forge.ts";

/** Claims that are good for an hour from now. */
function claimsNow(changes: Record<string, unknown> = {}) {
  const now = Math.floor(Date.now() / 1000);
  return { ...CLAIMS, jti: crypto.randomUUID(), iat: now, nbf: now, exp: now + 3600, ...changes };
}

function idIn(token: string): string {
  const claims = token.split(".")[1] ?? "";
  return JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(claims, {
    alphabet: "base64url",
  }))).jti;
}

Deno.test("a revoked token is refused at once, and after a kill -9 right behind the answer [S27]", async () => {
  await using folder = await temporaryFolder();
  const settings = { DATA_DIR: folder.path };
  await using first = await startService(settings);
  const dan = await first.tokenFor("dan", "developer");
  const eve = await first.tokenFor("eve", "viewer");
  assert.equal((await first.get("/status", { token: dan })).status, 200);
  const path = "/api/v1/tokens/revoke";
  assert.equal((await first.post(path, { jti: idIn(dan) }, { token: eve })).status, 403);
  assert.equal((await first.post(path, { jti: idIn(dan) })).status, 204);
  assert.equal((await first.get("/status", { token: dan })).json.code, "token_revoked");
  assert.equal((await first.post(path, { jti: idIn(eve) }, { token: eve })).status, 204);
  await first.kill();
  await using second = await startService(settings);
  for (const token of [dan, eve]) {
    const { status, json } = await second.get("/status", { token });
    assert.deepEqual([status, json.code], [401, "token_revoked"]);
  }
  const another = await second.tokenFor("dan", "developer");
  assert.equal((await second.get("/status", { token: another })).status, 200);
});

Deno.test("a service of an issuer's key set takes its tokens, also while the issuer is away [S27]", async () => {
  await using stack = new AsyncDisposableStack();
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const issuer = Deno.serve(options, () => Response.json({ keys: [PUBLIC_JWK] }));
  let isAway = false;
  stack.defer(() => isAway ? undefined : issuer.shutdown());
  const JWKS_URL = `http://127.0.0.1:${issuer.addr.port}/keys`;
  await using service = await startService({ JWKS_URL, LOG_FORMAT: "json" }, {
    printsToken: false,
  });
  assert.doesNotMatch(service.output, /eyJ/);
  const token = ISSUER_FORGE.token(claimsNow());
  assert.equal((await service.get("/status", { token })).status, 200);
  isAway = true;
  await issuer.shutdown();
  const next = ISSUER_FORGE.token(claimsNow());
  assert.equal((await service.get("/status", { token: next })).status, 200);
  // Issuers may write times with fractions: such a token can be revoked like any other.
  const exp = Date.now() / 1000 + 3600.1234567;
  const split = ISSUER_FORGE.token(claimsNow({ exp }));
  const path = "/api/v1/tokens/revoke";
  assert.equal((await service.post(path, { jti: idIn(split) }, { token: split })).status, 204);
  assert.equal((await service.get("/status", { token: split })).json.code, "token_revoked");
  const forged = ISSUER_FORGE.token(claimsNow(), { ...ISSUER_FORGE.header, kid: "another" });
  assert.equal((await service.get("/status", { token: forged })).status, 401);
});

Deno.test("a service whose issuer is away from the start says 503, until it is there [S27]", async () => {
  await using folder = await temporaryFolder();
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr;
  probe.close();
  const JWKS_URL = `http://127.0.0.1:${port}/keys`;
  const settings = { JWKS_URL, DATA_DIR: folder.path };
  await using service = await startService(settings, { printsToken: false });
  const token = ISSUER_FORGE.token(claimsNow());
  const { status, json, headers } = await service.get("/status", { token });
  assert.deepEqual([status, json.dependency], [503, "the issuer's keys"]);
  assert.equal(headers.get("retry-after"), "2");
  const options = { hostname: "127.0.0.1", port, onListen: () => {} };
  const issuer = Deno.serve(options, () => Response.json({ keys: [PUBLIC_JWK] }));
  try {
    await eventually("the issuer's keys", async () => {
      const { status } = await service.get("/status", { token });
      return status === 200 ? true : null;
    });
  } finally {
    await issuer.shutdown();
  }
});

Deno.test("production takes a public key's file, and makes no tokens of its own [S27, S28]", async () => {
  await using folder = await temporaryFolder();
  const JWT_PUBLIC_KEY_FILE = `${folder.path}/issuer.pem`;
  await Deno.writeTextFile(JWT_PUBLIC_KEY_FILE, PUBLIC_PEM);
  const settings = { ENVIRONMENT: "production", JWT_PUBLIC_KEY_FILE };
  await using service = await startService(settings, { printsToken: false });
  const token = ISSUER_FORGE.token(claimsNow());
  assert.equal((await service.get("/status", { token })).status, 200);
  const made = await runTask(["token", "--user", "ada", "--role", "admin"], settings);
  assert.equal(made.code, 1);
  assert.match(made.stderr, /Cannot make a token: the issuer of JWKS_URL or JWT_PUBLIC_KEY_FILE/);
});

Deno.test("development makes a secret, mode 0600, and production does not start without one [S28]", async () => {
  await using folder = await temporaryFolder();
  const DATA_DIR = folder.path;
  {
    await using service = await startService({ DATA_DIR });
    assert.equal((await service.get("/status")).status, 200);
  }
  const { mode } = await Deno.stat(`${DATA_DIR}/jwt_secret`);
  assert.equal((mode ?? 0) & 0o777, 0o600);
  const { code, stderr } = await runTask(["start"], {
    DATA_DIR,
    ENVIRONMENT: "production",
    PORT: "0",
  });
  assert.equal(code, 1);
  assert.match(stderr, /Cannot start: 1 setting is wrong: JWT_SECRET or JWKS_URL or/);
});
