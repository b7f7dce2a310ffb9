import fc from "fast-check";
import assert from "node:assert/strict";
import { MAX_FINDINGS } from "../../domain/policy/finding.ts";
import { briefly, findingsIn } from "./checked.ts";

async function linesOf(name: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(name, import.meta.url));
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

const SPELLINGS = (await linesOf("spellings.txt")).map((line) => {
  const [, expected = "", program = ""] = /^(.*?) \| (".*)$/.exec(line) ?? [];
  return { expected, program: JSON.parse(program) as string };
});
const HARMLESS = (await linesOf("harmless.txt")).map((line) => JSON.parse(line) as string);

Deno.test("ensureSafePythonCode() finds every spelling, with line and column [S17]", async () => {
  assert.ok(SPELLINGS.length >= 80, `only ${SPELLINGS.length} spellings`);
  for (const { expected, program } of SPELLINGS) {
    assert.equal(await briefly(program), expected, JSON.stringify(program));
  }
});

Deno.test("ensureSafePythonCode() finds nothing in look-alikes [S17]", async () => {
  assert.ok(HARMLESS.length >= 60, `only ${HARMLESS.length} look-alikes`);
  for (const program of HARMLESS) {
    assert.equal(await briefly(program), "", JSON.stringify(program));
  }
});

/** Ways to write text that is no code. */
const QUOTES: readonly ((text: string) => string)[] = [
  (text) => `x = ${JSON.stringify(text)}`,
  (text) => `"""${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"""`,
  (text) => `def f():\n    '''${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'''\n`,
  (text) => `x = 1 ${text.split(/\r\n?|\n/).map((line) => `# ${line}`).join("\n")}`,
  (text) => `f"${JSON.stringify(text).slice(1, -1).replaceAll(/[{}]/g, "$&$&")}{x}"`,
  (text) => `x.y(b${JSON.stringify(text.replaceAll(/[^ -~\n]/g, ""))}, k='''a''')`,
];

Deno.test("ensureSafePythonCode() finds nothing inside strings and comments [S17]", async () => {
  const program = fc.constantFrom(...SPELLINGS.map(({ program }) => program));
  const quote = fc.constantFrom(...QUOTES);
  await fc.assert(
    fc.asyncProperty(
      fc.array(program, { minLength: 1, maxLength: 3 }),
      quote,
      async (all, quote) => {
        const quoted = quote(all.join("\n").replaceAll(/[\r\f\ufeff]/g, ""));
        assert.equal(await briefly(quoted), "", quoted);
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("ensureSafePythonCode() finds the same wherever a statement stands [S17]", async () => {
  const plain = SPELLINGS.filter(({ program }) =>
    !/[\r\f\ufeff]|'''|\\\n|\b(match|global)\b/.test(program)
  );
  for (const { expected, program } of plain) {
    const inside = program.split("\n").map((line) => `    ${line}`).join("\n");
    const found = (await findingsIn(`x = 1\nwith y:\n${inside}\n`)).map(
      ({ rule, line, column }) => {
        return `${rule} ${line - 2}:${column - 4}`;
      },
    );
    assert.equal(found.join(", "), expected, program);
  }
});

const NETWORK: Readonly<Record<string, string>> = {
  "import socket": "network-module 1:8",
  "import a, http.client": "network-module 1:11",
  "from urllib.request import urlopen": "network-module 1:6",
  "import urllib.parse\nurllib.request.urlopen('x')": "network-module 2:8",
  "import asyncio\nasyncio.open_connection('x', 1)": "network-module 2:9",
  "import ssl, ftplib, smtplib, requests, httpx, aiohttp, _socket":
    "network-module 1:8, network-module 1:13, network-module 1:21, network-module 1:30, " +
    "network-module 1:40, network-module 1:47, network-module 1:56",
  "from urllib.parse import quote": "",
  "from http import HTTPStatus": "",
  "import asyncio\nasyncio.sleep(1)": "",
};

Deno.test("ensureSafePythonCode() minds network modules in strict mode alone [S17]", async () => {
  for (const [program, expected] of Object.entries(NETWORK)) {
    assert.equal(await briefly(program, "reject-strict"), expected, program);
    assert.equal(await briefly(program, "reject"), "", program);
  }
});

Deno.test("ensureSafePythonCode() says what it cannot read only where that refuses [S17]", async () => {
  const programs: Readonly<Record<string, string>> = {
    "x = (": "unreadable 1:6",
    "import os\nprint 'x'": "unreadable 2:7",
    "x = 'a\n'": "unreadable 1:7",
    "# coding: utf-7\nx": "unreadable 1:1",
    "#!python\n# -*- coding: shift_jis -*-": "unreadable 2:1",
    ["(".repeat(100_000)]: "unreadable 1:2801",
  };
  for (const [program, expected] of Object.entries(programs)) {
    assert.equal(await briefly(program), expected, program.slice(0, 40));
    assert.equal(await briefly(program, "warn"), "", program.slice(0, 40));
  }
});

Deno.test("ensureSafePythonCode() counts columns in code points [S17]", async () => {
  assert.equal(await briefly("x = '😀é'; eval(x)"), "eval-call 1:11");
});

Deno.test(`ensureSafePythonCode() tells ${MAX_FINDINGS} findings at most, the first [S17]`, async () => {
  const found = await findingsIn("x = 1\n" + "eval\n".repeat(MAX_FINDINGS + 50));
  assert.equal(found.length, MAX_FINDINGS);
  assert.deepEqual([found[0]?.line, found.at(-1)?.line], [2, MAX_FINDINGS + 1]);
});

Deno.test("ensureSafePythonCode() looks at nothing when it is off [S17]", async () => {
  assert.equal(await briefly("eval(1)", "off"), "");
});
