/**
 * `deno run --no-prompt -P=test tests/bench/footprint.ts [start] [lag] [memory]`: how long the service
 * takes from `deno task start` to ready, how late its event loop is at worst in a burst of 200 runs over
 * HTTP, and what it holds in memory. Every service is a fresh one, started as a user starts it.
 */
import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { memoryOf } from "../fixtures/memory.ts";
import {
  type StartedService,
  startService,
  temporaryFolder,
  UNLIMITED,
} from "../fixtures/service.ts";
import { type Lag, lagOf, startProbedService } from "./probed_service.ts";
import { median } from "./statistics.ts";

const STARTS = 10;
const ROUNDS = 5;
const BURST = 200;
const WARM_UP = 50;
const PAUSE_MS = 1500;
const PROJECT = new URL("../../", import.meta.url).pathname;

async function print(line: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Milliseconds from the command to the first readiness, polled all the while. */
async function timeStart(): Promise<number> {
  await using folder = await temporaryFolder();
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr;
  probe.close();
  const began = performance.now();
  const child = new Deno.Command("deno", {
    args: ["task", "start"],
    cwd: PROJECT,
    env: { PORT: String(port), DATA_DIR: folder.path, NO_COLOR: "1" },
    stdout: "null",
    stderr: "null",
  }).spawn();
  await eventually("a ready service", async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
    await answer?.body?.cancel();
    return answer?.ok === true ? true : null;
  }, 60);
  const taken = performance.now() - began;
  child.kill("SIGTERM");
  await child.status;
  return taken;
}

async function runs(service: StartedService, count: number, atOnce: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, n) => n).values();
  const caller = async () => {
    for (const n of numbers) {
      const { json, text } = await service.execute({ code: `print(${n})` });
      assert.equal(json.stdout, `${n}\n`, text);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
}

/** The worst lag of a fresh service's first burst and, once that is done, of its third. */
async function lagRound(): Promise<readonly [Lag, Lag]> {
  await using probed = await startProbedService({ ...UNLIMITED, EXECUTION_QUEUE: String(BURST) });
  const { service } = probed;
  await runs(service, WARM_UP, 8);
  const lags: Lag[] = [];
  for (let burst = 0; burst < 3; burst += 1) {
    await lagOf(service);
    await runs(service, BURST, BURST);
    lags.push(await lagOf(service));
    await pause(PAUSE_MS);
  }
  const [first = { late: NaN, busy: NaN }, , third = first] = lags;
  return [first, third];
}

/**
 * The service's own process with all that it maps, and its sandbox, whose processes share most of what
 * they hold with each other.
 */
async function memoryAt(service: StartedService): Promise<{ readonly [part: string]: number }> {
  await pause(PAUSE_MS);
  const sandbox = await service.forkServer();
  const own = await memoryOf([service.pid]);
  const walls = await memoryOf(sandbox.map(({ pid }) => pid));
  return { service: own.resident, sandbox: walls.proportional };
}

async function reportStart(): Promise<void> {
  const taken: number[] = [];
  for (let start = 0; start < STARTS; start += 1) taken.push(await timeStart());
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  await print(
    `start to ready, ${STARTS} starts: median ${ms(median(taken))}, ` +
      `worst ${ms(Math.max(...taken))}`,
  );
}

async function reportLag(): Promise<void> {
  const rounds: (readonly [Lag, Lag])[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await lagRound());
  for (const [index, name] of (["first", "third"] as const).entries()) {
    const lags = rounds.map((round) => round[index] ?? { late: NaN, busy: NaN });
    const shown = lags.map(({ late, busy }) => `${late.toFixed(1)} (${busy.toFixed(1)})`);
    const late = lags.map((lag) => lag.late);
    await print(
      `worst lag in the ${name} burst of ${BURST}, ${ROUNDS} services: ` +
        `median ${median(late).toFixed(1)} ms, worst ${Math.max(...late).toFixed(1)} ms; ` +
        `each with the CPU meanwhile: ${shown.join(", ")}`,
    );
  }
}

async function reportMemory(): Promise<void> {
  await using service = await startService({ ...UNLIMITED, LOG_FORMAT: "json" });
  const say = async (when: string) => {
    const { service: own = NaN, sandbox = NaN } = await memoryAt(service);
    const mb = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
    await print(
      `memory ${when}: ${mb(own + sandbox)} MB, the service ${mb(own)}, ` +
        `its sandbox ${mb(sandbox)}`,
    );
  };
  await runs(service, WARM_UP, 8);
  await say(`after ${WARM_UP} runs`);
  for (const [count, sum] of [[450, 500], [4500, 5000]] as const) {
    await runs(service, count, 32);
    await say(`after ${sum} runs`);
  }
}

const parts = { start: reportStart, lag: reportLag, memory: reportMemory };
for (const [name, report] of Object.entries(parts)) {
  if (Deno.args.length === 0 || Deno.args.includes(name)) await report();
}
