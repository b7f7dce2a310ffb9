import assert from "node:assert/strict";
import { MemoryRevokedTokens } from "../../adapters/memory/revoked_tokens.ts";
import { KeySet } from "../../adapters/tokens/key_set.ts";
import { secretKeys, type TokenKeys } from "../../adapters/tokens/token_keys.ts";
import { createTokenVerifier } from "../../adapters/tokens/token_verifier.ts";
import { isFailure } from "../../domain/errors.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import {
  CLAIMS,
  CURVE_FORGES,
  type Forge,
  ISSUER_FORGE,
  NOW,
  PUBLIC_JWK,
  SECRET,
  SECRET_FORGE,
} from "../fixtures/token_forge.ts";

/** Keys that signatures were held against. */
async function keysUsed(work: () => Promise<void>): Promise<CryptoKey[]> {
  const used: CryptoKey[] = [];
  const { subtle } = crypto;
  const { verify } = subtle;
  subtle.verify = (...asked) => {
    used.push(asked[1]);
    return verify.apply(subtle, asked);
  };
  try {
    await work();
  } finally {
    subtle.verify = verify;
  }
  return used;
}

async function keysFor(forge: Forge, clock: ManualClock): Promise<TokenKeys> {
  if (forge === SECRET_FORGE) return await secretKeys(SECRET);
  const { jwk } = CURVE_FORGES.find((known) => known === forge) ?? { jwk: PUBLIC_JWK };
  const fetchKeys = () => Promise.resolve({ keys: [jwk] });
  return new KeySet({ fetchKeys, clock, log: { write: () => {} } });
}

/** Headers that point at no key of a service, by what is wrong with them. */
function pointless(forge: Forge): Readonly<Record<string, unknown>> {
  const { header } = forge;
  const kid = forge === SECRET_FORGE ? {} : { "an unknown kid": { ...header, kid: "key-2" } };
  return {
    ...kid,
    "alg: none": { ...header, alg: "none" },
    "no alg": { ...header, alg: undefined },
    "another kind's alg": { ...header, alg: "ES512" },
    "HS512": { ...header, alg: "HS512" },
    "crit": { ...header, crit: ["x"], x: 1 },
    "b64": { ...header, b64: false },
  };
}

for (const forge of [SECRET_FORGE, ISSUER_FORGE, ...CURVE_FORGES]) {
  Deno.test(`a service of ${forge.name} tokens verifies with its own key whatever it refuses [S27]`, async () => {
    const clock = new ManualClock(NOW);
    const revokedTokens = new MemoryRevokedTokens(clock);
    const names = { issuer: "ultimate-mcp", audience: "ultimate-mcp" };
    const keys = await keysFor(forge, clock);
    const verifier = createTokenVerifier({ ...names, clock, revokedTokens, keys });
    const [usual] = await keysUsed(async () => void await verifier.verify(forge.token(CLAIMS)));
    assert.ok(usual !== undefined);
    for (const [kind, header] of Object.entries(pointless(forge))) {
      const token = forge.token(CLAIMS, header);
      const used = await keysUsed(() =>
        assert.rejects(verifier.verify(token), (error) => isFailure(error, "unauthenticated"))
      );
      assert.equal(used.length, 1, kind);
      assert.deepEqual(used[0]?.algorithm, usual.algorithm, kind);
    }
  });
}
