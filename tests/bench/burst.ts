/**
 * Asks the real service for many runs at once and prints how busy that keeps the machine:
 * `deno run --no-prompt -P=test tests/bench/burst.ts [RUNS] [ROUNDS]`.
 *
 * A round is wrong when one answer is. The share is of all processors, the caller's own work among
 * it: on an otherwise idle machine it tells whether anything stands between a run and a processor.
 */
import assert from "node:assert/strict";
import { cpus } from "node:os";
import { type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";
import { median } from "./statistics.ts";

interface Round {
  readonly wallSeconds: number;
  readonly busyPercent: number;
}

/** Milliseconds that all processors spent since the machine's start. */
function cpuTimes(): { readonly busy: number; readonly total: number } {
  const times = cpus().map(({ times }) => times);
  const idle = times.reduce((sum, time) => sum + time.idle, 0);
  const busy = times.reduce((sum, time) => sum + time.user + time.nice + time.sys + time.irq, 0);
  return { busy, total: busy + idle };
}

async function burst(service: StartedService, runs: number): Promise<Round> {
  const before = { at: performance.now(), ...cpuTimes() };
  const asked = Array.from({ length: runs }, (_, n) => service.execute({ code: `print(${n})` }));
  const answers = await Promise.all(asked);
  const after = { at: performance.now(), ...cpuTimes() };
  for (const [n, { json, text }] of answers.entries()) assert.equal(json.stdout, `${n}\n`, text);
  return {
    wallSeconds: (after.at - before.at) / 1000,
    busyPercent: 100 * (after.busy - before.busy) / (after.total - before.total),
  };
}

function shown({ wallSeconds, busyPercent }: Round): string {
  return `wall ${wallSeconds.toFixed(2)} s, CPU busy ${busyPercent.toFixed(0)} %`;
}

async function print(line: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}

const [runs = 100, count = 7] = Deno.args.map(Number);
await using service = await startService({ ...UNLIMITED, EXECUTION_QUEUE: String(runs) });
await burst(service, runs);
const rounds: Round[] = [];
for (let number = 1; number <= count; number += 1) {
  const round = await burst(service, runs);
  rounds.push(round);
  await print(`round ${number}: ${runs} runs at once, ${shown(round)}`);
}
const middle = {
  wallSeconds: median(rounds.map(({ wallSeconds }) => wallSeconds)),
  busyPercent: median(rounds.map(({ busyPercent }) => busyPercent)),
};
await print(`median of ${count} rounds on ${cpus().length} processors: ${shown(middle)}`);
