import assert from "node:assert/strict";
import type { ExecutionOutcome } from "../../domain/execution/outcome.ts";
import type { ExecutionRunner } from "../../domain/ports/execution_runner.ts";
import { fileOf, textsOf, wanting } from "../contracts/execution_files.ts";
import { PROGRAMS, run } from "../contracts/execution_runner.ts";
import { openForkServer } from "../fixtures/fork_server.ts";
import { openAsOrdinaryUser } from "../fixtures/ordinary_user.ts";
import { type Changes, programNamed, programOf } from "../fixtures/programs.ts";

const WAYS: Readonly<Record<string, () => Promise<ExecutionRunner>>> = {
  "by tables": openForkServer,
  "plainly": () => openForkServer({ plain: true }),
  "by an ordinary user": openAsOrdinaryUser,
};

/** What a program kept in `files_out/` leaves, as it came back. */
async function left(
  runner: ExecutionRunner,
  program: string,
  changes: Changes,
): Promise<ExecutionOutcome> {
  const request = await programNamed(`../../security/files_out/${program}.py`, changes);
  const outcome = await run(runner, request);
  assert.doesNotMatch(outcome.stderr, /Traceback/);
  for (const text of Object.values(textsOf(outcome))) assert.doesNotMatch(text, /SECRET|root:/);
  return outcome;
}

function reasonsOf({ omittedFiles }: ExecutionOutcome): Record<string, string> {
  return Object.fromEntries(omittedFiles.map(({ path, reason }) => [path, reason]));
}

/** Paths that the domain lets nobody send, handed to the runner all the same. */
const OUTWARDS = [
  "",
  ".",
  "..",
  "../x",
  "../../x",
  "a/../../x",
  "./x",
  "a//x",
  "a/",
  "/x",
  "/tmp/x",
];
OUTWARDS.push(
  "/etc/x",
  "/proc/self/x",
  "/proc/1/root/tmp/x",
  "/dev/null",
  "/dev/shm/x",
  "a\0b",
  "\0",
);
OUTWARDS.push("main.py", "main.py/x", "x".repeat(300), "d/".repeat(600), "y".repeat(5000));

for (const [way, open] of Object.entries(WAYS)) {
  Deno.test(`a path past the domain's rules reaches nothing where runs are started ${way} [S15, B5]`, async (t) => {
    await using runner = await open();
    for (const path of OUTWARDS) {
      await t.step(JSON.stringify(path.slice(0, 40)), async () => {
        const files = [fileOf(path, "planted")];
        const request = programOf("python", "print('went on')", { files });
        const { outcome, stdout, stderr } = await run(runner, request);
        assert.deepEqual([outcome, stdout], ["nonzero", ""], stderr);
        assert.match(stderr, /^Cannot place the file '/);
      });
    }
    for (const files of [["a", "a"], ["a", "a/b"], ["a/b", "a"]]) {
      const twice = files.map((path) => fileOf(path, "planted"));
      const { stderr } = await run(runner, programOf("bash", "echo", { files: twice }));
      assert.match(stderr, /^Cannot place the file 'a(\/b)?': /);
    }
    const look =
      "import os; print(os.listdir('/tmp'), os.listdir('/tmp/work'), os.path.exists('/x'))";
    const next = await run(runner, programOf("python", look));
    assert.equal(next.stdout, "['work'] ['main.py'] False\n");
  });

  Deno.test(`a pattern past the domain's rules finds nothing where runs are started ${way} [S15, B5]`, async () => {
    await using runner = await open();
    const patterns = [
      "..",
      ".",
      "../*",
      "../../etc/passwd",
      "/etc/passwd",
      "//etc/*",
      "a/../../*",
      "",
    ];
    patterns.push("**/..", "**/../*", "*/../../../etc/*", "./x", "x/");
    const code = "mkdir a; echo SECRET > /tmp/outside; echo x > x";
    const outcome = await run(runner, programOf("bash", code, { outputs: wanting(...patterns) }));
    assert.deepEqual([outcome.files, outcome.omittedFiles], [[], []]);
  });

  Deno.test(`links made inside lead nowhere where runs are started ${way} [S15, B5]`, async () => {
    await using runner = await open();
    const patterns = [
      "out/*",
      "folder/passwd",
      "tmp/outside",
      "tmp/work/out/00",
      "loop",
      "*/passwd",
    ];
    const outcome = await left(runner, "links", { outputs: wanting(...patterns) });
    const links = Array.from({ length: 13 }, (_, n) => `out/${String(n).padStart(2, "0")}`);
    const named = ["folder", "loop", ...links, "tmp"];
    assert.deepEqual(outcome.files, []);
    assert.deepEqual(
      reasonsOf(outcome),
      Object.fromEntries(named.map((path) => [path, "not_a_regular_file"])),
    );
    const all = await left(runner, "links", { outputs: wanting("**") });
    assert.deepEqual([all.files.length, all.omittedFileCount], [0, 16]);
  });

  Deno.test(`another thing in the folder's place is not gone into, ${way} [S15, B5]`, async (t) => {
    await using runner = await open();
    const outputs = wanting("**", "passwd", "outside");
    for (
      const what of ["/etc", "/tmp", "elsewhere", "/proc/1/root/tmp/elsewhere", "file", "fifo"]
    ) {
      await t.step(what, async () => {
        const outcome = await left(runner, "replaced", { args: [what], outputs });
        assert.deepEqual(outcome.files, []);
        assert.deepEqual(outcome.omittedFiles, [{ path: ".", size: null, reason: "unreadable" }]);
      });
    }
    const nothing = await left(runner, "replaced", { args: ["nothing"], outputs });
    assert.deepEqual([nothing.files, nothing.omittedFiles], [[], []]);
    const folder = await left(runner, "replaced", { args: ["folder"], outputs });
    assert.deepEqual(textsOf(folder), { new: "a folder of its own" });
  });

  Deno.test(`what is no regular file is named and never opened, ${way} [S15, B5]`, async () => {
    await using runner = await open();
    const outcome = await left(runner, "special", { outputs: wanting("*.out") });
    assert.deepEqual(textsOf(outcome), { "hard.out": "plain", "plain.out": "plain" });
    assert.deepEqual(Object.keys(reasonsOf(outcome)).join(" "), outcome.stdout.trim());
    assert.match(outcome.stdout, /^fifo.out folder.out link.out/);
    assert.deepEqual(new Set(Object.values(reasonsOf(outcome))), new Set(["not_a_regular_file"]));
  });

  Deno.test(`a file of nothing but size is told by its size, ${way} [S14, B5]`, async () => {
    await using runner = await open();
    const outputs = { ...wanting("*"), maxBytes: 8 << 20 };
    const outcome = await left(runner, "sparse", { outputs, limits: { fileSizeMb: 16 } });
    assert.equal(outcome.stdout, "File too large\n");
    assert.deepEqual(outcome.omittedFiles, [{ path: "huge", size: 16 << 20, reason: "too_large" }]);
    assert.deepEqual(outcome.files.map(({ content }) => content.length), [1 << 20]);
  });

  Deno.test(`a hundred thousand files end in a word, and hold nobody up, ${way} [S15, B5]`, async () => {
    await using runner = await open();
    const limits = { memoryMb: 1024, timeoutSeconds: 60, cpuSeconds: 60 };
    for (const [program, stopped] of [["many", "1"], ["flat", "."]] as const) {
      const outputs = { ...wanting("**/*[1-9]"), maxFiles: 10 };
      let done = false;
      const running = left(runner, program, { outputs, limits }).finally(() => done = true);
      let others = 0;
      for (; !done; others += 1) {
        assert.equal((await run(runner, PROGRAMS.prints)).stdout, "1\n");
      }
      const outcome = await running;
      assert.equal(outcome.stdout, "made\n");
      assert.deepEqual([outcome.files.length, outcome.omittedFiles.length], [10, 100]);
      assert.ok(outcome.omittedFileCount > 1000 && others > 0);
      const where = outcome.omittedFiles.filter(({ size }) => size === null);
      assert.deepEqual(where.at(-1), { path: stopped, size: null, reason: "too_many" });
    }
    const none = { outputs: wanting("**/*.png"), limits };
    const { omittedFiles } = await left(runner, "flat", none);
    assert.deepEqual(omittedFiles, [{ path: ".", size: null, reason: "too_many" }]);
  });

  Deno.test(`folders deeper than a path can say are left at a depth, ${way} [S15, B5]`, async () => {
    await using runner = await open();
    const outcome = await left(runner, "deep", { outputs: wanting("**") });
    const folder = "d".repeat(200);
    const deepest = Array(17).fill(folder).join("/");
    assert.equal(outcome.files.length, 16);
    assert.deepEqual(outcome.omittedFiles, [{ path: deepest, size: null, reason: "too_deep" }]);
  });

  Deno.test(`names of every script come back, those that are no text are named, ${way} [B5]`, async () => {
    await using runner = await open();
    const outcome = await left(runner, "names", { outputs: wanting("**", "..a", "...", "\\..\\") });
    const entries = Object.entries(textsOf(outcome));
    assert.equal(entries.length, 24);
    for (const [path, text] of entries) assert.equal(path, text);
    assert.deepEqual(
      reasonsOf(outcome),
      Object.fromEntries(
        ["folder-\ufffd", "latin-\ufffd", "\ufffd\ufffd", "\ufffd\ufffd\ufffd", "\ufffd".repeat(4)]
          .map((path) => [path, "unreadable"]),
      ),
    );
  });

  Deno.test(`files that processes hold are brought back once these are dead, ${way} [S15, B5]`, async () => {
    await using runner = await open();
    const outputs = wanting("open", "mapped", "deleted", "locked", "moved");
    const outcome = await left(runner, "held", { outputs, limits: { timeoutSeconds: 1 } });
    const texts = textsOf(outcome);
    assert.deepEqual(
      Object.keys(texts).filter((path) => !["locked", "moved"].includes(path)),
      ["mapped", "open"],
    );
    assert.deepEqual([outcome.outcome, outcome.files.length], ["timeout", 3]);
    for (const path of ["open", "mapped"]) assert.equal(texts[path]?.length, 5000);
  });

  Deno.test(`what a program shuts to itself is its caller's all the same, ${way} [B5]`, async () => {
    await using runner = await open();
    const outcome = await left(runner, "modes", { outputs: wanting("**") });
    assert.deepEqual(textsOf(outcome), { closed: "closed", "shut/in/file": "shut/in/file" });
    assert.deepEqual(outcome.omittedFiles, []);
  });
}
