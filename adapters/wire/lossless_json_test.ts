import assert from "node:assert/strict";
import fc from "fast-check";
import { parseKinds, parseLossless, withNumbers, withoutKinds } from "./lossless_json.ts";

const CASES: readonly (readonly [json: string, value: unknown])[] = [
  ["9007199254740991", 9007199254740991],
  ["9007199254740992", 9007199254740992n],
  ["9007199254740993", 9007199254740993n],
  ["-9007199254740993", -9007199254740993n],
  ["[1, 123456789012345678901234567890]", [1, 123456789012345678901234567890n]],
  ['{"a": {"b": 18446744073709551615}}', { a: { b: 18446744073709551615n } }],
  ['"12345678901234567890"', "12345678901234567890"],
  ["1234567890123456.5", 1234567890123456.5],
  ["1e400", Infinity],
  ["12345678901234567e2", 1234567890123456700],
  ["-0", -0],
  ["9".repeat(100), 10n ** 100n - 1n],
  ["9".repeat(101), 1e101],
];

for (const [json, value] of CASES) {
  Deno.test(`parseLossless() reads ${json.slice(0, 40)} [S31]`, () => {
    assert.deepEqual(parseLossless(json), value);
  });
}

Deno.test("parseLossless() keeps a key called __proto__ a key [S31]", () => {
  const value = parseLossless('{"__proto__": {"x": 12345678901234567890}}') as object;
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.deepEqual(Object.keys(value), ["__proto__"]);
});

Deno.test("parseLossless() gives back every integer, and what JSON.parse does of all else [S31]", () => {
  fc.assert(fc.property(fc.bigInt(), (integer) => {
    assert.equal(BigInt(parseLossless(`${integer}`) as number | bigint), integer);
  }));
  fc.assert(fc.property(fc.json(), (json) => {
    const beside = parseLossless(`[12345678901234567890,${json}]`) as unknown[];
    const lossless = JSON.stringify(
      beside[1],
      (_key, value) => typeof value === "bigint" ? Number(value) : value,
    );
    assert.equal(lossless, JSON.stringify(JSON.parse(json)));
  }));
});

Deno.test("parseLossless() makes no bigint of eight million digits, which would take seconds [S31]", () => {
  assert.deepEqual(parseLossless(`[1, ${"9".repeat(8_000_000)}]`), [1, Infinity]);
});

Deno.test("parseLossless() throws a SyntaxError for what is no JSON [S31]", () => {
  assert.throws(() => parseLossless("12345678901234567890,"), SyntaxError);
});

Deno.test("withNumbers() gives what JSON.parse would have read [S31]", () => {
  fc.assert(fc.property(fc.json(), (json) => {
    const text = `{"__proto__": [12345678901234567890, ${json}]}`;
    assert.equal(
      JSON.stringify(withNumbers(parseLossless(text))),
      JSON.stringify(JSON.parse(text)),
    );
  }));
});

Deno.test("parseKinds() tells integers from every other number, however they are written [S10]", () => {
  const text = '[1, -0, 0, 1.0, 1e2, 1E2, -0.0, 9007199254740993, "1", {"a": 2}]';
  assert.deepEqual(parseKinds(text), [
    1n,
    0n,
    0n,
    1,
    100,
    100,
    -0,
    9007199254740993n,
    "1",
    { a: 2n },
  ]);
});

Deno.test("withoutKinds() gives what parseLossless() would have read [S31]", () => {
  fc.assert(fc.property(fc.json(), fc.bigInt(), (json, integer) => {
    const text = `{"__proto__": [${integer}, ${json}]}`;
    const shown = (value: unknown) =>
      JSON.stringify(value, (_key, inner) => typeof inner === "bigint" ? `${inner}n` : inner);
    assert.equal(shown(withoutKinds(parseKinds(text))), shown(parseLossless(text)));
  }));
});

Deno.test("an integer of a million digits is read as one that no bound lets through [S10, S31]", () => {
  const digits = "9".repeat(1_000_000);
  assert.deepEqual([parseLossless(digits), parseLossless(`-${digits}`)], [Infinity, -Infinity]);
  assert.deepEqual([parseKinds(digits), parseKinds(`-${digits}`)], [
    10n ** 100n - 1n,
    1n - 10n ** 99n,
  ]);
});
