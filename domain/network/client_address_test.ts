import assert from "node:assert/strict";
import fc from "fast-check";
import { clientKey, parseAddress, parseNetwork } from "./address.ts";
import { clientAddress, type Forwarding } from "./client_address.ts";

const TRUSTED = ["10.0.0.0/8", "fd00::/8"]
  .map((text) => parseNetwork(text) ?? assert.fail(text));
const CLIENT = "198.51.100.7";

function addressFrom(peer: string, headers: Partial<Forwarding>): string {
  const address = parseAddress(peer) ?? assert.fail(peer);
  const forwarding = { forwarded: null, xForwardedFor: null, ...headers };
  return clientKey(clientAddress(address, forwarding, TRUSTED));
}

Deno.test("clientAddress() takes nobody's word but a trusted peer's [S30]", () => {
  const headers = { forwarded: "for=1.2.3.4", xForwardedFor: "1.2.3.4" };
  assert.equal(addressFrom(CLIENT, headers), CLIENT);
  assert.equal(addressFrom("11.0.0.1", headers), "11.0.0.1");
  assert.equal(addressFrom("10.0.0.1", headers), "1.2.3.4");
  assert.equal(addressFrom("::ffff:10.0.0.1", headers), "1.2.3.4");
  assert.equal(addressFrom("10.0.0.1", {}), "10.0.0.1");
});

/** `X-Forwarded-For` behind a trusted peer, and whom it makes the client. */
const OLDER: readonly [string, string][] = [
  [CLIENT, CLIENT],
  [`1.2.3.4, ${CLIENT}`, CLIENT],
  [`${CLIENT}, 10.0.0.2, 10.0.0.3`, CLIENT],
  [`garbage", <script>, ${CLIENT}`, "10.0.0.1"],
  [`garbage, ${CLIENT}`, CLIENT],
  ["10.9.9.9, 10.0.0.2", "10.9.9.9"],
  [`${CLIENT}:4711`, CLIENT],
  ["[2001:db8::1]:443", "2001:db8:0:0::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::ffff:198.51.100.7", CLIENT],
  ["", "10.0.0.1"],
  [",", "10.0.0.1"],
  [`${CLIENT},`, "10.0.0.1"],
  ["unknown", "10.0.0.1"],
  ["localhost", "10.0.0.1"],
  [`${CLIENT}, unknown`, "10.0.0.1"],
  ["198.51.100.07", "10.0.0.1"],
  ["3325256711", "10.0.0.1"],
];

for (const [header, expected] of OLDER) {
  Deno.test(`clientAddress() reads X-Forwarded-For '${header}' as ${expected} [S30]`, () => {
    assert.equal(addressFrom("10.0.0.1", { xForwardedFor: header }), expected);
  });
}

/** The same of `Forwarded`. */
const NEWER: readonly [string, string][] = [
  [`for=${CLIENT}`, CLIENT],
  [`For="${CLIENT}:80";proto=https;by=10.0.0.1`, CLIENT],
  ['for="[2001:db8::1]:80"', "2001:db8:0:0::/64"],
  [`for=1.2.3.4, for=${CLIENT};proto=http, for=10.0.0.2`, CLIENT],
  [`proto=https , for=${CLIENT}`, CLIENT],
  [`for=${CLIENT}, proto=https`, "10.0.0.1"],
  [`for="evil, for=${CLIENT}`, "10.0.0.1"],
  [`for=1.2.3.4;for=${CLIENT}`, "10.0.0.1"],
  [`for=_hidden`, "10.0.0.1"],
  [`for=unknown`, "10.0.0.1"],
  [`for=${CLIENT};`, "10.0.0.1"],
  [`for`, "10.0.0.1"],
];

for (const [header, expected] of NEWER) {
  Deno.test(`clientAddress() reads Forwarded '${header}' as ${expected} [S30]`, () => {
    assert.equal(addressFrom("10.0.0.1", { forwarded: header }), expected);
  });
}

Deno.test("clientAddress() is the peer's own where two headers differ [S30]", () => {
  const differing = { forwarded: "for=1.2.3.4", xForwardedFor: CLIENT };
  assert.equal(addressFrom("10.0.0.1", differing), "10.0.0.1");
  const broken = { forwarded: "for=", xForwardedFor: CLIENT };
  assert.equal(addressFrom("10.0.0.1", broken), "10.0.0.1");
  const agreeing = { forwarded: `for=${CLIENT}`, xForwardedFor: CLIENT };
  assert.equal(addressFrom("10.0.0.1", agreeing), CLIENT);
});

Deno.test("clientAddress() is what the proxy added, whatever a caller wrote before it [S30]", () => {
  const written = fc.oneof(fc.ipV4(), fc.string({ unit: "binary-ascii" }));
  fc.assert(fc.property(written, (forged) => {
    const found = addressFrom("10.0.0.1", { xForwardedFor: `${forged}, ${CLIENT}` });
    assert.ok(found === CLIENT || found === "10.0.0.1", found);
    const other = addressFrom("10.0.0.1", { forwarded: `for=${forged}, for=${CLIENT}` });
    assert.ok(other === CLIENT || other === "10.0.0.1", other);
  }));
});
