import assert from "node:assert/strict";
import type { InputFile, OutputSelection } from "../../domain/execution/files.ts";
import type { ExecutionOutcome } from "../../domain/execution/outcome.ts";
import type { ExecutionRunner } from "../../domain/ports/execution_runner.ts";
import { programNamed, programOf } from "../fixtures/programs.ts";
import { run } from "./execution_runner.ts";

type Open = () => Promise<ExecutionRunner>;

const EVERY_BYTE = Uint8Array.from({ length: 512 }, (_, at) => at < 256 ? at : 511 - at);
const MIB = 1024 * 1024;

/** A selection with room enough for whatever a test does not try the bounds of. */
export function wanting(...patterns: readonly string[]): OutputSelection {
  return { patterns, maxFiles: 100, maxBytes: 8 * MIB };
}

/** A file of text, or of bytes. */
export function fileOf(path: string, content: string | Uint8Array): InputFile {
  return { path, content: typeof content === "string" ? bytesOf(content) : content };
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** What came back, as path → text. */
export function textsOf({ files }: Pick<ExecutionOutcome, "files">): Record<string, string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return Object.fromEntries(files.map(({ path, content }) => [path, decoder.decode(content)]));
}

/** What any `ExecutionRunner` that runs real programs must do with files. */
export function executionFilesContract(name: string, open: Open): void {
  inputContract(name, open);
  roomContract(name, open);
  patternContract(name, open);
  capContract(name, open);
  endContract(name, open);
}

function inputContract(name: string, open: Open): void {
  Deno.test(`${name}: every byte value goes in and comes out, in each language [S13, B5]`, async (t) => {
    await using runner = await open();
    const { unavailableLanguages } = runner.status();
    const given = { stdin: "typed", args: ["word"], environment: { NAME: "value" } };
    for (const language of ["py", "sh", "js"]) {
      if (language === "js" && unavailableLanguages.javascript !== undefined) continue;
      await t.step(`.${language}`, async () => {
        const outcome = await run(
          runner,
          await programNamed(`files/copies.${language}`, {
            ...given,
            files: [fileOf("in/every.bin", EVERY_BYTE)],
            outputs: wanting("out/**"),
          }),
        );
        assert.equal(outcome.stdout.trim(), "512 word value typed", outcome.stderr);
        const { files, omittedFiles, omittedFileCount } = outcome;
        assert.deepEqual(files.map(({ path }) => path), ["out/deeper/every.bin"]);
        assert.deepEqual(Uint8Array.from(files[0]?.content ?? []), EVERY_BYTE);
        assert.deepEqual([omittedFiles, omittedFileCount], [[], 0]);
      });
    }
  });

  Deno.test(`${name}: files come in folders, empty, by the hundred, and are the program's to change [B5]`, async () => {
    await using runner = await open();
    const many = Array.from({ length: 98 }, (_, n) => fileOf(`many/${n % 7}/${n}`, `${n}`));
    const files = [fileOf("empty", ""), fileOf("数据/é 1.txt", "text"), ...many];
    const code = `
import glob, os
print(open("数据/é 1.txt").read(), os.path.getsize("empty"), len(glob.glob("many/*/*")))
print(oct(os.stat("empty").st_mode), oct(os.stat("many/3").st_mode), os.stat("empty").st_uid == os.getuid())
open("empty", "a").write("more"); os.remove("many/0/0"); os.rename("数据", "data")`;
    const outputs = wanting("empty", "data/*", "many/0/*", "nothing");
    const outcome = await run(runner, programOf("python", code, { files, outputs }));
    assert.equal(outcome.stdout, "text 0 98\n0o100644 0o40755 True\n", outcome.stderr);
    assert.deepEqual(
      textsOf(outcome),
      Object.fromEntries([
        ["data/é 1.txt", "text"],
        ["empty", "more"],
        ...many.filter((_, n) => n % 7 === 0 && n > 0).map(({ path }) => [path, path.slice(7)]),
      ]),
    );
  });
}

function roomContract(name: string, open: Open): void {
  Deno.test(`${name}: a file that cannot be placed is said by the run, and the limit is named [S14, B5]`, async (t) => {
    await using runner = await open();
    const { unavailableLanguages } = runner.status();
    for (const language of ["python", "bash", "javascript"] as const) {
      if (language in unavailableLanguages) continue;
      await t.step(language, async () => {
        // More files than the file system of such a limit has room for, which no memory is used for.
        const files = Array.from({ length: 4200 }, (_, n) => fileOf(`a/${n}`, ""));
        const limits = { memoryMb: 32 };
        const request = programOf(language, "not reached", {
          files,
          limits,
          outputs: wanting("*"),
        });
        const { outcome, limit, returnCode, stdout, stderr } = await run(runner, request);
        assert.deepEqual([outcome, limit, returnCode, stdout], ["memory", "memory_mb", 1, ""]);
        assert.match(stderr, /^Cannot place the file 'a\/40\d\d': No space left on device\n$/);
      });
    }
  });

  Deno.test(`${name}: files come to runs of the least limits too [S14, B5]`, async () => {
    await using runner = await open();
    const files = [fileOf("a/b", new Uint8Array(MIB).fill(65))];
    const limits = { memoryMb: 8, processes: 1, openFiles: 5 };
    const python = programOf("python", "print(open('a/b').read(3))", { files, limits });
    const bash = programOf("bash", "[ -s a/b ] && echo AAA", { files, limits });
    for (const request of [python, bash]) {
      const { stdout, stderr } = await run(runner, request);
      assert.deepEqual([stdout, stderr], ["AAA\n", ""]);
    }
  });
}

/** Patterns over what `files/tree.py` leaves, and the paths that they bring back. */
const PATTERNS: readonly (readonly [patterns: readonly string[], paths: readonly string[]])[] = [
  [["a.txt"], ["a.txt"]],
  [["*.txt"], ["a.txt", "b.txt", "é.txt"]],
  [["?.txt"], ["a.txt", "b.txt", "é.txt"]],
  [["[ab].txt"], ["a.txt", "b.txt"]],
  [["[!a].txt"], ["b.txt", "é.txt"]],
  [[".*"], [".hidden.txt"]],
  [["out/*.png"], ["out/p.png"]],
  [["out/*.[pP][nN][gG]"], ["out/p.png", "out/q.PNG"]],
  [["out/**"], ["out/p.png", "out/q.PNG", "out/x/y/z.png"]],
  [["**/*.png"], ["c.png", "out/p.png", "out/x/y/z.png"]],
  [["**/.cache/*"], ["out/.cache/k.png"]],
  [["out/**/z.png"], ["out/x/y/z.png"]],
  [["**/**/y/**/*.png"], ["out/x/y/z.png"]],
  [["out/x/y/z.png", "*/x/*/z.*", "**/z.png"], ["out/x/y/z.png"]],
  [["[*]", "[[]x]"], ["*", "[x]"]],
  [["[x]"], ["x"]],
  [["a.txt/b", "nothing", "no/such/*.png", "**/no", "[", "[!", "[z-a]", "***/q"], []],
  [["main.py"], ["main.py"]],
  [["main.*", "?ain.py", "*.py", "**/*.py"], []],
  [["OUT/*", "a.TXT"], []],
];

function patternContract(name: string, open: Open): void {
  Deno.test(`${name}: patterns bring back what they fit, once, by path, and nothing is no fault [B5]`, async (t) => {
    await using runner = await open();
    for (const [patterns, paths] of PATTERNS) {
      await t.step(patterns.join(" "), async () => {
        const outputs = wanting(...patterns);
        const outcome = await run(runner, await programNamed("files/tree.py", { outputs }));
        assert.deepEqual(outcome.files.map(({ path }) => path), paths);
        for (const [path, text] of Object.entries(textsOf(outcome))) {
          if (path !== "main.py") assert.equal(text, path);
        }
        assert.deepEqual(outcome.omittedFiles, []);
      });
    }
  });

  Deno.test(`${name}: an input is brought back as the program left it, if it is asked for [B5]`, async () => {
    await using runner = await open();
    const files = [fileOf("kept", "1"), fileOf("changed", "1"), fileOf("unasked", "1")];
    const outputs = wanting("kept", "changed");
    const outcome = await run(runner, programOf("bash", "echo 2 > changed", { files, outputs }));
    assert.deepEqual(textsOf(outcome), { changed: "2\n", kept: "1" });
    const none = await run(runner, programOf("bash", "echo 2 > changed", { files }));
    assert.deepEqual([none.files, none.omittedFiles], [[], []]);
  });
}

function capContract(name: string, open: Open): void {
  Deno.test(`${name}: what is past the caps is named, and what still fits comes [B5]`, async () => {
    await using runner = await open();
    const code =
      "head -c 600 /dev/zero > a; head -c 500 /dev/zero > b; head -c 300 /dev/zero > c;" +
      "head -c 100 /dev/zero > d; touch e f";
    const outputs = { patterns: ["?"], maxFiles: 3, maxBytes: 1000 };
    const outcome = await run(runner, programOf("bash", code, { outputs }));
    assert.deepEqual(outcome.files.map(({ path, content }) => [path, content.length]), [
      ["a", 600],
      ["c", 300],
      ["d", 100],
    ]);
    assert.deepEqual(outcome.omittedFiles, [
      { path: "b", size: 500, reason: "too_large" },
      { path: "e", size: 0, reason: "too_many" },
      { path: "f", size: 0, reason: "too_many" },
    ]);
    assert.equal(outcome.omittedFileCount, 3);
  });

  Deno.test(`${name}: of very many that are left a hundred are named and all counted [B5]`, async () => {
    await using runner = await open();
    const outputs = { patterns: ["*"], maxFiles: 1, maxBytes: 1000 };
    const request = programOf("bash", "for n in {1000..1249}; do : > $n; done", { outputs });
    const { files, omittedFiles, omittedFileCount } = await run(runner, request);
    assert.deepEqual(files.map(({ path }) => path), ["1000"]);
    const expected = Array.from({ length: 100 }, (_, n) => String(1001 + n));
    assert.deepEqual(omittedFiles.map(({ path }) => path), expected);
    assert.equal(omittedFileCount, 249);
  });

  Deno.test(`${name}: 8 MiB come back whole [B5]`, async () => {
    await using runner = await open();
    const code = "open('big', 'wb').write(bytes(range(256)) * 32768)";
    const request = programOf("python", code, { outputs: wanting("big") });
    const { files: [big] } = await run(runner, request);
    assert.equal(big?.content.length, 8 * MIB);
    assert.ok(big?.content.every((byte, at) => byte === (at & 255)));
  });
}

function endContract(name: string, open: Open): void {
  const ends = [
    ["exit 3", {}, "nonzero"],
    ["kill -SEGV $$", {}, "signal"],
    ["sleep 30", { timeoutSeconds: 0.5 }, "timeout"],
    ["while :; do :; done", { cpuSeconds: 1 }, "cpu"],
    ["while :; do echo xxxxxxxxxxxxxxxx; done", { outputKb: 1 }, "output"],
    ["x=x; while :; do x=$x$x; done", { memoryMb: 32 }, "memory"],
  ] as const;

  Deno.test(`${name}: files come back after every end [S14, B5]`, async (t) => {
    await using runner = await open();
    for (const [code, limits, expected] of ends) {
      await t.step(expected, async () => {
        const outputs = wanting("partial");
        const request = programOf("bash", `echo so far > partial; ${code}`, { limits, outputs });
        const outcome = await run(runner, request);
        assert.equal(outcome.outcome, expected, outcome.stderr);
        assert.deepEqual(textsOf(outcome), { partial: "so far\n" });
      });
    }
  });

  Deno.test(`${name}: a cancelled run brings nothing back and leaves room for others [S15, B5]`, async () => {
    await using runner = await open();
    const caller = new AbortController();
    const request = programOf("bash", "echo x > a; sleep 30", { outputs: wanting("**") });
    setTimeout(() => caller.abort(), 100);
    const { outcome, files } = await runner.run(request, caller.signal);
    assert.deepEqual([outcome, files], ["cancelled", []]);
    const next = programOf("bash", "ls", { outputs: wanting("**") });
    assert.deepEqual((await run(runner, next)).files, []);
  });

  Deno.test(`${name}: many runs at once get and give their own files [S15, B5]`, async () => {
    await using runner = await open();
    const runs = Array.from({ length: 24 }, async (_, n) => {
      const language = n % 2 === 0 ? "python" : "bash";
      const code = n % 2 === 0 ? "open('out', 'w').write(open('in').read())" : "cat in > out";
      const files = [fileOf("in", `${n}`.repeat(10_000))];
      const outcome = await run(
        runner,
        programOf(language, code, { files, outputs: wanting("*") }),
      );
      assert.deepEqual(textsOf(outcome), {
        in: `${n}`.repeat(10_000),
        out: `${n}`.repeat(10_000),
      });
    });
    await Promise.all(runs);
  });
}
