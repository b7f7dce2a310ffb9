/**
 * Our side: `runner_side.ts DOOR LANGUAGE N C`. Prints a line when warm, waits for one, works, prints
 * the median latency in seconds.
 */

import type { Language } from "../../domain/execution/language.ts";
import { openForkServer } from "../fixtures/fork_server.ts";
import { filled, openAhead } from "../fixtures/javascript.ts";
import { programOf } from "../fixtures/programs.ts";
import { startService } from "../fixtures/service.ts";
import { median } from "./statistics.ts";

/** One way in; asking it once runs the program and gives its output. */
interface Door extends AsyncDisposable {
  ask(): Promise<string>;
  /** Resolves when it stands ready for so many at once again, where that takes a while. */
  ready?(): Promise<void>;
}

const SOURCES: { readonly [L in Language]: string } = {
  python: "print(1)",
  bash: "echo 1",
  javascript: "console.log(1)",
};
const WARM_UP = 30;
const WARM_UP_AHEAD = 8;
const POOL = 8;
const NEVER = new AbortController().signal;

/** Processes started ahead, as many as the service has unless told otherwise. */
async function openPool(language: Language): Promise<Door> {
  const runner = await openAhead({}, POOL);
  const request = programOf(language, SOURCES[language]);
  return {
    ask: async () => (await runner.run(request, NEVER)).stdout,
    // Rarely asked: looking costs as well, and is counted.
    ready: () => filled(runner, POOL, 100),
    [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
  };
}

async function openRunner(language: Language, plain: boolean): Promise<Door> {
  const runner = await openForkServer({ plain });
  const request = programOf(language, SOURCES[language]);
  return {
    ask: async () => (await runner.run(request, NEVER)).stdout,
    [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
  };
}

/** The whole service behind its socket: token, validation, record, metrics and log line. */
async function openService(language: Language): Promise<Door> {
  const service = await startService({ EXECUTION_CONCURRENCY: "16", LOG_FORMAT: "json" });
  const body = JSON.stringify({ language, code: SOURCES[language] });
  const headers = {
    authorization: `Bearer ${service.token}`,
    "content-type": "application/json",
  };
  return {
    async ask() {
      const url = `${service.url}/api/v1/execute_code`;
      const answer = await fetch(url, { method: "POST", headers, body });
      return (await answer.json()).stdout;
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

async function openDoor(name: string, language: Language): Promise<Door> {
  if (name === "http") return await openService(language);
  if (name === "ahead") return await openPool(language);
  return await openRunner(language, name === "plain");
}

const [door = "", language = "python", total, atOnce] = Deno.args;
await using opened = await openDoor(door, language as Language);
const latencies: number[] = [];

async function one(): Promise<void> {
  const started = performance.now();
  const output = await opened.ask();
  latencies.push((performance.now() - started) / 1000);
  if (output !== "1\n") throw new Error(`the sandbox printed ${JSON.stringify(output)}`);
}

async function work(runs: number): Promise<void> {
  let left = runs;
  const worker = async () => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, worker));
}

/** While waiting processes last, then again; the last refill is waited for too, so that all is counted. */
async function workAhead(runs: number): Promise<void> {
  for (let left = runs; left > 0; left -= POOL) {
    await work(Math.min(POOL, left));
    await opened.ready?.();
  }
}

async function say(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${text}\n`));
}

const input = Deno.stdin.readable.getReader();
await work(opened.ready === undefined ? WARM_UP : WARM_UP_AHEAD);
await opened.ready?.();
latencies.length = 0;
await say("warm");
await input.read();
if (opened.ready === undefined) await work(Number(total));
else await workAhead(Number(total));
await say(String(median(latencies)));
while (!(await input.read()).done);
