/**
 * The runner's side: `runner_side.ts LANGUAGE N C`. Prints a line when warm, waits for one, works,
 * prints the median latency in seconds.
 */

import type { Language } from "../../domain/execution/language.ts";
import { openForkServer } from "../fixtures/fork_server.ts";
import { programOf } from "../fixtures/programs.ts";
import { median } from "./statistics.ts";

const SOURCES: { readonly [L in Language]: string } = {
  python: "print(1)",
  bash: "echo 1",
  javascript: "console.log(1)",
};
const WARM_UP = 30;
const NEVER = new AbortController().signal;

const [language, total, atOnce] = [
  Deno.args[0] as Language,
  Number(Deno.args[1]),
  Number(Deno.args[2]),
];
await using runner = await openForkServer();
const request = programOf(language, SOURCES[language]);
const latencies: number[] = [];

async function one(): Promise<void> {
  const started = performance.now();
  const { stdout } = await runner.run(request, NEVER);
  latencies.push((performance.now() - started) / 1000);
  if (stdout !== "1\n") throw new Error(`the sandbox printed ${JSON.stringify(stdout)}`);
}

async function work(runs: number): Promise<void> {
  let left = runs;
  const worker = async () => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function say(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${text}\n`));
}

const input = Deno.stdin.readable.getReader();
await work(WARM_UP);
latencies.length = 0;
await say("warm");
await input.read();
await work(total);
await say(String(median(latencies)));
while (!(await input.read()).done);
