import assert from "node:assert/strict";
import {
  executionRunnerContract,
  PROGRAMS,
  run,
} from "../../../tests/contracts/execution_runner.ts";
import { executionFilesContract } from "../../../tests/contracts/execution_files.ts";
import { executionSandboxContract } from "../../../tests/contracts/execution_sandbox.ts";
import { executionStreamsContract } from "../../../tests/contracts/execution_streams.ts";
import {
  CONTAINERS,
  containersHere,
  openContainers,
  openContainersAsOrdinaryUser,
  stageFolders,
} from "../../../tests/fixtures/containers.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import { killProcess } from "../../../tests/fixtures/kill.ts";
import { bash, descendantsOf, listProcesses } from "../../../tests/fixtures/processes.ts";
import { programOf } from "../../../tests/fixtures/programs.ts";
import { mixed, SLEEP } from "../../../tests/long/mixed_programs.ts";
import type { ForkServerRunner } from "./runner.ts";

const HERE = await containersHere();
const AT_ONCE = 8;

for (const { program } of CONTAINERS.filter((container) => !HERE.includes(container))) {
  Deno.test({ name: `${program} is not installed [S16]`, ignore: true, fn() {} });
}

for (const container of HERE) {
  const { program } = container;
  executionRunnerContract(`containers by ${program}`, () => openContainers(container));
  executionRunnerContract(
    `an ordinary user's containers by ${program}`,
    () => openContainersAsOrdinaryUser(container),
  );
  // What differs between two OCI runtimes is how a container begins; one is enough for the rest.
  if (program !== "runc") {
    executionSandboxContract(`containers by ${program}`, () => openContainers(container));
    executionStreamsContract(`containers by ${program}`, () => openContainers(container));
    executionFilesContract(`containers by ${program}`, () => openContainers(container));
  }

  Deno.test(`containers by ${program}: the receipt names the runner and what stands [S16]`, async () => {
    await using runner = await openContainers(container);
    const { runner: name, layers, missing } = (await run(runner, PROGRAMS.prints)).isolation;
    assert.equal(name, container.kind);
    for (const layer of ["user-ns", "pid-ns", "net-ns", "seccomp", "tree-accounting"]) {
      assert.ok(layers.includes(layer), layer);
    }
    assert.notEqual(layers.includes("unique-uid"), missing.includes("unique-uid"));
    await using user = await openContainersAsOrdinaryUser(container);
    const { isolation } = await run(user, PROGRAMS.prints);
    assert.ok(isolation.missing.includes("unique-uid"));
  });

  Deno.test(`containers by ${program}: 200 runs leave nothing behind [S15, S16]`, async () => {
    await using runner = await openContainers(container);
    const before = await settled(runner);
    await load(runner, 200);
    assert.deepEqual(await untilStanding(runner, before), before);
    const living = (await listProcesses()).filter(({ dead }) => !dead);
    assert.deepEqual(living.filter(({ command }) => command.includes(SLEEP)), []);
  });

  Deno.test(`containers by ${program}: closing leaves no file and no process [S15, S16]`, async () => {
    for (const open of [openContainers, openContainersAsOrdinaryUser]) {
      const runner = await open(container);
      const pids = (await descendantsOf(runner.pid ?? 0)).map(({ pid }) => pid);
      assert.equal((await stageFolders(...pids)).length, 1);
      const sleeping = assert.rejects(run(runner, programOf("bash", "sleep 30")), /shutting down/);
      await run(runner, PROGRAMS.prints);
      await runner[Symbol.asyncDispose]();
      await sleeping;
      const left = (await listProcesses()).filter(({ pid, dead }) => pids.includes(pid) && !dead);
      assert.deepEqual([left, await stageFolders(...pids)], [[], []]);
    }
  });

  Deno.test(`containers by ${program}: what a killed launcher has left is gone after the next start [S15, S16]`, async () => {
    for (const open of [openContainers, openContainersAsOrdinaryUser]) {
      await using runner = await open(container);
      const slow = run(runner, programOf("bash", "sleep 1; echo 1"));
      const [launcher] = await descendantsOf(runner.pid ?? 0);
      await run(runner, PROGRAMS.prints);
      await killProcess(launcher?.pid ?? 0);
      // The broker ends with it; the run is run again by the server that takes its place.
      assert.equal((await slow).stdout, "1\n");
      assert.deepEqual(await stageFolders(launcher?.pid ?? 0), []);
    }
  });
}

Deno.test("containers: a host path that only root can reach is shown all the same [S16]", async () => {
  const container = HERE[0];
  if (container === undefined) return;
  await using runner = await openContainers(container);
  const { unavailableLanguages, missing } = runner.status();
  if (missing.includes("unique-uid")) return;
  assert.deepEqual(unavailableLanguages, {});
});

/** Has so many programs run, {@link AT_ONCE} at a time. */
async function load(runner: ForkServerRunner, runs: number): Promise<void> {
  const numbers = Array.from({ length: runs }, (_, n) => n).values();
  async function call(): Promise<void> {
    for (const n of numbers) {
      const [request, expected] = await mixed(n);
      const found = await run(runner, request);
      const ending = [found.outcome, found.returnCode, found.stdout, found.stderr];
      assert.deepEqual(ending, expected, `run ${n}`);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, call));
}

/** What stands while nothing runs, of the host's and of the server's own. */
async function standing(runner: ForkServerRunner) {
  const broker = runner.pid ?? 0;
  const below = await descendantsOf(broker);
  const pids = [Deno.pid, broker, ...below.map(({ pid }) => pid)].map(String);
  const launcher = String(below[0]?.pid ?? 0);
  const [folder = ""] = await stageFolders(Number(launcher));
  return {
    processes: below.map(({ command, dead }) => `${command}${dead ? ", dead" : ""}`),
    descriptors: await bash("-c", 'for p; do ls "/proc/$p/fd" | wc -l; done', "-", ...pids),
    mounts: await bash("-c", 'wc -l </proc/self/mounts; wc -l <"/proc/$1/mounts"', "-", launcher),
    files: await bash(
      "-c",
      'cd "/proc/$1/root$2" && find . -xdev -path ./root -prune -o -print | sort',
      "-",
      launcher,
      folder,
    ),
    cgroups: await bash("-c", 'find /sys/fs/cgroup -maxdepth 2 -type d -name "run-*"'),
    devices: await bash("-c", "stat -c '%U %a' /dev/null /dev/full /dev/random /dev/urandom"),
  };
}

/** The same twice. */
async function settled(runner: ForkServerRunner) {
  return await eventually("the launcher at rest", async () => {
    const [first, second] = [await standing(runner), await standing(runner)];
    return JSON.stringify(first) === JSON.stringify(second) ? second : null;
  });
}

/** The last runs' remains may still be going. */
async function untilStanding(runner: ForkServerRunner, expected: unknown): Promise<unknown> {
  let found: unknown = null;
  await eventually("the launcher as it was", async () => {
    found = await standing(runner);
    return JSON.stringify(found) === JSON.stringify(expected) ? true : null;
  }).catch(() => {});
  return found;
}
