import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { SignJWT } from "jose";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { CLAIMS, NOW, PUBLIC_JWK } from "../../tests/fixtures/token_forge.ts";
import { MemoryRevokedTokens } from "../memory/revoked_tokens.ts";
import { publicKeyFile } from "./public_key_file.ts";
import type { TokenKeys } from "./token_keys.ts";
import { createTokenVerifier } from "./token_verifier.ts";

async function keysIn(text: string): Promise<TokenKeys> {
  const path = join(await Deno.makeTempDir({ prefix: "key-" }), "key");
  try {
    await Deno.writeTextFile(path, text);
    return await publicKeyFile(path);
  } finally {
    await Deno.remove(join(path, ".."), { recursive: true });
  }
}

const RSA = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
const rsa = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const curve = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve });

interface Kind {
  readonly pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly algorithms: readonly string[];
}

const KINDS: Readonly<Record<string, Kind>> = {
  "RSA": { pair: rsa(), algorithms: RSA },
  "P-256": { pair: curve("P-256"), algorithms: ["ES256"] },
  "P-384": { pair: curve("P-384"), algorithms: ["ES384"] },
  "P-521": { pair: curve("P-521"), algorithms: ["ES512"] },
  "Ed25519": { pair: generateKeyPairSync("ed25519"), algorithms: ["EdDSA", "Ed25519"] },
};

for (const [kind, { pair, algorithms }] of Object.entries(KINDS)) {
  Deno.test(`publicKeyFile() takes ${kind} as PEM and as JWK, for its own algorithms [S27]`, async () => {
    const pem = String(pair.publicKey.export({ type: "spki", format: "pem" }));
    const jwk = JSON.stringify({ ...pair.publicKey.export({ format: "jwk" }), kid: "a" });
    const clock = new ManualClock(NOW);
    for (const text of [pem, `\n${jwk}\n`]) {
      const keys = await keysIn(text);
      assert.deepEqual(keys.algorithms, algorithms);
      const revokedTokens = new MemoryRevokedTokens(clock);
      const names = { issuer: "ultimate-mcp", audience: "ultimate-mcp" };
      const verifier = createTokenVerifier({ ...names, clock, revokedTokens, keys });
      for (const alg of algorithms) {
        const header = { alg, typ: "at+jwt", kid: "whatever" };
        const token = await new SignJWT(CLAIMS).setProtectedHeader(header).sign(pair.privateKey);
        assert.equal((await verifier.verify(token)).subject, "alice");
      }
    }
  });
}

Deno.test("publicKeyFile() narrows to the algorithm that a key names [S27]", async () => {
  assert.deepEqual((await keysIn(JSON.stringify(PUBLIC_JWK))).algorithms, ["RS256"]);
});

Deno.test("publicKeyFile() refuses what is no public key, unechoed [S27]", async () => {
  const { privateKey } = rsa();
  const small = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
  const table: readonly [text: string, reason: RegExp][] = [
    ["", /neither a PEM 'PUBLIC KEY' of a known kind nor/],
    ["hunter2", /neither a PEM/],
    [String(privateKey.export({ type: "pkcs8", format: "pem" })), /neither a PEM/],
    [JSON.stringify(privateKey.export({ format: "jwk" })), /has to stay secret/],
    ['{"kty":"oct","k":"hunter2hunter2"}', /has to stay secret/],
    [String(small.export({ type: "spki", format: "pem" })), /at least 2048 bits|neither a PEM/],
    [JSON.stringify(small.export({ format: "jwk" })), /at least 2048 bits/],
    ['{"kty":"RSA"}', /no key that tokens can be verified with/],
    ["{}", /no key that tokens can be verified with/],
    ["{hunter2", /it is not JSON/],
    ["x".repeat(70_000), /no file of a key's size/],
  ];
  for (const [text, reason] of table) {
    await assert.rejects(keysIn(text), (error: Error) => {
      assert.match(error.message, /^Cannot use the public key '.*': /);
      assert.match(error.message, reason, text.slice(0, 40));
      return !error.message.includes("hunter2");
    });
  }
  await assert.rejects(publicKeyFile("/nowhere/key.pem"), /Cannot use the public key '\/nowhere/);
});
