import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { compactVerify, errors } from "jose";
import { type Decoy, decoyChooser } from "./decoys.ts";
import { secretKeys } from "./token_keys.ts";

const rsa = (modulusLength: number) => generateKeyPairSync("rsa", { modulusLength }).publicKey;
const curve = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve }).publicKey;
const jwk = (key: KeyObject, more: object = {}) => ({ ...key.export({ format: "jwk" }), ...more });

const KEYS: readonly [kind: string, key: object, algorithm: string, signature: number][] = [
  ["RSA of 2,048 bits", jwk(rsa(2048)), "RS256", 256],
  ["RSA of 3,072 bits for PS512", jwk(rsa(3072), { alg: "PS512", kid: "a" }), "PS512", 384],
  ["P-256", jwk(curve("P-256"), { kid: "a" }), "ES256", 64],
  ["P-384", jwk(curve("P-384")), "ES384", 96],
  ["P-521", jwk(curve("P-521")), "ES512", 132],
  ["Ed25519", jwk(generateKeyPairSync("ed25519").publicKey), "EdDSA", 64],
];

/** Whatever a token may ask for. */
const HEADERS = [{ alg: "none" }, { alg: "RS256" }, { alg: "ES384", kid: "x" }, { alg: 7 }, {}];

/** Anything thrown but this would say that it was refused before it was reckoned with. */
async function assertVain(decoy: Decoy): Promise<void> {
  const { token, key, algorithm } = decoy;
  const verified = compactVerify(token, key, { algorithms: [algorithm] });
  await assert.rejects(verified, errors.JWSSignatureVerificationFailed);
}

for (const [kind, key, algorithm, length] of KEYS) {
  Deno.test(`decoyChooser() verifies in vain with the one key there is: ${kind} [S27]`, async () => {
    const choose = await decoyChooser({ keys: [key] });
    for (const header of HEADERS) {
      const decoy = choose(header);
      assert.equal(decoy?.algorithm, algorithm);
      const signature = decoy.token.split(".")[2] ?? "";
      assert.equal(Uint8Array.fromBase64(signature, { alphabet: "base64url" }).length, length);
      await assertVain(decoy);
    }
  });
}

Deno.test("secretKeys() verifies in vain with the secret itself [S27]", async () => {
  const keys = await secretKeys("pX4kR9vZ-e2LqT7mBw1Yd_6HcJf0sGuN8aQoKi3xUvE");
  for (const header of HEADERS) {
    const decoy = keys.decoyFor(header);
    assert.ok(decoy !== null);
    assert.equal(decoy.key, await keys.find({ alg: "HS256" }));
    await assertVain(decoy);
  }
});

Deno.test("decoyChooser() takes the kind that a header asks for, where there is one [S27]", async () => {
  const keys = KEYS.map(([, key]) => key);
  const choose = await decoyChooser({ keys });
  const chosen = ["PS384", "RS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "HS256", "none"]
    .map((alg) => choose({ alg, kid: "unknown" })?.algorithm);
  assert.deepEqual(chosen, [
    ...["RS256", "RS256", "ES256", "ES384", "ES512", "EdDSA", "EdDSA", "RS256", "RS256"],
  ]);
});

Deno.test("decoyChooser() passes over keys that cannot be used, and finds none among none [S27]", async () => {
  const unusable = [
    { kty: "oct", k: "AAAA" },
    { ...jwk(rsa(2048)), use: "enc" },
    { ...jwk(rsa(2048)), d: "AQAB" },
    jwk(rsa(1024)),
    { kty: "OKP", crv: "Ed25519", x: "AA" },
  ];
  const choose = await decoyChooser({ keys: [...unusable, jwk(curve("P-256"))] });
  assert.equal(choose({ alg: "RS256" })?.algorithm, "ES256");
  assert.equal((await decoyChooser({ keys: unusable }))({ alg: "RS256" }), null);
  assert.equal((await decoyChooser({ keys: [] }))({ alg: "RS256" }), null);
});
