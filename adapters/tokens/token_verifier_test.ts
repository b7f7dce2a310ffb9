import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { type JWTPayload, SignJWT } from "jose";
import { DomainError } from "../../domain/errors.ts";
import type { Clock } from "../../domain/ports/clock.ts";
import type { TokenVerifier } from "../../domain/ports/token_verifier.ts";
import { MemoryRevokedTokens } from "../memory/revoked_tokens.ts";
import { signToken, type SignTokenOptions } from "./sign_token.ts";
import { secretKeys } from "./token_keys.ts";
import { createTokenVerifier } from "./token_verifier.ts";

const NOW = Date.parse("2026-01-01T00:00:00.000Z");
const NOW_SECONDS = NOW / 1000;
const SECRET = "Jv3p8ZqL0xWc7RtYb2NfKd5MhGs9UeAo";
const AGREED = {
  secret: SECRET,
  issuer: "ultimate-mcp",
  audience: "ultimate-mcp",
  clock: clockAt(NOW),
};
const CLAIMS: JWTPayload = {
  iss: "ultimate-mcp",
  aud: "ultimate-mcp",
  sub: "alice",
  roles: ["developer"],
  iat: NOW_SECONDS,
  nbf: NOW_SECONDS,
  exp: NOW_SECONDS + 60,
};

function clockAt(now: number): Clock {
  return { now: () => now, monotonic: () => 0 };
}

async function verifierOf(clock = AGREED.clock): Promise<TokenVerifier> {
  const revokedTokens = new MemoryRevokedTokens(clock);
  return createTokenVerifier({ ...AGREED, clock, revokedTokens, keys: await secretKeys(SECRET) });
}

function signed(changes: Partial<SignTokenOptions> = {}): Promise<string> {
  return signToken({ ...AGREED, subject: "alice", roles: ["viewer"], ttlSeconds: 60, ...changes });
}

function base64url(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value))
    .toString("base64url");
}

/** A token whose signature is right for its header and claims, however odd these are. */
function forged(claims: unknown, header: object = { alg: "HS256", typ: "JWT" }): string {
  const text = `${base64url(header)}.${base64url(claims)}`;
  return `${text}.${createHmac("sha256", SECRET).update(text).digest("base64url")}`;
}

/** The claims without one of them. */
function without(claim: string): JWTPayload {
  return Object.fromEntries(Object.entries(CLAIMS).filter(([name]) => name !== claim));
}

async function refusalOf(token: string): Promise<DomainError["failure"]> {
  try {
    await (await verifierOf()).verify(token);
  } catch (error) {
    assert.ok(error instanceof DomainError, String(error));
    return error.failure;
  }
  assert.fail(`accepted ${token}`);
}

async function assertRefused(token: string, reason: RegExp): Promise<void> {
  const failure = await refusalOf(token);
  assert.equal(failure.code, "unauthenticated");
  assert.match(failure.code === "unauthenticated" ? failure.reason : "", reason);
}

Deno.test("verify() gives the principal of a token that signToken() made [S27]", async () => {
  const token = await signed({ subject: "bob", roles: ["developer", "admin"] });
  const { jti } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  assert.deepEqual(await (await verifierOf()).verify(token), {
    subject: "bob",
    roles: ["developer", "admin"],
    token: { id: jti, expiresAt: NOW + 60_000 },
  });
});

Deno.test("signToken() puts in typ, jti, iat, nbf and exp, and a new jti each time [S27]", async () => {
  const [first, second] = await Promise.all([signed(), signed()]);
  const [header, claims] = first.split(".").slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
  assert.deepEqual(header, { alg: "HS256", typ: "JWT" });
  assert.match(claims.jti, /^[0-9a-f-]{36}$/);
  assert.deepEqual([claims.iat, claims.nbf, claims.exp], [
    NOW_SECONDS,
    NOW_SECONDS,
    NOW_SECONDS + 60,
  ]);
  assert.notEqual(first, second);
});

Deno.test("verify() ignores unknown roles and takes none for none [S27]", async () => {
  const verifier = await verifierOf();
  const table: readonly [roles: unknown, found: readonly string[]][] = [
    [["root", "viewer", "__proto__", 7, null, "viewer"], ["viewer"]],
    [[], []],
    [undefined, []],
    ["admin", []],
    [{ 0: "admin", length: 1 }, []],
  ];
  for (const [roles, found] of table) {
    const principal = await verifier.verify(forged({ ...CLAIMS, roles }));
    assert.deepEqual(principal.roles, found);
  }
});

Deno.test("verify() refuses 'alg: none' in every spelling [S27]", async () => {
  for (const alg of ["none", "None", "NONE", "nOnE", ""]) {
    const unsigned = `${base64url({ alg, typ: "JWT" })}.${base64url(CLAIMS)}`;
    await assertRefused(`${unsigned}.`, /does not verify|well-formed/);
    await assertRefused(unsigned, /well-formed/);
    await assertRefused(forged(CLAIMS, { alg, typ: "JWT" }), /does not verify|well-formed/);
  }
});

Deno.test("verify() refuses every other algorithm, whatever key made it [S27]", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const rs256 = await new SignJWT(CLAIMS).setProtectedHeader({ alg: "RS256", typ: "JWT" })
    .sign(privateKey);
  await assertRefused(rs256, /signature does not verify/);
  const hs512 = await new SignJWT(CLAIMS).setProtectedHeader({ alg: "HS512", typ: "JWT" })
    .sign(new TextEncoder().encode(SECRET.repeat(2)));
  await assertRefused(hs512, /signature does not verify/);
  const pem = publicKey.export({ type: "spki", format: "pem" });
  const confused = await new SignJWT(CLAIMS).setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(String(pem)));
  await assertRefused(confused, /signature does not verify/);
});

Deno.test("verify() refuses a wrong, altered or stripped signature [S27]", async () => {
  const [header, claims, signature] = (await signed()).split(".") as [string, string, string];
  const other = await signed({ secret: SECRET.split("").reverse().join("") });
  await assertRefused(other, /signature does not verify/);
  const admin = base64url({ ...CLAIMS, roles: ["admin"] });
  await assertRefused(`${header}.${admin}.${signature}`, /signature does not verify/);
  await assertRefused(`${header}.${claims}.`, /signature does not verify|well-formed/);
  await assertRefused(`${header}.${claims}.${signature.slice(0, 40)}`, /signature does not verify/);
  const flipped = (signature.startsWith("A") ? "B" : "A") + signature.slice(1);
  await assertRefused(`${header}.${claims}.${flipped}`, /signature does not verify/);
});

Deno.test("verify() takes no key from the token's header [S27]", async () => {
  const evil = base64url("evil-evil-evil-evil-evil-evil-ev");
  const headers = [
    { alg: "HS256", typ: "JWT", kid: "../../../../dev/null" },
    { alg: "HS256", typ: "JWT", kid: "' UNION SELECT 'evil" },
    { alg: "HS256", typ: "JWT", jwk: { kty: "oct", k: evil } },
    { alg: "HS256", typ: "JWT", jku: "http://127.0.0.1:1/keys" },
  ];
  for (const header of headers) {
    const text = `${base64url(header)}.${base64url(CLAIMS)}`;
    for (const key of ["", "\0", "evil", "evil-evil-evil-evil-evil-evil-ev"]) {
      const signature = createHmac("sha256", key).update(text).digest("base64url");
      await assertRefused(`${text}.${signature}`, /signature does not verify/);
    }
  }
});

Deno.test("verify() refuses an expired token with token_expired [S27]", async () => {
  assert.deepEqual(await refusalOf(forged({ ...CLAIMS, exp: NOW_SECONDS - 5 })), {
    code: "token_expired",
    expiredAt: "2025-12-31T23:59:55.000Z",
  });
  const failure = await refusalOf(forged({ ...CLAIMS, exp: -1e300 }));
  assert.equal(failure.code, "token_expired");
});

Deno.test("verify() allows clocks to differ by 5 s, either way [S27]", async () => {
  const verifier = await verifierOf();
  await verifier.verify(forged({ ...CLAIMS, exp: NOW_SECONDS - 4 }));
  await verifier.verify(forged({ ...CLAIMS, nbf: NOW_SECONDS + 5, iat: NOW_SECONDS + 5 }));
  await assertRefused(forged({ ...CLAIMS, nbf: NOW_SECONDS + 6 }), /not valid yet/);
  await assertRefused(forged({ ...CLAIMS, iat: NOW_SECONDS + 6 }), /'iat' lies in the future/);
});

Deno.test("verify() remembers a token's very text, and only while its times hold [S27]", async () => {
  let now = NOW;
  const verifier = await verifierOf({ now: () => now, monotonic: () => 0 });
  const token = await signed();
  const principal = await verifier.verify(token);
  assert.equal(await verifier.verify(token), principal);
  await assert.rejects(verifier.verify(`${token.slice(0, -2)}AA`), /signature does not verify/);
  now -= 60_000;
  await assert.rejects(verifier.verify(token), /not valid yet/);
  now += 60_000;
  assert.equal(await verifier.verify(token), principal);
});

Deno.test("verify() asks the clock each time [S27]", async () => {
  let now = NOW;
  const verifier = await verifierOf({ now: () => now, monotonic: () => 0 });
  const token = await signed();
  await verifier.verify(token);
  now += 66_000;
  await assert.rejects(verifier.verify(token), /expired at 2026-01-01T00:01:00.000Z/);
});

Deno.test("verify() gives a token's end in whole milliseconds, whatever fraction its exp has [S27]", async () => {
  const verifier = await verifierOf();
  for (const fraction of [0.1234567, 0.5, 1 / 3, 1e-6]) {
    const exp = NOW_SECONDS + 3600 + fraction;
    const { token } = await verifier.verify(forged({ ...CLAIMS, jti: `jti-${fraction}`, exp }));
    const end = token?.expiresAt ?? NaN;
    assert.ok(Number.isSafeInteger(end) && end >= exp * 1000 && end < exp * 1000 + 1, `${end}`);
  }
});

Deno.test("verify() names the claim that is missing [S27]", async () => {
  for (const claim of ["exp", "sub", "iss", "aud"]) {
    await assertRefused(forged(without(claim)), new RegExp(`^the token has no '${claim}'$`));
  }
});

Deno.test("verify() refuses wrong claims, each by name [S27]", async () => {
  const table: readonly [changes: Record<string, unknown>, reason: RegExp][] = [
    [{ iss: "someone-else" }, /'iss'/],
    [{ iss: ["ultimate-mcp"] }, /'iss'/],
    [{ aud: "someone-else" }, /'aud'/],
    [{ aud: [] }, /'aud'/],
    [{ exp: "tomorrow" }, /'exp'/],
    [{ exp: null }, /'exp'/],
    [{ nbf: "now" }, /'nbf'/],
    [{ iat: {} }, /'iat'/],
    [{ sub: "" }, /'sub' must be a text of 1 to 256/],
    [{ sub: "x".repeat(257) }, /'sub' must be a text of 1 to 256/],
    [{ sub: 7 }, /'sub' must be a text/],
    [{ sub: "\ud800" }, /'sub' must be a text/],
  ];
  for (const [changes, reason] of table) {
    await assertRefused(forged({ ...CLAIMS, ...changes }), reason);
  }
});

Deno.test("verify() refuses another type of token and unknown critical headers [S27]", async () => {
  await assertRefused(forged(CLAIMS, { alg: "HS256" }), /type is not 'JWT'/);
  await assertRefused(forged(CLAIMS, { alg: "HS256", typ: "at+jwt" }), /type is not 'JWT'/);
  const critical = { alg: "HS256", typ: "JWT", crit: ["b64x"], b64x: true };
  await assertRefused(forged(CLAIMS, critical), /signature does not verify/);
});

Deno.test("verify() refuses what is no token [S27]", async () => {
  const junk = ["", ".", "..", "a.b.c", "....", "Bearer x", "\0", "é.é.é", "x".repeat(100_000)];
  for (const token of junk) await assertRefused(token, /well-formed/);
  for (const claims of ["[]", "null", "7", "{", '"x"']) {
    await assertRefused(forged(claims), /well-formed/);
  }
});
