import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { cacheKey, type KeyPart } from "./key.ts";

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

const keyOf = (data: KeyPart) => cacheKey(data, sha256);

/** Data that are easily taken for one another; no two have one key. */
const DIFFERENT: readonly KeyPart[] = [
  null,
  undefined,
  "null",
  "undefined",
  "",
  "1",
  '"1"',
  "1n",
  1,
  1n,
  -1n,
  [1],
  ["1"],
  [1n],
  [[1]],
  0,
  -0,
  0n,
  "0",
  false,
  true,
  "true",
  NaN,
  Infinity,
  -Infinity,
  "NaN",
  2 ** 53,
  2n ** 53n,
  2n ** 53n + 1n,
  [],
  {},
  "[]",
  "{}",
  [[]],
  [null],
  [undefined],
  [null, null],
  ["a", "b"],
  ["b", "a"],
  ["a,b"],
  ['a","b'],
  ["a", ["b"]],
  [["a"], "b"],
  { a: 1, b: 2 },
  { a: { b: 2 } },
  { a: undefined },
  { a: null },
  { "a:1": 1 },
  ["a", 1],
  { 'a":1,"b': 2 },
  JSON.parse('{"__proto__": {}}'),
  "\ud800",
  "\ud801",
  "\ufffd",
  "\\ud800",
  "é",
  "e\u0301",
  "a",
  "a\0",
  new Uint8Array(),
  new Uint8Array([0]),
  new Uint8Array([0, 0]),
  new Uint8Array([97]),
  "a ",
  sha256("a"),
  `sha256:1:${sha256("a")}`,
];

Deno.test("cacheKey() tells apart what is different, though it looks alike [S23]", () => {
  const keys = DIFFERENT.map(keyOf);
  for (const [at, key] of keys.entries()) {
    assert.match(key, /^[0-9a-f]{64}$/);
    const first = keys.indexOf(key);
    assert.equal(first, at, `${String(DIFFERENT[at])} and ${String(DIFFERENT[first])}`);
  }
});

Deno.test("cacheKey() is the same in whatever order members stand [S23]", () => {
  assert.equal(
    keyOf({ b: [1, { y: 1n, x: "" }], a: 2 }),
    keyOf({ a: 2, b: [1, { x: "", y: 1n }] }),
  );
  const bare = Object.assign(Object.create(null), { a: 1 });
  assert.equal(keyOf(bare), keyOf({ a: 1 }));
});

Deno.test("cacheKey() is the same for two data exactly if they are [S23]", () => {
  const scalar = fc.oneof(
    fc.constantFrom("", "1", "a", "[", '"', ","),
    fc.integer({ min: -2, max: 2 }),
    fc.bigInt({ min: -2n, max: 2n }),
    fc.boolean(),
    fc.constant(null),
  );
  const { data } = fc.letrec<{ data: KeyPart }>((tie) => ({
    data: fc.oneof(
      { maxDepth: 3 },
      scalar,
      fc.array(tie("data"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b", "", "1"), tie("data"), { maxKeys: 3 }),
    ),
  }));
  const isSame = (one: KeyPart, other: KeyPart) => {
    try {
      // Without regard to prototypes: dictionaries may have none.
      assert.deepEqual(structuredClone(one), structuredClone(other));
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(data, data, (one, other) => {
      assert.equal(keyOf(one) === keyOf(other), isSame(one, other));
      assert.equal(keyOf(one), keyOf(structuredClone(one)));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("cacheKey() makes no key of what it cannot see into [S23]", () => {
  const others = [new Date(0), new Map(), new Set(), () => 1, Symbol("a"), new Uint16Array(1), /a/];
  for (const other of others) {
    const hidden = { a: [other] } as unknown as KeyPart;
    assert.throws(() => keyOf(hidden), TypeError, String(other));
  }
});
