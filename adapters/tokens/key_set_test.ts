import assert from "node:assert/strict";
import { isFailure } from "../../domain/errors.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { eventually } from "../../tests/fixtures/eventually.ts";
import { CLAIMS, ISSUER_FORGE, KEY_ID, NOW, PUBLIC_JWK } from "../../tests/fixtures/token_forge.ts";
import { MemoryRevokedTokens } from "../memory/revoked_tokens.ts";
import { COOLDOWN_MS, KeySet, MAX_AGE_MS, PATIENCE_MS, RETRY_MS } from "./key_set.ts";
import { createTokenVerifier } from "./token_verifier.ts";

const HEADER = { alg: "RS256", kid: KEY_ID };
const UNKNOWN = { alg: "RS256", kid: "key-2" };

/** An issuer whose answer can be changed, or fail. */
class Issuer {
  keys: unknown = { keys: [PUBLIC_JWK] };
  isAway = false;
  asked = 0;
  readonly clock = new ManualClock(NOW);
  readonly warnings: unknown[] = [];
  /** Answers nothing while this is there, until it is resolved. */
  hanging: PromiseWithResolvers<void> | null = null;
  /** How long was waited for it, in milliseconds; nobody's patience ends before `impatient` does. */
  readonly slept: number[] = [];
  impatient = Promise.withResolvers<void>();
  readonly set = new KeySet({
    sleep: (milliseconds) => {
      this.slept.push(milliseconds);
      return this.impatient.promise;
    },
    fetchKeys: async () => {
      this.asked += 1;
      await this.hanging?.promise;
      return await this.isAway ? Promise.reject(new Error("no route")) : Promise.resolve(this.keys);
    },
    clock: this.clock,
    log: { write: (level, event, fields) => void this.warnings.push({ level, event, fields }) },
  });
}

Deno.test("KeySet fetches when first needed, once for all who wait, and remembers [S27]", async () => {
  const issuer = new Issuer();
  const keys = await Promise.all(Array.from({ length: 20 }, () => issuer.set.find(HEADER)));
  assert.ok(keys.every((key) => key !== null && key === keys[0]));
  issuer.clock.advance(MAX_AGE_MS - 1);
  await issuer.set.find(HEADER);
  assert.equal(issuer.asked, 1);
});

Deno.test("KeySet fetches again when its keys are old [S27]", async () => {
  const issuer = new Issuer();
  await issuer.set.find(HEADER);
  const { generation } = issuer.set;
  issuer.clock.advance(MAX_AGE_MS);
  await issuer.set.find(HEADER);
  assert.equal(issuer.asked, 2);
  assert.equal(issuer.set.generation, generation);
  issuer.keys = { keys: [{ ...PUBLIC_JWK, kid: "key-2" }] };
  issuer.clock.advance(MAX_AGE_MS);
  assert.equal(await issuer.set.find(HEADER), null);
  assert.notEqual(issuer.set.generation, generation);
});

Deno.test("KeySet fetches for an unknown kid, at a bounded rate whatever is asked [S27]", async () => {
  const issuer = new Issuer();
  await issuer.set.find(HEADER);
  for (let asked = 0; asked < 1000; asked++) {
    assert.equal(await issuer.set.find({ alg: "RS256", kid: `kid-${asked}` }), null);
  }
  assert.equal(issuer.asked, 1);
  issuer.keys = { keys: [PUBLIC_JWK, { ...PUBLIC_JWK, kid: "key-2" }] };
  issuer.clock.advance(COOLDOWN_MS);
  assert.notEqual(await issuer.set.find(UNKNOWN), null);
  await issuer.set.find({ alg: "RS256", kid: "key-3" });
  assert.equal(issuer.asked, 2);
  for (let second = 0; second < 300; second++) {
    await Promise.all(Array.from({ length: 5 }, () => issuer.set.find({ alg: "RS256", kid: "x" })));
    issuer.clock.advance(1000);
  }
  assert.ok(issuer.asked <= 2 + 10, `${issuer.asked}`);
});

Deno.test("KeySet goes on with the keys it knows while the issuer is away or sends nonsense [S27]", async () => {
  const issuer = new Issuer();
  await issuer.set.find(HEADER);
  const { generation } = issuer.set;
  issuer.isAway = true;
  for (let hour = 0; hour < 24; hour++) {
    issuer.clock.advance(3_600_000);
    assert.notEqual(await issuer.set.find(HEADER), null);
  }
  issuer.isAway = false;
  for (const nonsense of [null, 7, "keys", [], {}, { keys: 7 }, { keys: [7] }, { keys: {} }]) {
    issuer.keys = nonsense;
    issuer.clock.advance(COOLDOWN_MS);
    await issuer.set.whenFresh();
    assert.notEqual(await issuer.set.find(HEADER), null, JSON.stringify(nonsense));
  }
  assert.equal(issuer.set.generation, generation);
  assert.ok(issuer.warnings.length >= 24 && issuer.warnings.length <= 32);
  const fields = { reason: "no route", keys_known: true };
  assert.deepEqual(issuer.warnings[0], { level: "warn", event: "jwks_failed", fields });
});

Deno.test("KeySet lets nobody wait for an issuer that was away [S27]", async () => {
  const issuer = new Issuer();
  await issuer.set.find(HEADER);
  issuer.isAway = true;
  issuer.clock.advance(MAX_AGE_MS);
  await issuer.set.whenFresh();
  issuer.clock.advance(COOLDOWN_MS);
  assert.equal(issuer.set.whenFresh(), null);
  assert.equal(issuer.asked, 3);
});

Deno.test("KeySet lets nobody wait longer than its patience for an issuer that hangs [S27]", async () => {
  const issuer = new Issuer();
  await issuer.set.find(HEADER);
  issuer.clock.advance(MAX_AGE_MS);
  issuer.hanging = Promise.withResolvers();
  issuer.keys = { keys: [PUBLIC_JWK, { ...PUBLIC_JWK, kid: "key-2" }] };
  const early = Promise.all([HEADER, UNKNOWN].map((header) => issuer.set.find(header)));
  issuer.impatient.resolve();
  const [known, unknown] = await early;
  assert.notEqual(known, null);
  assert.equal(unknown, null);
  // The fetch still goes on: whoever comes now is judged by what is known.
  assert.notEqual(await issuer.set.find(HEADER), null);
  assert.equal(await issuer.set.find(UNKNOWN), null);
  assert.equal(issuer.asked, 2);
  assert.deepEqual(issuer.slept, [PATIENCE_MS, PATIENCE_MS]);
  issuer.impatient = Promise.withResolvers();
  issuer.hanging.resolve();
  await eventually("the new key", async () => await issuer.set.find(UNKNOWN));
  assert.equal(issuer.asked, 2);
});

Deno.test("KeySet hears an issuer that answers in time before a token is judged [S27]", async () => {
  const issuer = new Issuer();
  await issuer.set.find(HEADER);
  issuer.clock.advance(MAX_AGE_MS);
  issuer.keys = { keys: [] };
  const hanging = issuer.hanging = Promise.withResolvers();
  const found = issuer.set.find(HEADER);
  hanging.resolve();
  assert.equal(await found, null);
});

Deno.test("KeySet waits as long as it takes while no keys are known at all [S27]", async () => {
  const issuer = new Issuer();
  const hanging = issuer.hanging = Promise.withResolvers();
  issuer.impatient.resolve();
  const found = issuer.set.find(HEADER);
  await issuer.impatient.promise;
  hanging.resolve();
  assert.notEqual(await found, null);
});

Deno.test("KeySet without any keys says that they are not to be had, and tries again [S27]", async () => {
  const issuer = new Issuer();
  issuer.isAway = true;
  const unavailable = (error: unknown) => isFailure(error, "dependency_unavailable");
  await assert.rejects(issuer.set.find(HEADER), unavailable);
  await assert.rejects(issuer.set.find(HEADER), unavailable);
  assert.equal(issuer.asked, 1);
  issuer.isAway = false;
  issuer.clock.advance(RETRY_MS);
  assert.notEqual(await issuer.set.find(HEADER), null);
});

Deno.test("KeySet offers a key for its own algorithm only, and no secret or private one [S27]", async () => {
  const issuer = new Issuer();
  const { alg: _, ...anyAlgorithm } = PUBLIC_JWK;
  issuer.keys = {
    keys: [
      PUBLIC_JWK,
      { ...anyAlgorithm, kid: "any" },
      { ...PUBLIC_JWK, kid: "encrypts", use: "enc" },
      { ...PUBLIC_JWK, kid: "private", d: "AQAB", p: "AQ", q: "AQ", dp: "AQ", dq: "AQ", qi: "AQ" },
      { kty: "oct", kid: "oct", k: "AAAA" },
    ],
  };
  const algorithms = ["RS256", "RS512", "PS256", "ES256", "HS256", "none", "EdDSA"];
  const found = async (kid: string) => {
    const keys = await Promise.all(algorithms.map((alg) => issuer.set.find({ alg, kid })));
    return algorithms.filter((_, index) => keys[index] !== null);
  };
  assert.deepEqual(await found(KEY_ID), ["RS256"]);
  assert.deepEqual(await found("any"), ["RS256", "RS512", "PS256"]);
  for (const kid of ["encrypts", "private", "oct"]) assert.deepEqual(await found(kid), [], kid);
  // Two keys would do: the token has to say which.
  assert.equal(await issuer.set.find({ alg: "RS256" }), null);
});

Deno.test("verify() forgets what it remembers when the issuer withdraws a key [S27]", async () => {
  const issuer = new Issuer();
  const { clock, set: keys } = issuer;
  const names = { issuer: "ultimate-mcp", audience: "ultimate-mcp" };
  const revokedTokens = new MemoryRevokedTokens(clock);
  const verifier = createTokenVerifier({ ...names, clock, revokedTokens, keys });
  const token = ISSUER_FORGE.token(CLAIMS);
  await verifier.verify(token);
  clock.advance(MAX_AGE_MS);
  await verifier.verify(token);
  issuer.keys = { keys: [] };
  clock.advance(MAX_AGE_MS);
  await assert.rejects(verifier.verify(token), /signature does not verify/);
});
