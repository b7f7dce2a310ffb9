import assert from "node:assert/strict";
import type { ForkServerRunner } from "../../adapters/sandbox/fork_server/runner.ts";
import { PROGRAMS, run } from "../contracts/execution_runner.ts";
import {
  containersHere,
  openContainers,
  openContainersAsOrdinaryUser,
  stageFolders,
} from "../fixtures/containers.ts";
import { killProcess } from "../fixtures/kill.ts";
import { bash, descendantsOf, listProcesses } from "../fixtures/processes.ts";
import { programOf } from "../fixtures/programs.ts";
import { runMixed, SLEEP } from "../fixtures/mixed_programs.ts";
import { atRest, lastSeen } from "../fixtures/rest.ts";

const AT_ONCE = 8;

for (const container of await containersHere()) {
  const { program } = container;

  Deno.test(`containers by ${program}: 200 runs leave nothing behind [S15, S16]`, async () => {
    await using runner = await openContainers(container);
    const before = await atRest("the launcher", () => standing(runner));
    await runMixed(runner, 200, AT_ONCE);
    assert.deepEqual(await lastSeen(() => standing(runner), before), before);
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
      const left = async () => {
        const living = (await listProcesses()).filter(({ dead }) => !dead);
        return [living.filter(({ pid }) => pids.includes(pid)), await stageFolders(...pids)];
      };
      // The kernel may still be taking the last one's things away.
      assert.deepEqual(await lastSeen(left, [[], []]), [[], []]);
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
