import assert from "node:assert/strict";
import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { addressText, clientKey, isWithin, parseAddress, parseNetwork } from "./address.ts";

const keyOf = (text: string) => clientKey(parseAddress(text) ?? assert.fail(text));
const almost = fc.string({ unit: fc.constantFrom(..."0123456789abF:.:%/ "), maxLength: 24 });
const texts = fc.oneof(fc.ipV4(), fc.ipV6(), almost);

Deno.test("parseAddress() takes what is an address and nothing else [S30]", () => {
  fc.assert(fc.property(texts, (text) => {
    // A zone is told apart by whoever has one.
    const expected = isIP(text) !== 0 && !text.includes("%");
    assert.equal(parseAddress(text) !== null, expected, text);
  }));
  for (
    const text of ["", "1", "1.2.3", "01.2.3.4", "1.2.3.4.", "1.2.3.256", "::1::", ":::", "::g"]
  ) {
    assert.equal(parseAddress(text), null, text);
  }
});

Deno.test("clientKey() is one for every address of a /64, and for both spellings of IPv4 [S30]", () => {
  assert.equal(keyOf("::ffff:192.0.2.7"), keyOf("192.0.2.7"));
  assert.equal(keyOf("::FFFF:c000:207"), "192.0.2.7");
  assert.equal(keyOf("2001:db8:0:1::1"), "2001:db8:0:1::/64");
  assert.equal(keyOf("2001:DB8::1:ffff:ffff:ffff:ffff"), "2001:db8:0:1::/64");
  assert.notEqual(keyOf("2001:db8:0:2::1"), keyOf("2001:db8:0:1::1"));
  assert.notEqual(keyOf("192.0.2.8"), keyOf("192.0.2.7"));
});

Deno.test("isWithin() agrees with Node's lists of networks [S30]", () => {
  const addresses = fc.oneof(
    fc.tuple(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.constant("ipv4" as const)),
    fc.tuple(fc.ipV6(), fc.ipV6(), fc.integer({ min: 0, max: 128 }), fc.constant("ipv6" as const)),
  );
  fc.assert(fc.property(addresses, fc.boolean(), ([base, other, bits, family], same) => {
    const list = new BlockList();
    list.addSubnet(base, bits, family);
    const asked = same ? base : other;
    const network = parseNetwork(`${base}/${bits}`) ?? assert.fail(base);
    const address = parseAddress(asked) ?? assert.fail(asked);
    assert.equal(isWithin(address, network), list.check(asked, family), `${asked} ${base}/${bits}`);
  }));
});

Deno.test("parseNetwork() refuses what is none [S30]", () => {
  for (
    const text of ["", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129", "::/", "a/8"]
  ) {
    assert.equal(parseNetwork(text), null, text);
  }
  assert.deepEqual(parseNetwork("10.0.0.1")?.bits, 128);
  assert.deepEqual(parseNetwork("10.0.0.0/8")?.bits, 104);
});

Deno.test("addressText() spells what parseAddress() reads as the same address", () => {
  const spelled = new Map([
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["::1", "::1"],
    ["::", "::"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:DB8:10:100:0:1:2:3", "2001:db8:10:100:0:1:2:3"],
    ["fe80::", "fe80::"],
  ]);
  for (const [text, expected] of spelled) {
    const address = parseAddress(text) ?? assert.fail(text);
    assert.equal(addressText(address), expected);
    assert.deepEqual(parseAddress(expected), address);
  }
});
