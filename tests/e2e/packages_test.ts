import assert from "node:assert/strict";
import { run } from "../contracts/execution_runner.ts";
import { openForkServer } from "../fixtures/fork_server.ts";
import { addPackages, folderOfModules, type PackagesFixture } from "../fixtures/packages.ts";
import { programNamed, programOf } from "../fixtures/programs.ts";
import { runTask, startService, temporaryFolder } from "../fixtures/service.ts";

// The real ones, added once by the command that a user gives: this takes the package index.
let real: PackagesFixture;

Deno.test.beforeAll(async () => {
  real = await addPackages("numpy", "pandas");
});

Deno.test.afterAll(async () => {
  await real[Symbol.asyncDispose]();
});

for (const plain of [false, true]) {
  const way = plain ? "plain" : "by tables";
  const open = () => openForkServer({ plain, packages: real.folder });

  Deno.test(`packages, ${way}: a run finds those that it names imported already [B8]`, async () => {
    await using runner = await open();
    assert.deepEqual(runner.status().packages, {
      preloaded: ["numpy", "pandas"],
      notPreloaded: {},
    });
    const outcome = await run(runner, await programNamed("packages/ahead.py"));
    const expected = "numpy pandas {'a': 2, 'b': 1} /opt/python/numpy/__init__.py\n";
    assert.deepEqual([outcome.stdout, outcome.stderr], [expected, ""]);
  });

  Deno.test(`packages, ${way}: a run that names none has none in its memory [B8, B6]`, async () => {
    await using runner = await open();
    const code = "import sys; print([m for m in sys.modules if m[:3] in ('num', 'pan')])";
    assert.equal((await run(runner, programOf("python", code))).stdout, "[]\n");
    const numbers = "import sys, numpy; print('pan' + 'das' in sys.modules)";
    assert.equal((await run(runner, programOf("python", numbers))).stdout, "False\n");
  });

  Deno.test(`packages, ${way}: 30 runs share no randomness of numpy's [B8, S15]`, async () => {
    await using runner = await open();
    const request = await programNamed("packages/chance.py");
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => run(runner, request)));
    for (const column of [0, 1, 2]) {
      const words = new Set(outcomes.map(({ stdout }) => stdout.trim().split(" ")[column]));
      assert.equal(words.size, 30, `column ${column}`);
    }
  });

  Deno.test(`packages, ${way}: what a run shares with the forker is not its memory [B8, S14]`, async () => {
    await using runner = await open();
    const modest = await programNamed("packages/modest.py", { limits: { memoryMb: 70 } });
    const { stdout, stderr } = await run(runner, modest);
    assert.deepEqual([stdout, stderr], ["7 3\n", ""]);
    const small = programOf("python", "import pandas, time; time.sleep(0.1)", {
      limits: { memoryMb: 16 },
    });
    assert.equal((await run(runner, small)).outcome, "ok");
    const greedy = await programNamed("packages/greedy.py", { limits: { memoryMb: 64 } });
    const { outcome, limit } = await run(runner, greedy);
    assert.deepEqual([outcome, limit], ["memory", "memory_mb"]);
  });

  Deno.test(`packages, ${way}: numpy has one thread, and more on request [B8]`, async () => {
    await using runner = await open();
    assert.equal((await run(runner, await programNamed("packages/threads.py"))).stdout, "1 600\n");
    const environment = { OPENBLAS_NUM_THREADS: "2" };
    const more = await programNamed("packages/threads.py", { environment });
    assert.equal((await run(runner, more)).stdout, "2 600\n");
  });

  Deno.test(`packages, ${way}: a run may fork and start threads as anywhere [B8, S13]`, async () => {
    await using runner = await open();
    const outcome = await run(runner, await programNamed("packages/forks.py"));
    assert.deepEqual([outcome.stdout, outcome.stderr], ["3 1\n2\n", ""]);
    const ends = await run(runner, await programNamed("packages/pools.py"));
    assert.deepEqual([ends.stdout, ends.stderr], ["[0, 1, 4]\nlate 3\nleft\n", ""]);
  });

  Deno.test(`packages, ${way}: no run can change them [B8, S15]`, async () => {
    await using runner = await open();
    const outcome = await run(runner, await programNamed("packages/writes.py"));
    assert.deepEqual([outcome.stdout, outcome.stderr], ["", ""]);
    const bash = "PYTHONPATH=/opt/python python3 -c 'import numpy; print(numpy.arange(3).sum())'";
    assert.equal((await run(runner, programOf("bash", bash))).stdout, "3\n");
  });
}

Deno.test("deno task packages: what cannot be added changes nothing [B8]", async () => {
  const settings = { DATA_DIR: real.dataDir };
  const before = await Deno.readTextFile(`${real.folder}/packages.json`);
  for (
    const [names, said] of [
      [["numpy==0.0.1"], /pip ended with exit code 1; nothing was changed/],
      [["--pre"], /'--pre' is not a package's name/],
      [["git+https://host.invalid/x"], /is not a package's name/],
      [[], /expected at least one name\. Use: deno task packages/],
    ] as const
  ) {
    const { code, stderr } = await runTask(["packages", "add", ...names], settings);
    assert.equal(code, 1);
    assert.match(stderr, said);
  }
  assert.equal(await Deno.readTextFile(`${real.folder}/packages.json`), before);
  const left = await Array.fromAsync(Deno.readDir(real.dataDir), ({ name }) => name);
  assert.equal(left.some((name) => name.endsWith(".new")), false, left.join(" "));
});

Deno.test("deno task packages: adds to, lists and removes from what stands [B8]", async () => {
  await using some = await addPackages("six");
  const settings = { DATA_DIR: some.dataDir };
  const listed = async () => (await runTask(["packages", "list"], settings)).stdout;
  assert.match(await listed(), /^six \d\S*\n$/);
  const more = await runTask(["packages", "add", "typing_extensions"], settings);
  assert.equal(more.code, 0, more.stderr);
  assert.match(await listed(), /^six \S+\ntyping_extensions \S+\n$/);
  const less = await runTask(["packages", "remove", "Typing-Extensions"], settings);
  assert.equal(less.code, 0, less.stderr);
  assert.match(await listed(), /^six \d\S*\n$/);
  const unknown = await runTask(["packages", "remove", "numpy"], settings);
  assert.match(unknown.stderr, /Cannot remove packages: 'numpy' was not added; .* is six/);
});

Deno.test("deno task packages: leaves alone what it has not made [B8]", async () => {
  await using own = await folderOfModules({ mine: "X = 1" });
  await using data = await temporaryFolder();
  const settings = { DATA_DIR: data.path, PYTHON_PACKAGES_DIR: own.path };
  const { code, stderr } = await runTask(["packages", "add", "six"], settings);
  assert.equal(code, 1);
  assert.match(stderr, /holds files that this command has not put there/);
  assert.equal(await Deno.readTextFile(`${own.path}/mine.py`), "X = 1");
});

Deno.test("deno task packages: a pip that is not the one meant is not run [B8]", async () => {
  await using data = await temporaryFolder();
  await Deno.writeTextFile(`${data.path}/pip-26.3-py3-none-any.whl`, "something else");
  const { code, stderr } = await runTask(["packages", "add", "six"], { DATA_DIR: data.path });
  assert.equal(code, 1);
  assert.match(stderr, /is not pip-26\.3-py3-none-any\.whl: its SHA-256 is/);
});

const BROKEN: Readonly<Record<string, readonly [source: string, reason: RegExp]>> = {
  raises: ["raise ValueError('on purpose')", /^ValueError: on purpose$/],
  exits: ["import os; os._exit(3)", /ended the interpreter with exit code 3/],
  leaves: ["import sys; sys.exit('away')", /^SystemExit: away$/],
  crashes: ["import os; os.kill(os.getpid(), 11)", /crashed the interpreter with signal 11/],
  starts_thread: [
    "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
    /starts a thread/,
  ],
  leaves_process: ["import os, time; os.fork() or time.sleep(60)", /leaves a process behind/],
  // Last: it takes all the time that there is.
  hangs: ["import time; time.sleep(60)", /did not import within/],
};

Deno.test("a broken package never keeps the service from starting, and is named [B8]", async () => {
  const sources = Object.entries(BROKEN).map(([name, [source]]) => [name, source]);
  await using folder = await folderOfModules({ ...Object.fromEntries(sources), fine: "X = 1" });
  const names = ["fine", "not_there", ...Object.keys(BROKEN)];
  await using service = await startService({
    PYTHON_PACKAGES_DIR: folder.path,
    PYTHON_PRELOAD: names.join(","),
    LOG_FORMAT: "json",
  });
  const { status, json } = await service.get("/health/ready", { token: null });
  assert.deepEqual([status, json.status], [200, "degraded"]);
  const { packages } = (await service.get("/status")).json.sandbox as {
    packages: { preloaded: string[]; not_preloaded: Record<string, { reason: string }> };
  };
  assert.deepEqual(packages.preloaded, ["fine"]);
  const { detail } = (json.checks as { sandbox: { detail: string } }).sandbox;
  for (const [name, [, reason]] of Object.entries(BROKEN)) {
    assert.match(packages.not_preloaded[name]?.reason ?? "", reason);
    assert.ok(detail.includes(`${name}: `), detail);
  }
  assert.match(packages.not_preloaded.not_there?.reason ?? "", /No module named 'not_there'/);
  assert.match(service.log, /"event":"package_not_preloaded"/);
  const code = "import sys; print('fine' in sys.modules); import fine; print(fine.X)";
  const answer = await service.execute({ code });
  assert.equal(answer.json.stdout, "True\n1\n");
  // What cannot be had ahead can still be tried by a run of its own.
  const tried = await service.execute({ code: "import raises" });
  assert.match(String(tried.json.stderr), /ValueError: on purpose\n$/);
});

Deno.test("PYTHON_PRELOAD=none imports nothing ahead, and a run can import all the same [B8]", async () => {
  await using folder = await folderOfModules({ numpy: "X = 1" });
  await using service = await startService({
    PYTHON_PACKAGES_DIR: folder.path,
    PYTHON_PRELOAD: "none",
  });
  assert.equal((await service.get("/health/ready", { token: null })).json.status, "ready");
  const code = "import sys; print('numpy' in sys.modules); import numpy; print(numpy.X)";
  assert.equal((await service.execute({ code })).json.stdout, "False\n1\n");
});
