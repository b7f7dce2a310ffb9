import assert from "node:assert/strict";
import fc from "fast-check";
import { DomainError, type FieldFault } from "../errors.ts";
import { ensureSafeFilePath } from "./file_path.ts";
import { ensureWithinLimits } from "./limits.ts";
import { isGraphName, isNodeKey } from "./names.ts";
import { ensureDictStructure, MAX_KEY_LENGTH, MAX_LEVELS } from "./structure.ts";
import { sanitizeString } from "./text.ts";

/** The faults that are thrown, or none. */
function faultsOf(check: () => unknown): readonly FieldFault[] {
  try {
    check();
    return [];
  } catch (error) {
    assert.ok(error instanceof DomainError && error.failure.code === "validation_failed");
    return error.failure.errors;
  }
}

const SAFE_PATHS = [
  "a",
  "data/in.csv",
  ".hidden",
  "a..b/c...d",
  "100 percent/é/数据/😀.txt",
  "console/nullable.txt",
  "a%b",
  "~user",
];

const UNSAFE_PATHS = [
  "",
  ".",
  "..",
  "../a",
  "a/../b",
  "a/..",
  "./a",
  "a//b",
  "a/",
  "/etc/passwd",
  "//host/share",
  "a\0.txt",
  "a\n",
  "\ud800",
  "%2e%2e/a",
  "%2E%2e%2fetc",
  "..%2fa",
  "a%00b",
  "%252e%252e/a",
  "%u002e%u002e/a",
  "．．/a",
  "a／..／b",
  "‥/a",
  "..\\a",
  "a\\..\\b",
  "\\\\host\\share",
  "C:\\Windows",
  "C:/Windows",
  "c:a",
  "file.txt:stream",
  "\\\\?\\C:\\a",
  "con",
  "a/NUL.txt",
  "com1",
  "LPT9.log",
  "a./b",
  "a /b",
  "a*",
  "a?b",
  "a|b",
  "x".repeat(256),
  Array(17).fill("a").join("/"),
];

for (const path of UNSAFE_PATHS) {
  Deno.test(`ensureSafeFilePath() refuses ${JSON.stringify(path).slice(0, 40)} [S32]`, () => {
    const faults = faultsOf(() => ensureSafeFilePath(path, "/path"));
    assert.deepEqual(faults.map(({ pointer }) => pointer), ["/path"]);
  });
}

Deno.test("ensureSafeFilePath() takes ordinary paths of every script [S32]", () => {
  for (const path of SAFE_PATHS) assert.deepEqual(faultsOf(() => ensureSafeFilePath(path, "")), []);
});

Deno.test("ensureSafeFilePath() lets through only what stays below, decoded and on Windows too [S32]", () => {
  const piece = fc.constantFrom(
    "..",
    ".",
    "a",
    "/",
    "\\",
    "%2e",
    "%2f",
    "%",
    ":",
    "．",
    "con",
    "\0",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }).map((all) => all.join("")), (path) => {
      if (faultsOf(() => ensureSafeFilePath(path, "")).length > 0) return;
      for (const seen of [path, path.normalize("NFKC")]) {
        const { pathname } = new URL(`file:///base/${seen.replaceAll("%", "%25")}`);
        assert.ok(pathname.startsWith("/base/") && pathname.length > "/base/".length, path);
        assert.doesNotMatch(seen, /\\|:|%[0-9a-f]{2}/);
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("ensureWithinLimits() names every number out of bounds at once [S32]", () => {
  const bounds = { minimum: 1, maximum: 5, whole: true };
  const at = (value: number, index: number) => ({ ...bounds, value, pointer: `/${index}` });
  const wrong = [0, 6, 1.5, NaN, Infinity, -Infinity].map(at);
  assert.deepEqual(
    faultsOf(() => ensureWithinLimits([...wrong, at(1, 7), at(5, 8)])),
    wrong.map(({ pointer, value }) => {
      return { pointer, expected: "a whole number from 1 to 5", found: String(value) };
    }),
  );
  fc.assert(fc.property(fc.double(), fc.double(), fc.double(), (value, minimum, maximum) => {
    const check = () =>
      ensureWithinLimits([{ value, minimum, maximum, whole: false, pointer: "" }]);
    assert.equal(faultsOf(check).length === 0, value >= minimum && value <= maximum);
  }));
});

function nested(levels: number, list: boolean): unknown {
  let value: unknown = { a: 1 };
  for (let level = 1; level < levels; level += 1) {
    value = list && level % 2 === 1 ? [value] : { a: value };
  }
  return value;
}

Deno.test("ensureDictStructure() bounds depth, keys and counts, and names the place [S32]", () => {
  const check = (value: unknown) => faultsOf(() => ensureDictStructure(value, "/p"));
  for (const list of [true, false]) assert.deepEqual(check(nested(MAX_LEVELS, list)), []);
  assert.deepEqual(check(nested(MAX_LEVELS + 1, false)), [
    { pointer: "/p/a/a/a/a/a", expected: "at most 5 levels", found: "more" },
  ]);
  assert.equal(check({ x: nested(MAX_LEVELS, true) }).length, 1);
  for (const value of [null, 1, "x", [], undefined]) assert.equal(check(value).length, 1);
  assert.deepEqual(check({ ["k".repeat(MAX_KEY_LENGTH)]: 1, "~/": [1, 2n, null, "x", true] }), []);
  for (const key of ["", "k".repeat(MAX_KEY_LENGTH + 1), "a\0b", "a\n", "\ud800"]) {
    assert.equal(check({ "a/b": { [key]: 1 } })[0]?.pointer, "/p/a~1b", JSON.stringify(key));
  }
  assert.deepEqual(check({ a: Array(9_999).fill(0) }), []);
  assert.equal(check({ a: Array(10_000).fill(0) }).length, 1);
});

Deno.test("ensureDictStructure() agrees with a reading by recursion [S32]", () => {
  const depth = (value: unknown): number =>
    typeof value === "object" && value !== null
      ? 1 + Math.max(0, ...Object.values(value).map(depth))
      : 0;
  const dictionary = fc.dictionary(
    fc.stringMatching(/^[a-z]{1,3}$/),
    fc.jsonValue({ maxDepth: 8 }),
    {
      maxKeys: 3,
    },
  );
  fc.assert(fc.property(dictionary, (value) => {
    const keys = JSON.stringify(value).matchAll(/"((?:[^"\\]|\\.)*)":/g);
    fc.pre(
      Array.from(keys, ([, key = ""]) => JSON.parse(`"${key}"`)).every((key) =>
        key.length > 0 && !/\p{Cc}/u.test(key) && key.isWellFormed()
      ),
    );
    const fits = faultsOf(() => ensureDictStructure(value, "")).length === 0;
    assert.equal(fits, depth(value) <= MAX_LEVELS);
  }));
});

const RULES = { pointer: "/text", maxLength: 100 };

Deno.test("sanitizeString() keeps every text as it is, or refuses it [S31, S32]", () => {
  const fine = ["", "AT&T <3 R&D", "a\tb\r\nc", "é 数据 😀 \u2028", "&lt;", "x".repeat(100)];
  for (const text of fine) assert.equal(sanitizeString(text, { ...RULES, html: "keep" }), text);
  for (const text of ["x".repeat(101), "\0", "a\x1bb", "\x7f", "\x85", "\ud800", "a\udc00b"]) {
    for (const html of ["keep", "escape"] as const) {
      const [fault] = faultsOf(() => sanitizeString(text, { ...RULES, html }));
      assert.equal(fault?.pointer, "/text", JSON.stringify(text));
    }
  }
});

Deno.test("sanitizeString() makes entities of HTML where told to, and of none twice [S31, S32]", () => {
  const rules = { ...RULES, maxLength: 10_000, html: "escape" } as const;
  const cases = [
    ['<b>"it\'s" AT&T</b>', "&lt;b&gt;&quot;it&#39;s&quot; AT&amp;T&lt;/b&gt;"],
    ["&lt;b&gt;", "&lt;b&gt;"],
    ["&nbsp; &#x3c;", "&amp;nbsp; &amp;#x3c;"],
    ["&amp;lt;", "&amp;lt;"],
  ] as const;
  for (const [text, escaped] of cases) assert.equal(sanitizeString(text, rules), escaped);
  const text = fc.string({ unit: fc.constantFrom(..."<>&\"'#;ltampgquo39 ", "&lt;", "&amp;") });
  fc.assert(fc.property(text, (text) => {
    const once = sanitizeString(text, rules);
    assert.equal(sanitizeString(once, rules), once);
    assert.doesNotMatch(once, /[<>"']/);
  }));
});

Deno.test("isNodeKey() and isGraphName() take their pattern and nothing else [S32]", () => {
  const both = ["a", "_", "A1_", "x".repeat(64), "__proto__"];
  const keysOnly = ["a:b", "a-b", "user:1-2"];
  const neither = ["", "1a", "-a", ":a", "x".repeat(65), "a b", "a.b", "é", "a\n", "a`b", "a\0"];
  for (const text of both) assert.ok(isNodeKey(text) && isGraphName(text), text);
  for (const text of keysOnly) assert.ok(isNodeKey(text) && !isGraphName(text), text);
  for (const text of neither) assert.ok(!isNodeKey(text) && !isGraphName(text), text);
});
