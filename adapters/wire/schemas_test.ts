import assert from "node:assert/strict";
import { z } from "zod";
import type { FieldFault } from "../../domain/errors.ts";
import { executeCodeCommand } from "./execution.ts";
import { validationFailed } from "./faults.ts";
import { executeCodeSchema } from "./schemas.ts";
import { CEILINGS, FILE_CAPS } from "../../tests/fixtures/ceilings.ts";

const MIB = 1_048_576;
const schema = executeCodeSchema(CEILINGS, FILE_CAPS);

function faultsIn(value: unknown): readonly FieldFault[] {
  const checked = schema.safeParse(value);
  assert.ok(!checked.success, "the schema accepts the value");
  const { failure } = validationFailed(checked.error, value);
  assert.ok(failure.code === "validation_failed");
  return failure.errors;
}

Deno.test("executeCodeSchema() fills in every default [S13]", async () => {
  assert.deepEqual(await executeCodeCommand(schema.parse({ code: "print(1)" })), {
    code: "print(1)",
    language: "python",
    stdin: "",
    args: [],
    environment: {},
    files: [],
    outputs: [],
    cache: false,
    limits: {
      timeoutSeconds: undefined,
      memoryMb: undefined,
      cpuSeconds: undefined,
      processes: undefined,
      openFiles: undefined,
      fileSizeMb: undefined,
      outputKb: undefined,
    },
  });
});

Deno.test("executeCodeCommand() passes on every field [S14, B5]", async () => {
  const command = await executeCodeCommand(schema.parse({
    code: "echo",
    language: "bash",
    timeout_seconds: 1.5,
    stdin: "in",
    args: ["a", ""],
    environment: { _A1: "x\ny", LD_PRELOAD: "" },
    files: [{ path: "a", content: "é" }, { path: "b", content: "AP8=", encoding: "base64" }],
    outputs: ["*.png"],
    cache: true,
    limits: {
      memory_mb: 1,
      cpu_seconds: 2,
      processes: 3,
      open_files: 4,
      file_size_mb: 5,
      output_kb: 6,
    },
  }));
  assert.deepEqual(command, {
    code: "echo",
    language: "bash",
    stdin: "in",
    args: ["a", ""],
    environment: { _A1: "x\ny", LD_PRELOAD: "" },
    files: [
      { path: "a", content: new Uint8Array([0xc3, 0xa9]) },
      { path: "b", content: new Uint8Array([0, 0xff]) },
    ],
    outputs: ["*.png"],
    cache: true,
    limits: {
      timeoutSeconds: 1.5,
      memoryMb: 1,
      cpuSeconds: 2,
      processes: 3,
      openFiles: 4,
      fileSizeMb: 5,
      outputKb: 6,
    },
  });
});

Deno.test("executeCodeSchema() takes what is just within each bound", () => {
  const within = [
    { code: "x".repeat(MIB) },
    { code: "é".repeat(MIB / 2) },
    { code: "x", stdin: "é".repeat(MIB / 2) },
    { code: "x", args: Array(64).fill("y".repeat(1024)) },
    { code: "x", environment: { ["A".repeat(128)]: "y".repeat(65_536 - 128) } },
    { code: "x", environment: Object.fromEntries(names(64).map((name) => [name, ""])) },
  ];
  for (const value of within) assert.ok(schema.safeParse(value).success);
});

const REFUSED: readonly [string, unknown, FieldFault][] = [
  ["no body", null, { pointer: "", expected: "an object", found: "null" }],
  ["a list", [1], { pointer: "", expected: "an object", found: "an array of 1 item" }],
  ["no code", {}, { pointer: "/code", expected: "a string", found: "nothing" }],
  ["empty code", { code: "" }, code("a string of 0 characters")],
  ["long code", { code: "x".repeat(MIB + 1) }, code("a string of 1048577 characters")],
  [
    "code long in bytes",
    { code: "é".repeat(MIB / 2) + "x" },
    code("a string of 524289 characters"),
  ],
  ["code of a wrong type", { code: 12345 }, {
    pointer: "/code",
    expected: "a string",
    found: "a number",
  }],
  ["a lone surrogate", { code: "\ud800" }, {
    pointer: "/code",
    expected: "Unicode text without lone surrogates",
    found: "a string of 1 character",
  }],
  ["an unknown language", { code: "x", language: "ruby" }, {
    pointer: "/language",
    expected: 'one of "python", "javascript", "bash"',
    found: '"ruby"',
  }],
  ["an unknown field", { code: "x", file: [1, 2] }, {
    pointer: "/file",
    expected: "absent: there is no field of this name",
    found: "an array of 2 items",
  }],
  ["an unknown field with / and ~", { code: "x", "a/b~c": {} }, {
    pointer: "/a~1b~0c",
    expected: "absent: there is no field of this name",
    found: "an object of 0 fields",
  }],
  ["an unknown field named __proto__", JSON.parse('{"code":"x","__proto__":1}'), {
    pointer: "/__proto__",
    expected: "absent: there is no field of this name",
    found: "1",
  }],
  ["an unknown limit", { code: "x", limits: { disk: 1 } }, {
    pointer: "/limits/disk",
    expected: "absent: there is no field of this name",
    found: "1",
  }],
  ["a limit of a wrong type", { code: "x", limits: { memory_mb: "128" } }, {
    pointer: "/limits/memory_mb",
    expected: "a number",
    found: '"128"',
  }],
  ["an endless timeout", { code: "x", timeout_seconds: JSON.parse("1e999") }, {
    pointer: "/timeout_seconds",
    expected: "a number",
    found: "Infinity",
  }],
  ["limits of null", { code: "x", limits: null }, {
    pointer: "/limits",
    expected: "an object",
    found: "null",
  }],
  ["NUL in an argument", { code: "x", args: ["a", "secret\0"] }, {
    pointer: "/args/1",
    expected: "a string without NUL",
    found: "a string of 7 characters",
  }],
  ["too many arguments", { code: "x", args: Array(65).fill(1) }, {
    pointer: "/args",
    expected: "at most 64 items",
    found: "an array of 65 items",
  }],
  ["too long arguments", { code: "x", args: ["é".repeat(32_769)] }, {
    pointer: "/args",
    expected: "arguments of at most 65536 bytes in all",
    found: "an array of 1 item",
  }],
  ["a bad variable name", { code: "x", environment: { "1A": "secret" } }, {
    pointer: "/environment/1A",
    expected: "a name like ^[A-Za-z_][A-Za-z0-9_]{0,127}$",
    found: "a string of 6 characters",
  }],
  ["a variable that is a number", { code: "x", environment: { PIN: 1234 } }, {
    pointer: "/environment/PIN",
    expected: "a string",
    found: "a number",
  }],
  ["a variable named __proto__", JSON.parse('{"code":"x","environment":{"__proto__":"y"}}'), {
    pointer: "/environment/__proto__",
    expected: "absent: this name cannot be set",
    found: "a string of 1 character",
  }],
  [
    "too many variables",
    { code: "x", environment: Object.fromEntries(names(65).map((name) => [name, 1])) },
    { pointer: "/environment", expected: "at most 64 variables", found: "an object of 65 fields" },
  ],
];

const FILES_REFUSED: readonly [string, unknown, FieldFault][] = [
  ["files that are no list", { code: "x", files: "a" }, {
    pointer: "/files",
    expected: "an array",
    found: '"a"',
  }],
  ["more files than the setting", { code: "x", files: Array(101).fill(7) }, {
    pointer: "/files",
    expected: "at most 100 files",
    found: "an array of 101 items",
  }],
  ["a file without content, not repeating its path", { code: "x", files: [{ path: "a" }] }, {
    pointer: "/files/0/content",
    expected: "a string",
    found: "nothing",
  }],
  ["a content that is no text", { code: "x", files: [{ path: "a", content: "\ud800" }] }, {
    pointer: "/files/0/content",
    expected: "Unicode text without lone surrogates",
    found: "a string of 1 character",
  }],
  [
    "an unknown encoding",
    { code: "x", files: [{ path: "a", content: "", encoding: "hex" }] },
    { pointer: "/files/0/encoding", expected: 'one of "utf-8", "base64"', found: '"hex"' },
  ],
  ["more patterns than 64", { code: "x", outputs: Array(65).fill("a") }, {
    pointer: "/outputs",
    expected: "at most 64 patterns",
    found: "an array of 65 items",
  }],
];

for (const [name, value, fault] of FILES_REFUSED) {
  Deno.test(`executeCodeSchema() refuses ${name} [B5, S35]`, () => {
    assert.deepEqual(faultsIn(value), [fault]);
  });
}

for (const [name, value, fault] of REFUSED) {
  Deno.test(`executeCodeSchema() refuses ${name} with pointer, expected and found [S35]`, () => {
    assert.deepEqual(faultsIn(value), [fault]);
  });
}

Deno.test("validationFailed() names every wrong field at once, at most 20 and none at length", () => {
  const faults = faultsIn({ code: 1, language: 2, stdin: 3, ["u".repeat(5000)]: "v".repeat(5000) });
  const pointers = faults.map(({ pointer }) => pointer.slice(0, 9));
  assert.deepEqual(pointers.toSorted(), ["/code", "/language", "/stdin", "/uuuuuuuu"]);
  for (const { pointer, found } of faults) assert.ok(pointer.length <= 160 && found.length <= 80);
  const many = Object.fromEntries(names(5000).map((name) => [name, 1]));
  assert.equal(faultsIn(many).length, 20);
});

Deno.test("executeCodeSchema() documents the bounds that the domain holds [S14]", () => {
  const shown = JSON.stringify(z.toJSONSchema(schema, { io: "input" }));
  assert.match(shown, /"memory_mb":\{"type":"integer","minimum":1,"maximum":1024,"default":128\}/);
  assert.match(
    shown,
    /"timeout_seconds":\{"type":"number","minimum":0.5,"maximum":60,"default":8\}/,
  );
});

function code(found: string): FieldFault {
  return { pointer: "/code", expected: "1 to 1048576 bytes of UTF-8 text", found };
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `N${index}`);
}
