import assert from "node:assert/strict";
import { MemoryRevokedTokens } from "../../adapters/memory/revoked_tokens.ts";
import { KeySet } from "../../adapters/tokens/key_set.ts";
import { secretKeys, type TokenKeys } from "../../adapters/tokens/token_keys.ts";
import { createTokenVerifier } from "../../adapters/tokens/token_verifier.ts";
import { DomainError } from "../../domain/errors.ts";
import type { TokenVerifier } from "../../domain/ports/token_verifier.ts";
import { HttpSurface } from "../fakes/http_surface.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import {
  CLAIMS,
  type Forge,
  ISSUER_FORGE,
  NOW,
  NOW_SECONDS,
  PUBLIC_JWK,
  REVOKED_ID,
  SECRET,
  SECRET_FORGE,
} from "../fixtures/token_forge.ts";
import { tokenAttacks } from "./token_attacks.ts";

const CODES = new Set(["unauthenticated", "token_expired", "token_revoked"]);

/** A service's verifier that takes the tokens of a forge. */
async function verifierFor(forge: Forge): Promise<TokenVerifier> {
  const clock = new ManualClock(NOW);
  const revokedTokens = new MemoryRevokedTokens(clock);
  await revokedTokens.revoke(REVOKED_ID, null);
  const names = { issuer: "ultimate-mcp", audience: "ultimate-mcp" };
  return createTokenVerifier({ ...names, clock, revokedTokens, keys: await keysFor(forge, clock) });
}

async function keysFor(forge: Forge, clock: ManualClock): Promise<TokenKeys> {
  if (forge === SECRET_FORGE) return await secretKeys(SECRET);
  const fetchKeys = () => Promise.resolve({ keys: [PUBLIC_JWK] });
  return new KeySet({ fetchKeys, clock, log: { write: () => {} } });
}

/** The real HTTP surface behind a real socket. */
class Served implements AsyncDisposable {
  readonly #surface: HttpSurface;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(tokens: TokenVerifier) {
    this.#surface = new HttpSurface({ tokens });
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request, info) => this.#surface.fetch(request, info));
  }

  /** The status of an answer to a request with exactly these bytes for a token; 0 without an answer. */
  async status(token: string): Promise<number> {
    const { hostname, port } = this.#server.addr;
    const socket = await Deno.connect({ hostname, port });
    const head = `GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`;
    const request = new TextEncoder().encode(`${head}Authorization: Bearer ${token}\r\n\r\n`);
    // A request that is too long is answered, and the socket closed, before it is all written.
    const written = writeAll(socket, request).catch(() => {});
    const answer = new Uint8Array(16);
    const length = await socket.read(answer).catch(() => null);
    socket.close();
    await written;
    return Number(new TextDecoder().decode(answer.subarray(0, length ?? 0)).slice(9, 12));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await this.#surface[Symbol.asyncDispose]();
  }
}

async function writeAll(socket: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
}

async function refusalOf(verifier: TokenVerifier, token: string): Promise<DomainError> {
  try {
    await verifier.verify(token);
  } catch (error) {
    assert.ok(error instanceof DomainError, `${error}: ${token.slice(0, 200)}`);
    return error;
  }
  assert.fail(`accepted ${token.slice(0, 2000)}`);
}

for (const forge of [SECRET_FORGE, ISSUER_FORGE]) {
  for (const [attack, tokens] of Object.entries(tokenAttacks(forge))) {
    Deno.test(`a service of ${forge.name} tokens refuses ${attack} [S27]`, async () => {
      const verifier = await verifierFor(forge);
      await using served = new Served(verifier);
      for (const token of tokens) {
        const { failure } = await refusalOf(verifier, token);
        assert.ok(CODES.has(failure.code), `${failure.code}: ${token.slice(0, 200)}`);
        // A line feed would end the header's line, and what is before it is another token.
        if (token.includes("\n")) continue;
        const status = await served.status(token);
        // 400 and 431: the server itself takes no such header line.
        assert.ok([401, 400, 431].includes(status), `${status}: ${token.slice(0, 200)}`);
      }
      await verifier.verify(forge.token(CLAIMS));
      assert.equal(await served.status(forge.token(CLAIMS)), 200);
    });
  }

  Deno.test(`a service of ${forge.name} tokens accepts what is right, in its every form [S27]`, async () => {
    const verifier = await verifierFor(forge);
    const good: readonly string[] = [
      forge.token(CLAIMS),
      forge.token({ ...CLAIMS, aud: ["other", "ultimate-mcp"] }),
      forge.token({ ...CLAIMS, exp: NOW_SECONDS + 60.5 }),
      forge.token({ ...CLAIMS, exp: NOW_SECONDS - 4 }),
      forge.token({ ...CLAIMS, nbf: NOW_SECONDS + 5, iat: NOW_SECONDS + 5 }),
      forge.token({ ...CLAIMS, jti: undefined, nbf: undefined, iat: undefined }),
      forge.token({ ...CLAIMS, x: { y: [1, { z: null }] }, "é😀": '\\"{[' }),
      forge.token(CLAIMS, { ...forge.header, typ: "application/jwt" }),
      forge.token(CLAIMS, { ...forge.header, jku: "http://127.0.0.1:1/", x5u: "x", cty: "x" }),
      forge.token({ ...CLAIMS, x: "x".repeat(5000) }),
    ];
    for (const token of good) assert.equal((await verifier.verify(token)).subject, "alice");
  });

  Deno.test(`a service of ${forge.name} tokens tells a forged one nothing but that [S27]`, async () => {
    const verifier = await verifierFor(forge);
    const [header, , signature] = forge.token(CLAIMS).split(".");
    const expired = forge.token({ ...CLAIMS, exp: 1 }).split(".")[1];
    const revoked = forge.token({ ...CLAIMS, jti: REVOKED_ID }).split(".")[1];
    const foreign = forge.token({ ...CLAIMS, iss: "x", aud: "x" }).split(".")[1];
    for (const claims of [expired, revoked, foreign]) {
      const { message } = await refusalOf(verifier, `${header}.${claims}.${signature}`);
      assert.equal(message, "Cannot authenticate: the token's signature does not verify");
    }
  });
}

Deno.test("a service of HS256 tokens heeds no kid, and takes none for a key [S27]", async () => {
  const verifier = await verifierFor(SECRET_FORGE);
  const header = { ...SECRET_FORGE.header, kid: "../../dev/null" };
  await verifier.verify(SECRET_FORGE.token(CLAIMS, header));
});

Deno.test("the tokens of one service are refused by the other [S27]", async () => {
  await refusalOf(await verifierFor(SECRET_FORGE), ISSUER_FORGE.token(CLAIMS));
  await refusalOf(await verifierFor(ISSUER_FORGE), SECRET_FORGE.token(CLAIMS));
});

Deno.test("a token that is remembered is refused as soon as it is revoked [S27]", async () => {
  const clock = new ManualClock(NOW);
  const revokedTokens = new MemoryRevokedTokens(clock);
  const names = { issuer: "ultimate-mcp", audience: "ultimate-mcp" };
  const keys = await secretKeys(SECRET);
  const verifier = createTokenVerifier({ ...names, clock, revokedTokens, keys });
  const [token, other] = [SECRET_FORGE.token(CLAIMS), SECRET_FORGE.token({ ...CLAIMS, jti: "b" })];
  await verifier.verify(token);
  await verifier.verify(token);
  await revokedTokens.revoke(CLAIMS.jti, null);
  assert.equal((await refusalOf(verifier, token)).failure.code, "token_revoked");
  await verifier.verify(other);
});
