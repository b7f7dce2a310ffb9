import assert from "node:assert/strict";
import { type SandboxedRunner, testing } from "../../adapters/sandbox/testing/testing_runner.ts";
import type { ForkServerRunner } from "../../adapters/sandbox/fork_server/runner.ts";
import { isFailure } from "../../domain/errors.ts";
import { containersHere, openContainers } from "../fixtures/containers.ts";
import { eventually } from "../fixtures/eventually.ts";
import { openForkServer } from "../fixtures/fork_server.ts";
import { addPackages, type PackagesFixture } from "../fixtures/packages.ts";
import { listProcesses } from "../fixtures/processes.ts";
import { type Sending, startService } from "../fixtures/service.ts";
import { linesOf, messagesOf, requestOf, runTests, type TestRun } from "../fixtures/test_runs.ts";
import { DENO_ATTACKS, DENO_RUNS, HANGING_DENO_RUNS } from "./deno_runs.ts";
import { HANGING_PYTEST_RUNS, PYTEST_ATTACKS, PYTEST_RUNS } from "./pytest_runs.ts";

// The real one, added once by the command that a user gives: this takes the package index.
let packages: PackagesFixture;

Deno.test.beforeAll(async () => {
  packages = await addPackages("pytest");
});

Deno.test.afterAll(async () => {
  await packages[Symbol.asyncDispose]();
});

/** Where containers might differ from forks. */
const IN_CONTAINERS = [
  "failures, with what was compared",
  "os._exit(0)",
  "opens what the harness has open",
  "steps, each a case",
  "opens Deno's own output",
];

function open(): Promise<ForkServerRunner> {
  return openForkServer({ packages: packages.folder });
}

async function check(sandbox: SandboxedRunner, run: TestRun): Promise<void> {
  const { tests, stdout, stderr } = await runTests(testing(sandbox), run);
  const told = `${run.behaviour}: ${JSON.stringify(tests)}\n${stdout}${stderr}`;
  assert.deepEqual([tests.outcome, ...linesOf(tests)], [run.outcome, ...run.cases], told);
  assert.match(messagesOf(tests), run.says ?? /(?:)/);
  assert.match(stdout + stderr, run.writes ?? /(?:)/);
  const { passed, failed, errors, skipped, notRun } = tests.counts;
  assert.equal(passed + failed + errors + skipped + notRun, run.cases.length);
}

const TABLES = {
  "run_tests tells what it is, of pytest's [S19]": PYTEST_RUNS,
  "run_tests tells what it is, of Deno's [S19]": DENO_RUNS,
  "run_tests never says that a test passed which pytest did not see pass [S19]": PYTEST_ATTACKS,
  "run_tests never says that a test passed which Deno did not see pass [S19]": DENO_ATTACKS,
};

for (const [name, runs] of Object.entries(TABLES)) {
  Deno.test(name, async (t) => {
    await using sandbox = await open();
    for (const run of runs) {
      await t.step(`${run.behaviour} (${run.language})`, () => check(sandbox, run));
    }
  });
}

Deno.test("run_tests names the test that hangs, and those that it kept from running [S19]", async () => {
  await using sandbox = await open();
  const all = [...HANGING_PYTEST_RUNS, ...HANGING_DENO_RUNS];
  await Promise.all(all.map((run) => check(sandbox, run)));
});

Deno.test("run_tests says that the harness was killed, and that nothing passed since [S19]", async () => {
  await using sandbox = await open();
  const code = "import os, time\ndef test_a(): pass\ndef test_h():\n    time.sleep(0.5)\n" +
    "    os.kill(os.getppid(), 9)\n    time.sleep(60)\ndef test_z(): pass\n";
  const { tests, signal } = await runTests(testing(sandbox), { language: "python", code });
  assert.deepEqual([tests.outcome, signal], ["crashed", "SIGKILL"]);
  assert.deepEqual(linesOf(tests), ["passed test_a", "crashed test_h", "not_run test_z"]);
});

Deno.test("run_tests keeps outputs to their bound, and ends what writes without end [S19, S14]", async () => {
  await using sandbox = await open();
  const { tests, stdout, stdoutTruncated } = await runTests(testing(sandbox), {
    language: "python",
    code: "def test_a(): print('x' * 300_000)\n",
    files: { "pytest.ini": "[pytest]\naddopts = -s\n" },
  });
  assert.equal(tests.outcome, "passed");
  assert.deepEqual([stdout.length, stdoutTruncated], [262_144, true]);
  const endless = "Deno.test('a', () => { for (;;) console.log('x'.repeat(100_000)); });";
  const flood = await runTests(testing(sandbox), { language: "javascript", code: endless });
  assert.deepEqual([flood.tests.outcome, ...linesOf(flood.tests)], ["output", "crashed a"]);
});

Deno.test("run_tests tells of the first cases of very many, and counts all [S19]", async () => {
  await using sandbox = await open();
  const many =
    "import pytest\n@pytest.mark.parametrize('n', range(3000))\ndef test_n(n): assert n != 2999\n";
  const { tests } = await runTests(testing(sandbox), { language: "python", code: many });
  assert.deepEqual(tests.counts, { passed: 2999, failed: 1, errors: 0, skipped: 0, notRun: 0 });
  assert.deepEqual([tests.cases.length, tests.casesOmitted], [2000, 1000]);
  assert.equal(tests.cases.at(-1)?.outcome, "failed");
  const more = many.replace("3000", "10_001");
  const refused = await runTests(testing(sandbox), { language: "python", code: more });
  assert.equal(refused.tests.outcome, "error");
  assert.match(refused.stderr, /10001 tests are more than 10000/);
});

Deno.test("run_tests says how to get a framework that is not there [S19]", async () => {
  await using bare = await openForkServer();
  await assert.rejects(
    runTests(testing(bare), { language: "python", code: "def test_a(): pass" }),
    (error) =>
      isFailure(error, "language_unavailable") &&
      /deno task packages add pytest/.test(String(error)),
  );
  const node = {
    run: bare.run,
    status: () => bare.status(),
    javascript: { name: "node" },
  } as const;
  await assert.rejects(
    runTests(testing(node), { language: "typescript", code: "Deno.test('a', () => {});" }),
    (error) => isFailure(error, "language_unavailable") && /JAVASCRIPT_RUNTIME/.test(String(error)),
  );
});

for (const container of await containersHere()) {
  Deno.test(`run_tests runs in containers by ${container.program} [S19, S16]`, async () => {
    await using runner = await openContainers(container, { packages: packages.folder });
    for (const run of [...PYTEST_RUNS, ...DENO_RUNS, ...PYTEST_ATTACKS, ...DENO_ATTACKS]) {
      if (IN_CONTAINERS.includes(run.behaviour)) await check(runner, run);
    }
  });
}

Deno.test("run_tests tells of each test as it ends, while others still run [S19, S22]", async () => {
  await using sandbox = await open();
  const runs = [
    ["python", "import time\ndef test_a(): pass\ndef test_b(): time.sleep(60)\n", "test_a"],
    ["javascript", "Deno.test('a', () => {}); Deno.test('b', () => { for (;;); });", "a"],
  ] as const;
  for (const [language, code, first] of runs) {
    const leaving = new AbortController();
    const heard: string[] = [];
    const running = testing(sandbox).run(requestOf({ language, code }), leaving.signal, {
      started() {},
      tested(name, outcome) {
        heard.push(`${outcome} ${name}`);
        leaving.abort();
      },
    });
    assert.equal((await running).outcome, "cancelled");
    assert.deepEqual(heard, [`passed ${first}`]);
  }
});

Deno.test("POST /api/v1/run_tests runs tests, and ends them with their request [S19, S33, B5]", async () => {
  await using service = await startService({ PYTHON_PACKAGES_DIR: packages.folder });
  const post = (body: object, sending?: Sending) =>
    service.post("/api/v1/run_tests", body, sending);
  const files = [{ path: "shop.py", content: "def price(n): return n * 3\n" }];
  const code =
    "import os\nfrom shop import price\ndef test_price(): assert price(2) == eval('6')\n";
  const { status, json, text } = await post({ code, files });
  assert.deepEqual([status, json.outcome], [200, "passed"], text);
  const findings = json.policy_findings as { rule: string; line: number }[];
  assert.deepEqual(findings.map(({ rule, line }) => [rule, line]), [["eval-call", 3]]);
  const { runner, layers } = json.isolation as { runner: string; layers: string[] };
  assert.ok(runner === "fork-server" && layers.includes("seccomp"), text);
  const typed = { language: "typescript", code: "Deno.test('a', () => {});" };
  assert.equal((await post(typed)).json.outcome, "passed");
  const leaving = new AbortController();
  const mark = `${crypto.randomUUID()}`;
  const endless =
    `import os, sys\ndef test_a(): os.execv(sys.executable, ["${mark}", "-c", "while 1: pass"])\n`;
  const closed = post({ code: endless }, { signal: leaving.signal });
  const runs = async () => (await listProcesses()).filter(({ command }) => command.includes(mark));
  await eventually("the test's process", async () => (await runs()).length > 0 ? true : null);
  leaving.abort();
  await assert.rejects(closed);
  await eventually("its end", async () => (await runs()).length === 0 ? true : null);
  const told = await eventually("the audit", async () => {
    const page = await service.get("/api/v1/audit?type=tests_finished");
    const events = page.json.events as { details: { outcome: string } }[];
    return events.length === 3 ? events.map(({ details }) => details.outcome) : null;
  });
  assert.deepEqual(told, ["cancelled", "passed", "passed"]);
});
