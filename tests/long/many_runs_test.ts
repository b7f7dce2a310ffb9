import assert from "node:assert/strict";
import { openForkServer } from "../fixtures/fork_server.ts";
import { bash, descendantsOf, listProcesses } from "../fixtures/processes.ts";
import { runMixed, SLEEP } from "../fixtures/mixed_programs.ts";
import { atRest, lastSeen } from "../fixtures/rest.ts";

const RUNS = 10_000;
const RUNS_BEFORE_COUNTING = 200;
const AT_ONCE = 32;

type Runner = Awaited<ReturnType<typeof openForkServer>>;

/** Has so many programs run, {@link AT_ONCE} at a time; the brokers that served them. */
async function load(runner: Runner, runs: number): Promise<Set<number>> {
  const brokers = new Set<number>();
  await runMixed(runner, runs, AT_ONCE, () => {
    if (runner.pid !== null) brokers.add(runner.pid);
  });
  return brokers;
}

/** What stands while nothing runs: processes from the broker inwards, and descriptors. */
async function standing(runner: Runner) {
  const broker = runner.pid ?? 0;
  const below = await descendantsOf(broker);
  const count = 'for p; do ls "/proc/$p/fd" | wc -l; done';
  const pids = [Deno.pid, broker, ...below.map(({ pid }) => pid)].map(String);
  return {
    processes: below.map(({ command, dead }) => `${command}${dead ? ", dead" : ""}`),
    descriptors: (await bash("-c", count, "-", ...pids)).trimEnd().split("\n"),
    mounts: await bash("-c", "wc -l </proc/self/mounts"),
  };
}

Deno.test(`${RUNS} mixed runs are all right and leave nothing behind [S15]`, async () => {
  const said: string[] = [];
  const write = (level: string, event: string) => void (level === "info" || said.push(event));
  await using runner = await openForkServer({ log: { write } });
  const fresh = await atRest("the fork server", () => standing(runner));
  assert.ok(fresh.processes.length >= 3, fresh.processes.join("\n"));
  await load(runner, RUNS_BEFORE_COUNTING);
  assert.deepEqual(await lastSeen(() => standing(runner), fresh), fresh);

  const brokers = await load(runner, RUNS);

  assert.deepEqual(await lastSeen(() => standing(runner), fresh), fresh);
  assert.ok(brokers.size > 1, "the fork server was never replaced");
  const living = (await listProcesses()).filter(({ dead }) => !dead);
  const left = living.filter(({ pid, command }) => {
    return command.includes(SLEEP) || (brokers.has(pid) && pid !== runner.pid);
  });
  assert.deepEqual(left, []);
  assert.deepEqual(said, []);
});
