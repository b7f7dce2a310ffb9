/**
 * Our side: `runner_side.ts DOOR SUBJECT N C`. Prints a line when warm, waits for one, works, prints
 * the median latency in seconds.
 */

import { eventually } from "../fixtures/eventually.ts";
import { CONTAINERS, openContainers } from "../fixtures/containers.ts";
import { openForkServer } from "../fixtures/fork_server.ts";
import { filled, openAhead } from "../fixtures/javascript.ts";
import { startService, UNLIMITED } from "../fixtures/service.ts";
import { LeanClient } from "./lean_client.ts";
import { median } from "./statistics.ts";
import { bodyFor, PACKAGES, requestFor, type Subject } from "./subjects.ts";

/** One way in; asking it once runs the program and gives its output. */
interface Door extends AsyncDisposable {
  ask(): Promise<string>;
  /** Resolves when it stands ready for so many at once again, where that takes a while. */
  ready?(): Promise<void>;
}

/** Before that many, much of what is measured is V8 compiling. */
const WARM_UP = 1500;
const WARM_UP_AHEAD = 8;
/** A container costs so much that nothing else shows beside it. */
const WARM_UP_CONTAINERS = 100;
const POOL = 8;
const NEVER = new AbortController().signal;

/** Processes started ahead, as many as the service has unless told otherwise. */
async function openPool(subject: Subject): Promise<Door> {
  const runner = await openAhead({}, POOL);
  const request = requestFor(subject);
  return {
    ask: async () => (await runner.run(request, NEVER)).stdout,
    // Rarely asked: looking costs as well, and is counted.
    ready: () => filled(runner, POOL, 100),
    [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
  };
}

async function openRunner(subject: Subject, door: string): Promise<Door> {
  const container = CONTAINERS.find(({ program }) => program === door);
  const runner = container === undefined
    ? await openForkServer({ plain: door === "plain", packages: PACKAGES })
    : await openContainers(container, { packages: PACKAGES });
  const request = requestFor(subject);
  const watcher = door === "streamed" ? { started: () => {}, wrote: () => {} } : undefined;
  return {
    ask: async () => (await runner.run(request, NEVER, watcher)).stdout,
    [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
  };
}

/** The whole service behind its socket: token, validation, record, metrics and log line. */
async function openService(subject: Subject): Promise<Door> {
  const settings = { EXECUTION_CONCURRENCY: "16", PYTHON_PACKAGES_DIR: PACKAGES };
  const service = await startService({ ...UNLIMITED, ...settings, LOG_FORMAT: "json" });
  await untilPoolIsFull(service.url);
  const body = JSON.stringify(bodyFor(subject));
  const url = new URL(`${service.url}/api/v1/execute_code`);
  const idle: LeanClient[] = [];
  return {
    async ask() {
      const client = idle.pop() ?? await LeanClient.connect(url, service.token, body);
      const answer = await client.ask();
      idle.push(client);
      return JSON.parse(answer).stdout;
    },
    async [Symbol.asyncDispose]() {
      for (const client of idle) client[Symbol.dispose]();
      await service[Symbol.asyncDispose]();
    },
  };
}

/** Processes that are started ahead are nothing that the measured requests ask for. */
async function untilPoolIsFull(service: string): Promise<void> {
  const count = (text: string, state: string) =>
    new RegExp(`^ultimate_mcp_execution_pool_processes\\{.*state="${state}".*\\} (\\d+)`, "m")
      .exec(text)?.[1];
  await eventually("a full pool", async () => {
    const text = await (await fetch(`${service}/metrics`)).text();
    const [warm, wanted] = [count(text, "warm"), count(text, "wanted")];
    return warm !== undefined && warm === wanted ? true : null;
  });
}

async function openDoor(name: string, subject: Subject): Promise<Door> {
  if (name === "http") return await openService(subject);
  if (name === "ahead") return await openPool(subject);
  return await openRunner(subject, name);
}

const [door = "", subject = "python", total, atOnce] = Deno.args;
await using opened = await openDoor(door, subject as Subject);
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
const inContainers = CONTAINERS.some(({ program }) => program === door);
await work(
  opened.ready !== undefined ? WARM_UP_AHEAD : inContainers ? WARM_UP_CONTAINERS : WARM_UP,
);
await opened.ready?.();
latencies.length = 0;
await say("warm");
await input.read();
if (opened.ready === undefined) await work(Number(total));
else await workAhead(Number(total));
await say(String(median(latencies)));
while (!(await input.read()).done);
