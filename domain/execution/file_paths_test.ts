import assert from "node:assert/strict";
import fc from "fast-check";
import { DomainError, type FieldFault } from "../errors.ts";
import { type RequestedFiles, resolveFiles, SOURCE_PATHS } from "./file_paths.ts";
import { LANGUAGES } from "./language.ts";
import { FILE_CAPS } from "../../tests/fixtures/ceilings.ts";

const RULES = { language: "python", limits: { fileSizeMb: 1 }, caps: FILE_CAPS } as const;
const NOTHING = new Uint8Array();

const [PARTS, CONTROL] = [
  "a path without empty parts, '.' and '..'",
  "a path without control characters",
];
const [LENGTH, RELATIVE] = ["1 to 1024 bytes of UTF-8", "relative to the working directory"];
const SURROGATES = "Unicode text without lone surrogates";
const SOURCE = "another path than 'main.py', the program's own source";

function bringing(...paths: readonly string[]): RequestedFiles {
  return { files: paths.map((path) => ({ path, content: NOTHING })), outputs: [] };
}

function faultsOf(requested: RequestedFiles, rules: Parameters<typeof resolveFiles>[1] = RULES) {
  let found: readonly FieldFault[] = [];
  assert.throws(() => resolveFiles(requested, rules), (error) => {
    assert.ok(error instanceof DomainError && error.failure.code === "validation_failed");
    found = error.failure.errors;
    return true;
  });
  return found;
}

/** Each wrong path, what should have been there and how it is shown. */
const WRONG: readonly (readonly [path: string, expected: string, shown?: string])[] = [
  ["", LENGTH],
  ["a".repeat(1025), LENGTH, "a string of 1025 characters"],
  ["é".repeat(513), LENGTH, "a string of 513 characters"],
  ["/etc/passwd", RELATIVE],
  ["//etc/passwd", RELATIVE],
  [".", PARTS],
  ["..", PARTS],
  ["../a", PARTS],
  ["a/../../b", PARTS],
  ["a/..", PARTS],
  ["./a", PARTS],
  ["a/./b", PARTS],
  ["a//b", PARTS],
  ["a/", PARTS],
  ["a\0b", CONTROL],
  ["a\nb", CONTROL],
  ["a\x7fb", CONTROL],
  ["a\x85b", CONTROL],
  ["a\ud800b", SURROGATES],
  ["\udc00", SURROGATES],
  [Array(17).fill("a").join("/"), "at most 16 parts divided by '/'"],
  [`x/${"a".repeat(256)}`, "parts of at most 255 bytes of UTF-8", "a string of 258 characters"],
  ["é".repeat(128), "parts of at most 255 bytes of UTF-8", "a string of 128 characters"],
];

for (const [path, expected, shown] of WRONG) {
  const found = shown ?? JSON.stringify(path);
  Deno.test(`resolveFiles() refuses ${found} as a path and as a pattern [B5, S35]`, () => {
    assert.deepEqual(faultsOf(bringing(path)), [{ pointer: "/files/0/path", expected, found }]);
    const patterns = { files: [], outputs: ["ok", path] };
    assert.deepEqual(faultsOf(patterns), [{ pointer: "/outputs/1", expected, found }]);
  });
}

/** Names that only look like what is refused, and whatever else a file may be called. */
const FINE = [
  "a",
  "data/in.csv",
  "...",
  "..a",
  "a..",
  ".hidden",
  " ",
  "~",
  "~root/x",
  "-rf",
  "a\\..\\b",
  "C:\\x",
  "%2e%2e/a",
  "‥/x",
  "․․/x",
  "．．/x",
  "a／b",
  "∕etc∕passwd",
  "main.py.txt",
  "Main.py",
  "x/main.py",
  "main.js",
  "数据/данные/بيانات/😀.txt",
  "e\u0301",
  "\u202etxt.exe",
  "a".repeat(255),
  Array(16).fill("deep").join("/"),
  `${"b".repeat(255)}/${"b".repeat(255)}/${"b".repeat(255)}/${"b".repeat(255)}`,
];

Deno.test("resolveFiles() takes look-alikes and every script, as they are [B5]", () => {
  const requested = { ...bringing(...FINE), outputs: ["**", "out/*.png", "[!a]?", "main.py"] };
  const { files, outputs } = resolveFiles(requested, RULES);
  assert.deepEqual(files, requested.files);
  const { maxFiles, maxOutputBytes: maxBytes } = FILE_CAPS;
  assert.deepEqual(outputs, { patterns: requested.outputs, maxFiles, maxBytes });
});

Deno.test("resolveFiles() bounds the wildcards of a part and of a request [B5, S35]", () => {
  const most = "parts of at most 16 wildcards ('*', '?' or '[')";
  const patterns = [
    "*?[a]".repeat(5) + "*",
    "*".repeat(17),
    "a/" + "?".repeat(17),
    "[b]".repeat(17),
  ];
  const faults = faultsOf({ files: [], outputs: patterns });
  assert.deepEqual(
    faults,
    [1, 2, 3].map((at) => {
      return { pointer: `/outputs/${at}`, expected: most, found: JSON.stringify(patterns[at]) };
    }),
  );
  const full = Array<string>(64).fill("**/*.[ch]");
  assert.equal(resolveFiles({ files: [], outputs: full }, RULES).outputs.patterns.length, 64);
  assert.deepEqual(faultsOf({ files: [], outputs: [...full.slice(1), "**/*.[ch]*"] }), [
    { pointer: "/outputs", expected: "at most 256 wildcards", found: "257 wildcards" },
  ]);
  const named = bringing("*".repeat(100), "?".repeat(255));
  assert.equal(resolveFiles(named, RULES).files.length, 2);
});

Deno.test("resolveFiles() keeps a program's own source, of its language only [B5]", () => {
  for (const language of LANGUAGES) {
    const own = SOURCE_PATHS[language];
    const expected = `another path than '${own}', the program's own source`;
    for (const path of [own, `${own}/x`]) {
      const faults = faultsOf(bringing("a", path), { ...RULES, language });
      assert.deepEqual(faults, [
        { pointer: "/files/1/path", expected, found: JSON.stringify(path) },
      ]);
    }
    const others = Object.values(SOURCE_PATHS).filter((path) => path !== own);
    assert.equal(resolveFiles(bringing(...others), { ...RULES, language }).files.length, 2);
  }
});

Deno.test("resolveFiles() refuses two files in one place, either way round [B5]", () => {
  const at = (index: number, expected: string, found: string) => {
    return { pointer: `/files/${index}/path`, expected, found: JSON.stringify(found) };
  };
  const same = "a path that no other file has";
  assert.deepEqual(faultsOf(bringing("a", "b", "a")), [at(2, same, "a")]);
  const above = "a path that is no other file's folder";
  assert.deepEqual(faultsOf(bringing("a/b/c", "a", "a/b")), [
    at(1, above, "a"),
    at(2, above, "a/b"),
  ]);
  const below = "a path whose folders are no other files";
  assert.deepEqual(faultsOf(bringing("a", "a/b", "a/b/c")), [
    at(1, below, "a/b"),
    at(2, below, "a/b/c"),
  ]);
  assert.equal(resolveFiles(bringing("a/b", "a/c", "ab", "a.b"), RULES).files.length, 4);
});

Deno.test("resolveFiles() names everything that is wrong at once, at most 20 places [B5, S35]", () => {
  const big = { path: "big", content: new Uint8Array(1_048_577) };
  const requested = {
    files: [big, ...bringing("../x", "main.py").files],
    outputs: [...Array(64).fill("a"), "/b"],
  };
  assert.deepEqual(faultsOf(requested, { ...RULES, caps: { ...FILE_CAPS, maxFiles: 2 } }), [
    { pointer: "/files", expected: "at most 2 files", found: "3 files" },
    {
      pointer: "/files/0/content",
      expected: "at most 1 MiB, the run's limits.file_size_mb",
      found: "1048577 bytes",
    },
    { pointer: "/files/1/path", expected: PARTS, found: '"../x"' },
    { pointer: "/files/2/path", expected: SOURCE, found: '"main.py"' },
    { pointer: "/outputs", expected: "at most 64 patterns", found: "65 patterns" },
    { pointer: "/outputs/64", expected: RELATIVE, found: '"/b"' },
  ]);
  assert.equal(faultsOf(bringing(...Array(50).fill(".."))).length, 20);
});

Deno.test("resolveFiles() lets nothing through that leaves the folder [B5]", () => {
  const part = fc.constantFrom("", ".", "..", "a", "b", "\0", "é", "...", "/", "\ud800", "main.py");
  const paths = fc.array(fc.array(part, { maxLength: 5 }).map((parts) => parts.join("/")), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(paths, (paths) => {
      try {
        resolveFiles(bringing(...paths), RULES);
      } catch (error) {
        assert.ok(error instanceof DomainError);
        return;
      }
      const base = "file:///tmp/work/";
      const urls = paths.map((path) => new URL(encodeURI(path), base).href);
      for (const [at, url] of urls.entries()) {
        assert.equal(decodeURI(url), base + paths[at]);
        assert.ok(!urls.some((other, place) => place !== at && `${other}/`.startsWith(`${url}/`)));
        assert.ok(!`${url}/`.startsWith(`${base}main.py/`));
      }
    }),
    { numRuns: 2000 },
  );
});
