import assert from "node:assert/strict";
import { PROGRAMS, run } from "../../../tests/contracts/execution_runner.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import { openForkServer } from "../../../tests/fixtures/fork_server.ts";
import { killProcess, signalProcess } from "../../../tests/fixtures/kill.ts";
import { programOf } from "../../../tests/fixtures/programs.ts";
import { ForkServerRunner } from "./runner.ts";

Deno.test("ForkServerRunner: a start that failed is tried again once its time has come [S15]", async () => {
  let [now, python] = [0, "bash"];
  const refusals: string[] = [];
  await using runner = await ForkServerRunner.open({
    get python() {
      return python;
    },
    javascript: { name: "deno", path: Deno.execPath() },
    environment: {},
    log: { write: (_, event) => void (event === "sandbox_refused" && refusals.push(event)) },
    monotonic: () => now,
  });
  for (const _ of [1, 2, 3]) {
    await assert.rejects(run(runner, PROGRAMS.prints), /Cannot reach the sandbox/);
  }
  assert.equal(runner.status().ready, false);
  python = "/usr/bin/python3";
  await assert.rejects(run(runner, PROGRAMS.prints), /Cannot reach the sandbox/, "too early");
  now += 1500;
  assert.equal((await run(runner, PROGRAMS.prints)).stdout, "1\n");
  assert.deepEqual([runner.status().ready, runner.status().refusal], [true, null]);
  assert.deepEqual(refusals, ["sandbox_refused"], "the same refusal is logged once");
});

Deno.test("ForkServerRunner: starts that fail are tried ever more seldom, and anew after one that stood up [S15]", async () => {
  let [now, python, starts] = [0, "bash", 0];
  await using runner = await ForkServerRunner.open({
    get python() {
      starts += 1;
      return python;
    },
    javascript: { name: "deno", path: Deno.execPath() },
    environment: {},
    log: { write: () => {} },
    monotonic: () => now,
  });
  const isTried = async (expected: RegExp) => {
    const before = starts;
    await assert.rejects(runner.ping(), expected);
    return starts > before;
  };
  for (const [turn, pause] of [1, 2, 4, 8, 16, 30, 30].entries()) {
    now += pause * 1000 - 1;
    assert.equal(await isTried(/sandbox/), false, `${turn}: sooner than after ${pause} s`);
    now += 1;
    assert.equal(await isTried(/sandbox/), true, `${turn}: not after ${pause} s`);
  }
  const told: unknown = await runner.ping().catch((error) => error.failure.retryAfterSeconds);
  assert.equal(told, 30);
  now += 30_000;
  python = "/usr/bin/python3";
  await runner.ping();
  python = "bash";
  await killProcess(runner.pid ?? 0);
  await assert.rejects(runner.ping());
  now += 1000;
  assert.equal(await isTried(/sandbox/), true, "a pause that was not begun anew");
});

Deno.test("ForkServerRunner: a server killed at every start is replaced as soon as one stands [S15]", async () => {
  await using runner = await openForkServer();
  for (const _ of [1, 2, 3]) {
    await killProcess(runner.pid ?? 0);
    assert.equal((await run(runner, PROGRAMS.prints)).stdout, "1\n");
  }
  assert.equal(runner.status().ready, true);
});

Deno.test("ForkServerRunner: a server is replaced after its runs, and none is lost or doubled [S15]", async () => {
  await using runner = await openForkServer({ runsBeforeReplacement: 20 });
  const first = runner.pid;
  const outputs: string[] = [];
  const worker = async (which: number) => {
    for (let turn = 0; turn < 20; turn += 1) {
      const program = programOf("python", `print(${which * 100 + turn})`);
      outputs.push((await run(runner, program)).stdout.trim());
    }
  };
  await Promise.all([0, 1, 2, 3, 4, 5].map(worker));
  assert.equal(new Set(outputs).size, 120);
  await eventually(
    "the next server in service",
    () => Promise.resolve(runner.pid === first ? null : true),
  );
});

Deno.test("ForkServerRunner: its toolchain is another with each server, and the same while one serves [S23, S15]", async () => {
  await using runner = await openForkServer({ runsBeforeReplacement: 4 });
  const { toolchain } = runner.status();
  assert.match(toolchain, /^1 \/.*python.* 3\.\d+\.\d+/);
  await run(runner, PROGRAMS.prints);
  assert.equal(runner.status().toolchain, toolchain);
  await eventually("the next server in service", async () => {
    await run(runner, PROGRAMS.prints);
    return runner.status().toolchain === toolchain ? null : true;
  });
});

Deno.test("ForkServerRunner: closing ends the runs of a server that only finishes its own [S15]", async () => {
  const runner = await openForkServer({ runsBeforeReplacement: 4 });
  const first = runner.pid;
  const slow = run(runner, programOf("bash", "sleep 30"));
  const ended = assert.rejects(slow, /shutting down/);
  await eventually("the next server in service", async () => {
    await run(runner, PROGRAMS.prints);
    return runner.pid === first ? null : true;
  });
  await runner[Symbol.asyncDispose]();
  await ended;
});

Deno.test("ForkServerRunner: closing ends a server that no longer listens [S15]", async () => {
  const runner = await openForkServer();
  await signalProcess(runner.pid ?? 0, "STOP");
  const pending = assert.rejects(run(runner, PROGRAMS.prints), /shutting down/);
  await runner[Symbol.asyncDispose]();
  await pending;
});
