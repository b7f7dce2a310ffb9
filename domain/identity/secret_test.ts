import assert from "node:assert/strict";
import fc from "fast-check";
import { secretFaults } from "./secret.ts";
import { measuredBits } from "./secret_measure.ts";

const GOOD: Readonly<Record<string, string>> = {
  "hex": "7d1f09a3c64be85203d7f4a91c6eb8205f3ad96170c8e42b9d05f7316ac8e24b",
  "hex in capitals": "B81E4C07F2395DA6E07C31F9D82A4B65130FE97CA8D24B5680E39F1C7A2D5B04",
  "longer hex": "0f8c1d7be29a4653b0c7f1e2d3948576a1b2c3d4e5f6071839c4aa57e91b0d26f3",
  "base64": "pX4kR9vZ+e2LqT7mBw1Yd/6HcJf0sGuN8aQoKi3xUvE=",
  "base64url": "pX4kR9vZ-e2LqT7mBw1Yd_6HcJf0sGuN8aQoKi3xUvE",
  "base64url without - and _": "pX4kR9vZae2LqT7mBw1YdZ6HcJf0sGuN8aQoKi3xUvE",
  "base64 of 48 bytes": "Zk3vQ8mYt1XbL6rWc9HdP4sJfN7gUaE2oKxTi5RyVwBhMzCqSeDnGuAjFlOp0I+/",
  "base32": "MZ3XK5TQ7WJ2HLR4YV6DNBPCA3SUEGFI5OXT2KQ7JW4ZMRLH6YVD",
  "capitals and digits": "Q7M2X9KD4RT8VZ1LP5WB3NH6YCJ0FGSEUA9XK2QMD7RTVL4ZPB8W1N",
  "small letters and digits": "q7m2x9kd4rt8vz1lp5wb3nh6ycj0fgseua9xk2qmd7rtvl4zpb8w1n",
  "letters alone": "kqzvxwjpgbyhmfdkulcnqtxsrzjvwbphygkmxqdzfwtvjcrbnqkxlgpz",
  "symbols": "g7}K!x2@Vq#9Lw$eR5^tZ&8yB*1uN(4iM)6oH_3pJ+sD",
  "hex in groups": "7d1f09a3-c64be852-03d7f4a9-1c6eb820-5f3ad961-70c8e42b-9d05f731-6ac8e24b",
  "letters beyond ASCII": "blå7Kærx9Qgrød-ø2Zæble_V4mWØx8Tj3þßœ1łžPš6cRñYé5Dü",
  "'testament' in it": "kT9-testament_Rq2vX7bLm4Zc8Wd1Np6YfUj5Hs0GeAoK3iQ",
  "one sequence in much else": "abcdefgh-pX4kR9vZae2LqT7mBw1YdZ6HcJf0sGuN8aQoKi3xUvE",
  "one piece twice in much else": "9vZae2Lq-9vZae2Lq-pX4kR9TmBw1YdZ6HcJf0sGuN8aQoKi3xUvE",
  "digits alone":
    "4026241549609710755976792355332146401746797143565443326645776134885386414695735576",
  "a padded one": "R8tq2Zx0VnYw6LkP4mJcGf1HsDaBu7Ee5oTi9XrKvQM=",
  "words before 256 random bits":
    "acme-production-signing-key-2026-pX4kR9vZ+e2LqT7mBw1Yd/6HcJf0sGuN8aQoKi3xUvE=",
  "symbols in base64": "JDd9SyF4MkBWcSM5THckZVI1XnRaJjh5QioxdU4oNGlNKTZvSF8zcEorc0Q=",
  "two lines": "pX4kR9vZae2LqT7mBw1Yd\nZ6HcJf0sGuN8aQoKi3xUvE7t",
};

const ENTROPY = /256 bits of entropy, found about \d+/;
const REPEATED = /must not be (one piece|pieces) repeated/;
const SEQUENCES = /must not be made of sequences/;

const BAD: readonly [secret: string, fault: RegExp][] = [
  ["", /at least 32 bytes of UTF-8, found 0/],
  ["Jv3p8ZqL0xWc7RtYb2NfKd5MhGs9UeA", /at least 32 bytes of UTF-8, found 31/],
  ["Jv3p8ZqL0xWc7RtYb2NfKd5MhGs9UeAo", ENTROPY],
  ["9f2c7a1e8b4d6053c1f7e29a4b8d0635", ENTROPY],
  ["550e8400-e29b-41d4-a716-446655440000", ENTROPY],
  ["blåbærgrød-og-æblegrød-91-Ø", ENTROPY],
  ["my-Password-is-long-enough-93847561", /'password'/],
  ["pX4kR9vZ-p4ssw0rd-T7mBw1Yd_6HcJf0sGuN8aQoKi3xUvE", /'password'/],
  ["pX4kR9vZ-P@$$word-T7mBw1Yd_6HcJf0sGuN8aQoKi3xUvE", /'password'/],
  ["a-very-long-SECRET-that-nobody-knows", /'secret'/],
  ["your-256-bit-secret-pX4kR9vZ-e2LqT7mBw1Yd_6HcJf0sGuN8a", /'secret'/],
  ["MyCompanysSecretKey20260101abcdefgh", /'secret'/],
  ["please-change-me-please-change-it-9", /'change-me'/],
  ["please_change_me_pX4kR9vZe2LqT7mBw1YdH6HcJf0sGuN8aQo", /'change_me'/],
  ["changeme0123456789abcdefghijklmnop", /'changeme'/],
  ["ch4ng3m3-pX4kR9vZ-e2LqT7mBw1Yd_6HcJf0sGuN8aQoKi3xUvE", /'changeme'/],
  ["letmein-pX4kR9vZ-e2LqT7mBw1Yd_6HcJf0sGuN8aQoKi3xUvE", /'letmein'/],
  ["default-pX4kR9vZ-e2LqT7mBw1Yd_6HcJf0sGuN8aQoKi3xUvE", /'default'/],
  ["example-pX4kR9vZ-e2LqT7mBw1Yd_6HcJf0sGuN8aQoKi3xUvE", /'example'/],
  ["test-0123456789-abcdefghijklmnopqrs", /'test'/],
  ["0123456789-abcdefghijklmnopqrs-demo1", /'demo'/],
  ["admin-pX4kR9vZ-e2LqT7mBw1Yd_6HcJf0sGuN8aQoKi3xUvE", /'admin'/],
  ["a".repeat(64), REPEATED],
  ["abcd".repeat(16), REPEATED],
  ["Jv3p8ZqL0xWc7RtY".repeat(4), REPEATED],
  ["Jv3p8ZqL0xWc7RtYb2NfKd5Jv3p8ZqL0xWc7RtYb2NfKd5x", REPEATED],
  ["Jv3p8ZqL0xWc7RtYb2NfKd55dKfN2bYtR7cWx0LqZ8p3vJ", REPEATED],
  ["7d1f09a3-7d1f09a3-c64be852-7d1f09a3-c64be852-c64be852-7d1f09a3-03d7f4a9", REPEATED],
  ["0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", SEQUENCES],
  ["zyxwvutsrqponmlkjihgfedcba9876543210ZYXWVUTSRQPONMLKJIHGFEDCBA", SEQUENCES],
  ["abcdef-12345-ghijkl-67890-mnopqr-54321-stuvwx-98765-yz", SEQUENCES],
  ["qwertyuiopasdfghjklzxcvbnmQWERTYUIOPASDFGHJKLZXCVBNM1234", SEQUENCES],
  ["poiuytrewqlkjhgfdsamnbvcxzPOIUYTREWQ0987654321LKJHGFDSA", SEQUENCES],
  ["1q2w3e4r5t6y7u8i9o0p1q2w3e4r5t6y7u8i9o0p", REPEATED],
  ["12345678901234567890123456789012345678901234567890", REPEATED],
  ["31415926535897932384626433832795028841971693993751", ENTROPY],
  ["correct-horse-battery-staple-umbrella-lantern-piano-river-mountain", ENTROPY],
  ["Whose woods these are I think I know; his house is in the village though", ENTROPY],
  ["aaaaaaaaaaaabbbbbbbbbbbbbbccccccccccccccddddddddddddddeeeeeeeeeeee", REPEATED],
  ["abababbabaabbaabababbabbbaababbaabbbabaabababbabaabbabababaabb", ENTROPY],
  ["                                                                ", REPEATED],
  ["=".repeat(48), REPEATED],
  ["The quick brown fox jumps over the lazy dog 1234567890", ENTROPY],
  ["ThisIsMySuperSecureJwtKeyForProduction2024!!", ENTROPY],
  ["ThisIsMySuperSecureJwtKeyForProduction2024!!", /'supersecure'/],
  ["acme-prod-jwt-signing-key-9f3a-2024-do-not-share-xyz", ENTROPY],
  ["2026-11-22T09:45:00.902Z|prod|eu-west-1|ultimate-mcp|v0.1.0", ENTROPY],
  ["prod_2024-01-31 12:30:00_jwt_key_for_the_production_cluster", ENTROPY],
  ["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", ENTROPY],
  ["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.pX4kR9vZe2LqT7mBw1YdH6HcJf0sGuN8aQo", /'eyjhbgcioi'/],
  ["eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.pX4kR9vZe2LqT7mBw1YdH6HcJf0sGuN8aQo", /'eyj0exaioi'/],
  [btoa("correct horse battery staple umbrella lantern piano"), ENTROPY],
  [btoa("please share this signing key with nobody in 2026"), ENTROPY],
  ["7468697320697320746865207369676e696e67206b657920666f722070726f64", ENTROPY],
  ["TheCompanyNameProductionSigningKeyForTheYear2026OfTheService", ENTROPY],
];

for (const [name, secret] of Object.entries(GOOD)) {
  Deno.test(`secretFaults() passes a strong secret: ${name} [S28]`, () => {
    assert.deepEqual(secretFaults(secret), []);
  });
}

for (const [index, [secret, fault]] of BAD.entries()) {
  Deno.test(`secretFaults() names what is weak in bad secret ${index + 1} [S28]`, () => {
    assert.match(secretFaults(secret).join("; "), fault, secret);
  });
}

const bytes = fc.uint8Array({ minLength: 32, maxLength: 96 });
const chosenOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

// The generator likes zeros and repetitions, which chance does not make: bytes are spread first.
async function spread(seed: Uint8Array): Promise<Uint8Array> {
  const digest = await crypto.subtle.digest("SHA-384", new Uint8Array(seed));
  return new Uint8Array(digest).subarray(0, Math.max(32, seed.length % 49));
}

Deno.test("secretFaults() passes whatever 32 or more random bytes make, as hex or base64 [S28]", async () => {
  await fc.assert(
    fc.asyncProperty(bytes, async (seed) => {
      const random = await spread(seed);
      const forms = [
        random.toHex(),
        random.toHex().toUpperCase(),
        random.toBase64(),
        random.toBase64({ alphabet: "base64url", omitPadding: true }),
      ];
      for (const form of forms) assert.deepEqual(secretFaults(form), [], form);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("secretFaults() refuses 16 random bytes however they are written [S28]", async () => {
  await fc.assert(fc.asyncProperty(chosenOf(16), async (seed) => {
    const random = (await spread(seed)).subarray(0, 16);
    for (const form of [random.toHex(), random.toBase64().padEnd(32, "=")]) {
      assert.notDeepEqual(secretFaults(form), []);
    }
  }));
});

Deno.test("measuredBits() never finds more in a text than its characters can have [S28]", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), (text) => {
    const bits = measuredBits(text);
    assert.ok(bits >= 0 && bits <= Array.from(text).length * 7 + 1e-9, `${bits}`);
  }));
});

Deno.test("measuredBits() finds less in a text said twice than in two texts [S28]", () => {
  const [one, other] = ["pX4kR9vZae2LqT7mBw1Yd", "Z6HcJf0sGuN8aQoKi3xUv"];
  assert.ok(measuredBits(one + one) < measuredBits(one + other) / 1.15);
});

Deno.test("secretFaults() counts bytes, not characters [S28]", () => {
  assert.doesNotMatch(secretFaults("æøåéèüñçðþßœłžšć").join(), /bytes/);
  assert.match(secretFaults("abcdefghijklmnop").join(), /at least 32 bytes of UTF-8, found 16/);
});

Deno.test("secretFaults() gives every fault at once and never the secret [S28]", () => {
  const faults = secretFaults("demodemodemo-demodemodemo-");
  assert.equal(faults.length, 2);
  assert.ok(!faults.join().includes("demodemo"));
});
