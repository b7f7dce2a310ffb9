import assert from "node:assert/strict";
import fc from "fast-check";
import { parseValue, valueText } from "./value_text.ts";

const ODD: readonly unknown[] = [
  "~",
  "~n1",
  "~s~",
  "~NaN",
  "\ud800",
  -0,
  [-0, 0],
  NaN,
  [Infinity, -Infinity],
  2n ** 64n,
  -1n,
  { "~n1": "~n1" },
  JSON.parse('{"__proto__": {"admin": true}, "constructor": {"prototype": 1}, "toJSON": 1}'),
];

Deno.test("parseValue() gives back what valueText() was given, of every kind of plain data [S25]", () => {
  for (const value of ODD) assert.deepEqual(parseValue(valueText(value)), value);
  const scalar = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string().map((text) => `~${text}`),
    fc.double(),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
  );
  const { data } = fc.letrec((tie) => ({
    data: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc.array(tie("data"), { maxLength: 5 }),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("__proto__", "~n1")), tie("data"), {
        maxKeys: 5,
        noNullPrototype: true,
      }),
    ),
  }));
  fc.assert(fc.property(data, (value) => {
    assert.deepEqual(parseValue(valueText(value)), value);
  }));
});

Deno.test("parseValue() revives no prototype, and refuses what is no value's text [S25]", () => {
  const hostile = parseValue('{"__proto__": {"admin": "~n1"}, "a": 1}') as Record<string, unknown>;
  assert.equal(Object.getPrototypeOf(hostile), Object.prototype);
  assert.equal(hostile.admin, undefined);
  assert.deepEqual(Object.keys(hostile), ["__proto__", "a"]);
  for (const text of ["", "{", '"~x"', '"~n"', '["~nx"]', '{"a": "~__proto__"}', '"~toString"']) {
    assert.throws(() => parseValue(text), SyntaxError, text);
  }
});
