/**
 * `deno task bench [python] [bash] [javascript] [tables] [plain] [ahead] [http]`: a sandboxed "print 1"
 * beside a bare cold spawn of the same interpreter file: through the runner by tables of system calls,
 * through the runner by plain forks, in JavaScript processes started ahead (as many runs as wait, then
 * their refill, which is counted), and through the whole service over HTTP. Each side is a fresh process; the
 * sides take turns (A B, B A, A B, …); figures are medians, and ratios are of the pairs.
 */

import { type Language, LANGUAGES } from "../../domain/execution/language.ts";
import { openForkServer } from "../fixtures/fork_server.ts";
import { median } from "./statistics.ts";

/** What one side cost in all, and the median latency of one run. */
interface Cost {
  readonly cpu: number;
  readonly wall: number;
  readonly said: string;
  readonly method: string;
}

/** Where our side goes in. */
const DOORS = ["tables", "plain", "ahead", "http"] as const;
type Door = (typeof DOORS)[number];

/** One row: so many runs, so many at once. */
interface Load {
  readonly runs: number;
  readonly atOnce: number;
}

const PAIRS = 5;
const LOADS: { readonly [L in Language]: readonly Load[] } = {
  python: [1, 2, 8].map((atOnce) => ({ runs: 150, atOnce })).concat({ runs: 100, atOnce: 100 }),
  bash: [1, 2, 8].map((atOnce) => ({ runs: 150, atOnce })),
  javascript: [1, 2, 8].map((atOnce) => ({ runs: 60, atOnce })),
};
const HERE = new URL(".", import.meta.url).pathname;
const LEAN = ["--no-prompt", "--no-config", "--no-lock", "--no-npm", "--no-remote", "--no-check"];
const PERMISSIONS = ["-P=bench"];

async function measure(command: readonly string[]): Promise<Cost> {
  const args = [`${HERE}meter.py`, ...command];
  const { success, stdout } = await new Deno.Command("python3", { args, stderr: "inherit" })
    .output();
  if (!success) throw new Error(`Cannot measure ${command.join(" ")}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

function sides(door: Door, language: Language, { runs, atOnce }: Load, bare: readonly string[]) {
  const amount = [String(runs), String(atOnce)];
  const side = [`${HERE}runner_side.ts`, door, language, ...amount];
  return {
    ours: () => measure(["deno", "run", "--quiet", ...PERMISSIONS, ...side]),
    bare: () => measure(["python3", `${HERE}bare_side.py`, ...amount, ...bare]),
  };
}

async function row(
  [door, language, load]: readonly [Door, Language, Load],
  bareCommand: readonly string[],
): Promise<string> {
  const { ours, bare } = sides(door, language, load, bareCommand);
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
    language.padEnd(10),
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

async function bareCommands(): Promise<{ readonly [L in Language]: readonly string[] }> {
  await using runner = await openForkServer();
  const folder = `${HERE}programs/`;
  return {
    python: [runner.interpreter ?? "python3", "-I", "-S", "-B", `${folder}one.py`],
    bash: ["/usr/bin/bash", `${folder}one.sh`],
    javascript: [Deno.execPath(), "run", ...LEAN, "--cached-only", `${folder}one.js`],
  };
}

function chosenOf<T extends string>(all: readonly T[]): readonly T[] {
  const chosen = all.filter((name) => Deno.args.includes(name));
  return chosen.length === 0 ? all : chosen;
}

const commands = await bareCommands();
for (const language of chosenOf(LANGUAGES)) {
  for (const door of chosenOf(DOORS)) {
    if (door === "ahead" && language !== "javascript") continue;
    for (const load of LOADS[language]) {
      const line = await row([door, language, load], commands[language]);
      await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
    }
  }
}
