/**
 * `deno run -P=bench tests/bench/token_refusals.ts [ROUNDS]`: how long the verifier takes to refuse
 * tokens, by kind, for each kind of key. The kinds take turns within each round, in an order that
 * moves; figures are medians, and the ratio is to a wrong signature.
 */

import { MemoryRevokedTokens } from "../../adapters/memory/revoked_tokens.ts";
import { KeySet } from "../../adapters/tokens/key_set.ts";
import { secretKeys, type TokenKeys } from "../../adapters/tokens/token_keys.ts";
import { createTokenVerifier } from "../../adapters/tokens/token_verifier.ts";
import { ManualClock } from "../fakes/manual_clock.ts";
import {
  CLAIMS,
  CURVE_FORGES,
  type Forge,
  ISSUER_FORGE,
  NOW,
  NOW_SECONDS,
  PUBLIC_JWK,
  REVOKED_ID,
  SECRET,
  SECRET_FORGE,
} from "../fixtures/token_forge.ts";
import { median } from "./statistics.ts";

const ROUNDS = Number(Deno.args[0] ?? 3000);
/** Rounds that are not counted: the code is not compiled yet. */
const WARM_UP = 300;
const SIGNATURE = "wrong signature";

/** Tokens by what is wrong with them; as long as each other but for what that takes. */
function kinds(forge: Forge): Readonly<Record<string, string>> {
  const good = forge.token(CLAIMS);
  const [header = "", claims = "", signature = ""] = good.split(".");
  const flipped = `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
  const { exp: _, ...endless } = CLAIMS;
  const longer = forge.token(CLAIMS, { ...forge.header, cryt: ["x"], x: 1 });
  return {
    [SIGNATURE]: `${header}.${claims}.${flipped}`,
    "wrong, as long as crit": longer.slice(0, longer.lastIndexOf(".") + 1) + flipped,
    "wrong iss": forge.token({ ...CLAIMS, iss: "intimate-mcp" }),
    "wrong aud": forge.token({ ...CLAIMS, aud: "intimate-mcp" }),
    "no exp": forge.token(endless),
    "expired": forge.token({ ...CLAIMS, exp: NOW_SECONDS - 3600 }),
    "not valid yet": forge.token({ ...CLAIMS, nbf: NOW_SECONDS + 3600 }),
    "sub of an odd kind": forge.token({ ...CLAIMS, sub: 12345 }),
    "another typ": forge.token(CLAIMS, { ...forge.header, typ: "JWE" }),
    "revoked": forge.token({ ...CLAIMS, jti: REVOKED_ID }),
    "duplicate claims": forge.token(`{"iat":1,${JSON.stringify(CLAIMS).slice(1)}`),
    "alg: none": forge.token(CLAIMS, { ...forge.header, alg: "none" }),
    "another's alg": forge.token(CLAIMS, { ...forge.header, alg: "ES512" }),
    "unknown kid": forge.token(CLAIMS, { ...forge.header, kid: "key-2" }),
    "crit": forge.token(CLAIMS, { ...forge.header, crit: ["x"], x: 1 }),
    "no token at all": `${header}.${claims}`,
  };
}

async function keysOf(forge: Forge, clock: ManualClock): Promise<TokenKeys> {
  if (forge === SECRET_FORGE) return await secretKeys(SECRET);
  const { jwk } = CURVE_FORGES.find((known) => known === forge) ?? { jwk: PUBLIC_JWK };
  const fetchKeys = () => Promise.resolve({ keys: [jwk] });
  return new KeySet({ fetchKeys, clock, log: { write: () => {} } });
}

/** The median of each kind, in microseconds. */
async function measure(forge: Forge): Promise<Map<string, number>> {
  const clock = new ManualClock(NOW);
  const revokedTokens = new MemoryRevokedTokens(clock);
  await revokedTokens.revoke(REVOKED_ID, null);
  const names = { issuer: "ultimate-mcp", audience: "ultimate-mcp" };
  const keys = await keysOf(forge, clock);
  const verifier = createTokenVerifier({ ...names, clock, revokedTokens, keys });
  const tokens = Object.entries(kinds(forge));
  const times = new Map(tokens.map(([kind]) => [kind, [] as number[]]));
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (let turn = 0; turn < tokens.length; turn++) {
      const [kind, token] = tokens[(turn * 7 + Math.abs(round)) % tokens.length] ?? ["", ""];
      const began = performance.now();
      const accepted = await verifier.verify(token).then(() => true, () => false);
      const took = performance.now() - began;
      // HS256 has no use for a `kid`: there this kind is a good token, and is not counted.
      if (accepted) times.delete(kind);
      if (round >= 0) times.get(kind)?.push(took * 1000);
    }
  }
  return new Map([...times].map(([kind, all]) => [kind, median(all)]));
}

for (const forge of [SECRET_FORGE, ISSUER_FORGE, ...CURVE_FORGES]) {
  const medians = await measure(forge);
  const base = medians.get(SIGNATURE) ?? NaN;
  const lines = [...medians].map(([kind, took]) =>
    `  ${kind.padEnd(22)} ${took.toFixed(1).padStart(7)} µs  ${(took / base).toFixed(3)}`
  );
  const text = `${forge.name}, median of ${ROUNDS}:\n${lines.join("\n")}\n`;
  await Deno.stdout.write(new TextEncoder().encode(text));
}
