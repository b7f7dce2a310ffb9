import fc from "fast-check";
import assert from "node:assert/strict";
import { listIn } from "./listed.ts";

const ITEMS = fc.array(
  fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), fc.string({ unit: "binary" }))),
);

Deno.test("listIn() gives every item of a list, and of one that was cut those before the cut [S18]", () => {
  fc.assert(fc.property(ITEMS, fc.nat(), fc.boolean(), (items, at, pretty) => {
    const plain = JSON.parse(JSON.stringify(items));
    const head = { version: 1, other: '"list": [{' };
    const json = JSON.stringify({ ...head, list: items, more: [{}] }, null, pretty ? 2 : 0);
    assert.deepEqual(listIn(json, "list", 1000), { items: plain, more: false });
    const cut = listIn(json.slice(0, at % (json.length + 1)), "list", 1000);
    assert.deepEqual(cut.items, plain.slice(0, cut.items.length));
  }));
});

Deno.test("listIn() stops where there are enough, and tells of none where there is no list [S18]", () => {
  const json = '{"list": [{"a": 1}, {"a": [{"b": "]}"}]}, {"a": 3}]}';
  assert.deepEqual(listIn(json, "list", 2), {
    items: [{ a: 1 }, { a: [{ b: "]}" }] }],
    more: true,
  });
  assert.deepEqual(listIn(json, "list", 3).more, false);
  assert.deepEqual(listIn('{"lists": []}', "list", 3), { items: [], more: true });
  assert.deepEqual(listIn('{"list": []}', "list", 3), { items: [], more: false });
});
