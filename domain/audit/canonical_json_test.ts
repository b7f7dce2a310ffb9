import assert from "node:assert/strict";
import { canonicalJson } from "./canonical_json.ts";

Deno.test("canonicalJson() gives one text for one value, whatever the order of its members [B11]", () => {
  const one = { b: [1, { d: null, c: "x" }], a: true, é: 1, Z: 2 };
  const other = { Z: 2, é: 1, a: true, b: [1, { c: "x", d: null }] };
  assert.equal(canonicalJson(one), canonicalJson(other));
  assert.equal(canonicalJson(one), '{"Z":2,"a":true,"b":[1,{"c":"x","d":null}],"é":1}');
});

Deno.test("canonicalJson() keeps every text and number, and leaves out what is undefined [B11]", () => {
  const value = { text: 'a\0"\\\ud800😀\u2028', number: 1e21, empty: "", "": [] };
  assert.deepEqual(JSON.parse(canonicalJson(value)), value);
  assert.equal(canonicalJson({ a: undefined, b: 1 }), '{"b":1}');
});
