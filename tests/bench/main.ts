/**
 * `deno task bench [SUBJECT…] [DOOR…]`: a sandboxed "print 1" beside a bare cold spawn of the same
 * interpreter file. Subjects are python, numpy, pandas, bash, javascript, and
 * python_files and bash_files, which read one file and bring one back. Doors are `tables` and
 * `plain` (the runner, by its two ways to start a run), `streamed` (with a watcher that hears of the
 * output as it comes), `bwrap`, `crun` and `runc` (in containers), `ahead` (JavaScript processes started ahead: as many runs as wait, then their
 * refill, which is counted) and `http` (the whole service). Each side is a fresh process; the sides take
 * turns (A B, B A, A B, …); figures are medians, and ratios are of the pairs.
 *
 * `deno task bench breaker`: a call through a closed circuit breaker beside a bare await, cockatiel
 * and opossum. `deno task bench circuit`: an open one's answers over HTTP.
 * `deno task bench cache`: a hit in memory beside lru-cache's own, and one in Redis beside a bare GET.
 * `deno task bench graph`: writing and reading the graph beside its engine alone; `neo4j`: beside Neo4j's.
 * `deno task bench jobs`: jobs a second through the shared queue, beside BullMQ alone.
 * `deno task bench leaving [CLOSINGS]`: how soon a program is dead whose caller has left.
 * `deno task bench lint`: texts that are linted, beside those that are in the cache.
 * `deno task bench load [PER_SECOND] [SECONDS]`: mixed graph work by the clock, by default 500 requests a
 * second for a minute, of a service with a real Neo4j.
 * `deno task bench instances`: what requests of two services take while their Redis fails.
 * `deno task bench mcp`: tool calls a second over `/mcp`, beside HTTP and beside the SDK alone; and how soon
 * a cancelled program is dead.
 * `deno task bench telemetry [PAIRS]`: requests with all telemetry beside none, and with a collector that is dead.
 * `deno task bench templates`: a small template while another caller's attack.
 * `deno task bench capacity`: what a request of each kind takes of a core and of the disk.
 * `deno task bench revocation`: how soon another instance knows of a revoked token, and of changed roles.
 */

import { benchBreakers } from "./breakers.ts";
import { benchCache } from "./cache.ts";
import { benchCapacity } from "./capacity.ts";
import { benchGraph } from "./graph.ts";
import { benchGraphLoad } from "./graph_load.ts";
import { benchInstances } from "./instances.ts";
import { benchJobs } from "./jobs.ts";
import { benchLeaving } from "./leaving.ts";
import { benchMcp } from "./mcp.ts";
import { benchLint } from "./lint.ts";
import { benchNeo4j } from "./neo4j.ts";
import { benchOpenCircuit } from "./open_circuit.ts";
import { benchRevocation } from "./revocation.ts";
import { benchSharedCache } from "./shared_cache.ts";
import { benchTelemetry } from "./telemetry.ts";
import { benchTemplates } from "./templates.ts";
import { median } from "./statistics.ts";
import { bareCommands, PACKAGES, type Subject, SUBJECTS } from "./subjects.ts";

/** What one side cost in all, and the median latency of one run. */
interface Cost {
  readonly cpu: number;
  readonly wall: number;
  readonly said: string;
  readonly method: string;
}

/** Where our side goes in. */
const DOORS = ["tables", "plain", "streamed", "bwrap", "crun", "runc", "ahead", "http"] as const;
type Door = (typeof DOORS)[number];

/** One row: so many runs, so many at once. */
interface Load {
  readonly runs: number;
  readonly atOnce: number;
}

const PAIRS = 5;
const LOADS: { readonly [S in Subject]: readonly Load[] } = {
  python: [1, 2, 8].map((atOnce) => ({ runs: 150, atOnce })).concat({ runs: 100, atOnce: 100 }),
  numpy: [1, 8].map((atOnce) => ({ runs: 60, atOnce })),
  pandas: [1, 8].map((atOnce) => ({ runs: 30, atOnce })),
  bash: [1, 2, 8].map((atOnce) => ({ runs: 150, atOnce })),
  javascript: [1, 2, 8].map((atOnce) => ({ runs: 60, atOnce })),
  python_files: [1, 8].map((atOnce) => ({ runs: 150, atOnce })),
  bash_files: [1, 8].map((atOnce) => ({ runs: 150, atOnce })),
};
const HERE = new URL(".", import.meta.url).pathname;
const PERMISSIONS = ["-P=bench"];

async function measure(command: readonly string[]): Promise<Cost> {
  const args = [`${HERE}meter.py`, ...command];
  const env = { PYTHONPATH: PACKAGES };
  const { success, stdout } = await new Deno.Command("python3", { args, env, stderr: "inherit" })
    .output();
  if (!success) throw new Error(`Cannot measure ${command.join(" ")}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

function sides(door: Door, subject: Subject, { runs, atOnce }: Load, bare: readonly string[]) {
  const amount = [String(runs), String(atOnce)];
  const side = [`${HERE}runner_side.ts`, door, subject, ...amount];
  return {
    ours: () => measure(["deno", "run", "--quiet", ...PERMISSIONS, ...side]),
    bare: () => measure(["python3", `${HERE}bare_side.py`, ...amount, ...bare]),
  };
}

async function row(
  [door, subject, load]: readonly [Door, Subject, Load],
  bareCommand: readonly string[],
): Promise<string> {
  const { ours, bare } = sides(door, subject, load, bareCommand);
  const pairs: { readonly ours: Cost; readonly bare: Cost }[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const first = pair % 2 === 0 ? await ours() : await bare();
    const second = pair % 2 === 0 ? await bare() : await ours();
    pairs.push(pair % 2 === 0 ? { ours: first, bare: second } : { ours: second, bare: first });
  }
  const ratio = (of: (cost: Cost) => number) =>
    median(pairs.map((pair) => of(pair.ours) / of(pair.bare))).toFixed(2);
  const milliseconds = (side: "ours" | "bare", of: (cost: Cost) => number) =>
    (1000 * median(pairs.map((pair) => of(pair[side]))) / load.runs).toFixed(2);
  const latency = ({ said }: Cost) => Number(said);
  return [
    subject.padEnd(12),
    door.padEnd(6),
    `${load.runs} runs, ${load.atOnce} at once`.padEnd(22),
    `cpu ${ratio(({ cpu }) => cpu)}`,
    `(${milliseconds("ours", ({ cpu }) => cpu)} / ${milliseconds("bare", ({ cpu }) => cpu)} ms)`,
    // Between bursts nobody waits but for the refill.
    ...(door === "ahead" ? [] : [`wall ${ratio(({ wall }) => wall)}`]),
    `latency ${ratio(latency)}`,
    `[${pairs[0]?.ours.method}]`,
  ].join("  ");
}

function chosenOf<T extends string>(all: readonly T[]): readonly T[] {
  const chosen = all.filter((name) => Deno.args.includes(name));
  return chosen.length === 0 ? all : chosen;
}

async function benchRuns(): Promise<void> {
  const commands = await bareCommands();
  for (const subject of chosenOf(SUBJECTS)) {
    for (const door of chosenOf(DOORS)) {
      if (door === "ahead" && subject !== "javascript") continue;
      for (const load of LOADS[subject]) {
        await write(await row([door, subject, load], commands[subject]));
      }
    }
  }
}

async function write(line: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}

function numberAmong(words: readonly string[]): number | undefined {
  const word = words.find((word) => /^\d+$/.test(word));
  return word === undefined ? undefined : Number(word);
}

/** What is measured only when it is asked for by name. */
const BY_NAME: Readonly<Record<string, () => Promise<void>>> = {
  breaker: () => benchBreakers(write),
  cache: async () => {
    await benchCache();
    await benchSharedCache(write);
  },
  capacity: () => benchCapacity(write),
  circuit: () => benchOpenCircuit(write),
  mcp: () => benchMcp(write),
  graph: () => benchGraph(write),
  instances: () => benchInstances(write),
  jobs: () => benchJobs(write),
  leaving: () => benchLeaving(write, numberAmong(Deno.args) ?? 200),
  lint: () => benchLint(write),
  neo4j: () => benchNeo4j(write),
  revocation: () => benchRevocation(write),
  telemetry: () => benchTelemetry(write, numberAmong(Deno.args) ?? 5),
  templates: () => benchTemplates(write),
  load: () => benchGraphLoad(write, ...Deno.args.filter((word) => word !== "load").map(Number)),
};

const named = Object.keys(BY_NAME).filter((name) => Deno.args.includes(name));
for (const name of named) await BY_NAME[name]?.();
if (named.length === 0) await benchRuns();
