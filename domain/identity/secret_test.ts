import assert from "node:assert/strict";
import { secretFaults } from "./secret.ts";

const GOOD = [
  "Jv3p8ZqL0xWc7RtYb2NfKd5MhGs9UeAo",
  "0f8c1d7be29a4653b0c7f1e2d3948576a1b2c3d4e5f60718",
  "kT9-testament_Rq2vX7bLm4Zc8Wd1Np6Yf",
  "blåbærgrød-og-æblegrød-91-Ø",
];

const WEAK: readonly [secret: string, fault: RegExp][] = [
  ["", /at least 32 bytes of UTF-8, found 0/],
  ["Jv3p8ZqL0xWc7RtYb2NfKd5MhGs9UeA", /at least 32 bytes of UTF-8, found 31/],
  ["my-Password-is-long-enough-93847561", /'password'/],
  ["a-very-long-SECRET-that-nobody-knows", /'secret'/],
  ["MyCompanysSecretKey20260101abcdefgh", /'secret'/],
  ["please-change-me-please-change-it-9", /'change-me'/],
  ["changeme0123456789abcdefghijklmnop", /'changeme'/],
  ["test-0123456789-abcdefghijklmnopqrs", /'test'/],
  ["0123456789-abcdefghijklmnopqrs-demo1", /'demo'/],
  ["a".repeat(64), /one piece repeated/],
  ["abcd".repeat(16), /one piece repeated/],
];

Deno.test("secretFaults() passes long secrets without weak words [S28]", () => {
  for (const secret of GOOD) assert.deepEqual(secretFaults(secret), [], secret);
});

Deno.test("secretFaults() names what is weak [S28]", () => {
  for (const [secret, fault] of WEAK) assert.match(secretFaults(secret).join("; "), fault, secret);
});

Deno.test("secretFaults() counts bytes, not characters [S28]", () => {
  assert.deepEqual(secretFaults("æøåéèüñçðþßœłžšć"), []);
  assert.equal(secretFaults("abcdefghijklmnop").length, 1);
});

Deno.test("secretFaults() gives every fault at once and never the secret [S28]", () => {
  const faults = secretFaults("demodemodemo-demodemodemo-");
  assert.equal(faults.length, 2);
  assert.ok(!faults.join().includes("demodemo"));
});
