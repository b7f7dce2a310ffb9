/**
 * `deno run --no-prompt -P=test tests/bench/streams.ts`: how soon a stream's reader has what a program
 * writes, how soon a program is dead whose request is closed, and how late the event loop is while 200
 * streams are open at once and half of them are cut.
 */
import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { openStream } from "../fixtures/events.ts";
import { listProcesses } from "../fixtures/processes.ts";
import { type StartedService, UNLIMITED } from "../fixtures/service.ts";
import { type Lag, lagOf, startProbedService } from "./probed_service.ts";
import { median } from "./statistics.ts";

const TURNS = 50;
const DEATHS = 20;
const STREAMS = 200;
const ROUNDS = 5;

async function print(line: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The program writes the time; milliseconds until its reader has that. */
async function firstByte(service: StartedService, delay: number): Promise<number> {
  const code = `import time\ntime.sleep(${delay})\nprint(time.time(), flush=True)\ntime.sleep(0.1)`;
  const { events, close } = await openStream(service, { code });
  for await (const { name, data } of events) {
    if (name !== "stdout") continue;
    const now = performance.timeOrigin + performance.now();
    await close();
    return now - 1000 * Number(data.text);
  }
  throw new Error("the program wrote nothing");
}

/** Milliseconds from closing the request until the program was seen to be gone; looking takes some. */
async function death(service: StartedService): Promise<number> {
  const mark = `86400.${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const code = `echo begun; sleep ${mark}`;
  const { events, close } = await openStream(service, { language: "bash", code });
  while ((await events.next()).value?.name !== "stdout");
  const living = async () =>
    (await listProcesses()).some(({ dead, command }) => !dead && command.includes(mark));
  await eventually("the sleep", async () => await living() || null);
  const closed = performance.now();
  await close();
  while (await living());
  return performance.now() - closed;
}

async function talk(service: StartedService, n: number): Promise<void> {
  const code = "import time\nfor n in range(20):\n  print(n, flush=True)\n  time.sleep(0.01)";
  const { events, close } = await openStream(service, { code });
  const late = n % 2 === 1 ? setTimeout(close, Math.random() * 400) : undefined;
  const heard = await Array.fromAsync(events, ({ name }) => name);
  clearTimeout(late);
  if (late === undefined) assert.equal(heard.at(-1), "result");
}

function spread(figures: readonly number[]): string {
  const worst = Math.max(...figures).toFixed(1);
  return `median ${median(figures).toFixed(1)} ms, worst ${worst} ms`;
}

await using probed = await startProbedService({
  ...UNLIMITED,
  EXECUTION_QUEUE: String(STREAMS),
});
const { service } = probed;
for (let turn = 0; turn < TURNS; turn += 1) await firstByte(service, 0);
for (const delay of [0, 0.05]) {
  const times: number[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) times.push(await firstByte(service, delay));
  await print(`first byte, written after ${delay} s, ${TURNS} streams: ${spread(times)}`);
}
const deaths: number[] = [];
for (let turn = 0; turn < DEATHS; turn += 1) deaths.push(await death(service));
await print(`from closing to dead, ${DEATHS} streams: ${spread(deaths)}`);
const lags: Lag[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  await pause(1000);
  await lagOf(service);
  await Promise.all(Array.from({ length: STREAMS }, (_, n) => talk(service, n)));
  lags.push(await lagOf(service));
}
const each = lags.map(({ late, busy }) => `${late.toFixed(1)} (${busy.toFixed(1)})`).join(", ");
await print(
  `event loop's lag, ${STREAMS} streams at once, ${ROUNDS} rounds: ` +
    `${spread(lags.map(({ late }) => late))}; each with the CPU meanwhile: ${each}`,
);
