import assert from "node:assert/strict";
import { escapeJsonText, toJson } from "./json.ts";

Deno.test("toJson() leaves no live markup and loses nothing [S31]", () => {
  const value = { "<b>&": "</script>\u2028\u2029&amp;", plain: 'a"\\n' };
  const json = toJson(value);
  assert.doesNotMatch(json, /[<>&\u2028\u2029]/);
  assert.match(json, /\\u003c\/script\\u003e\\u2028\\u2029\\u0026amp;/);
  assert.deepEqual(JSON.parse(json), value);
});

Deno.test("escapeJsonText() keeps an escape that is already there [S31]", () => {
  assert.deepEqual(JSON.parse(escapeJsonText('"\\u003c\\\\<"')), "<\\<");
});
