import assert from "node:assert/strict";
import fc from "fast-check";
import { parseStrictObject } from "./strict_json.ts";

const parse = (text: string, maxDepth = 8) =>
  parseStrictObject(new TextEncoder().encode(text), maxDepth);

Deno.test("parseStrictObject() reads every object as JSON.parse does [S27]", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (object) => {
    const text = JSON.stringify(object);
    assert.deepEqual(parse(text, 16), JSON.parse(text));
  }));
});

Deno.test("parseStrictObject() refuses any member that is written twice [S27]", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.jsonValue(), (name, value) => {
    const escaped = Array.from(
      { length: name.length },
      (_, at) => `\\u${name.charCodeAt(at).toString(16).padStart(4, "0")}`,
    ).join("");
    const member = JSON.stringify(value);
    for (const first of [JSON.stringify(name), `"${escaped}"`]) {
      const text = `{"other\\"{[":1,${first}:${member},"${escaped}":1}`;
      assert.throws(() => parse(text, 64), { message: "a member of it comes twice" });
      assert.throws(() => parse(`{"a":[{},${text}]}`, 64), /comes twice/);
    }
  }));
});

Deno.test("parseStrictObject() tells members of one object from those of others [S27]", () => {
  const text = '{"a":{"a":1,"b":[{"a":1},{"a":2}]},"b":"a\\":{","c":["a","a"]}';
  assert.deepEqual(parse(text), JSON.parse(text));
});

Deno.test("parseStrictObject() refuses what is nested too deep before it is built [S27]", () => {
  assert.throws(() => parse(`{"a":${"[".repeat(8)}${"]".repeat(8)}}`), /nested deeper than 8/);
  parse(`{"a":${"[".repeat(7)}${"]".repeat(7)}}`);
  assert.throws(() => parse("[".repeat(100_000)), /nested deeper/);
  parse(`{"a":"${"[".repeat(1000)}"}`);
});

Deno.test("parseStrictObject() refuses what is no object, no JSON and no UTF-8 [S27]", () => {
  for (const text of ["[]", "null", "7", '"{}"']) {
    assert.throws(() => parse(text), /no JSON object/);
  }
  for (const text of ["", "{", "{}}", "\ufeff{}", "{a:1}", '{"a":1,}', '{"a', '{"\\']) {
    assert.throws(() => parse(text), /not JSON|nested/, text);
  }
  assert.throws(() => parseStrictObject(Uint8Array.of(0x7b, 0xff, 0x7d), 8), /not UTF-8/);
});
