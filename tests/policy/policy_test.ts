import fc from "fast-check";
import assert from "node:assert/strict";
import { MAX_FINDINGS } from "../../domain/policy/finding.ts";
import { ensureSafePythonCode } from "../../application/ensure_safe_python_code.ts";
import { DomainError } from "../../domain/errors.ts";
import { MAX_STRETCH, MAX_WORK, Work, WORK_A_TURN } from "../../domain/policy/work.ts";
import type { PythonSyntax } from "../../domain/ports/python_syntax.ts";
import { briefly, findingsIn, NEVER, SYNTAX } from "./checked.ts";

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

Deno.test("ensureSafePythonCode() gives a program and its modules one budget together [S17]", async () => {
  const content = new TextEncoder().encode("x = a.b(c, 'd')\n".repeat(2000));
  const files = Array.from({ length: 12 }, (_, at) => ({ path: `m${at}.py`, content }));
  const work = new Work();
  const checked = (all: typeof files) => {
    const sources = { code: "import m0", files: all };
    return ensureSafePythonCode({ syntax: SYNTAX, policy: "reject" }, sources, NEVER, work);
  };
  assert.deepEqual(await checked(files.slice(0, 1)), []);
  await assert.rejects(checked(files), (error) => {
    assert.ok(error instanceof DomainError && error.failure.code === "code_rejected");
    const [found, ...others] = error.failure.findings;
    assert.deepEqual([found?.rule, others], ["too-complex", []]);
    assert.match(found?.path ?? "", /^m[1-9]\.py$/);
    return true;
  });
  assert.ok(work.spent < MAX_WORK + MAX_STRETCH, `${work.spent} units`);
});

Deno.test("ensureSafePythonCode() decodes no modules past its bound of text [S17]", async () => {
  const content = new TextEncoder().encode("#".repeat(1_048_577));
  const files = ["a.py", "b.py"].map((path) => ({ path, content }));
  const asked = ensureSafePythonCode(
    { syntax: SYNTAX, policy: "reject" },
    { code: "", files },
    NEVER,
  );
  await assert.rejects(asked, (error) => {
    assert.ok(error instanceof DomainError && error.failure.code === "code_rejected");
    assert.deepEqual(error.failure.findings.map(({ rule, path }) => [rule, path]), [
      ["too-complex", "b.py"],
    ]);
    return true;
  });
});

Deno.test("ensureSafePythonCode() leaves off when its caller leaves, and lets others go on [S17]", async () => {
  const program = "x = a.b(c, 'd')\n".repeat(5000);
  const sources = { code: program, files: [] };
  const looks = [0, 1, 2].map(() => ({ leaving: new AbortController(), work: new Work() }));
  let turns = 0;
  const syntax: PythonSyntax = {
    parse: SYNTAX.parse,
    turn: async () => {
      turns += 1;
      if (turns === 5) { for (const { leaving } of looks.slice(0, 2)) leaving.abort(); }
      await SYNTAX.turn();
    },
  };
  const ends = await Promise.allSettled(looks.map(({ leaving, work }) => {
    return ensureSafePythonCode({ syntax, policy: "reject" }, sources, leaving.signal, work);
  }));
  const told = ends.map((end) => end.status === "rejected" ? end.reason.failure.code : end.value);
  assert.deepEqual(told, ["cancelled", "cancelled", []]);
  const [first, second, third] = looks.map(({ work }) => work.spent);
  assert.ok((first ?? 0) < 12 * WORK_A_TURN, `${first} units of a look that was begun`);
  assert.ok((second ?? 0) < WORK_A_TURN, `${second} units of a look that waited`);
  assert.ok((third ?? 0) > 50 * WORK_A_TURN, `${third} units of a look that was wanted`);
});
