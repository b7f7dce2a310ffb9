import assert from "node:assert/strict";
import {
  BROKEN,
  javascriptContract,
  type JavascriptRunner,
} from "../../../tests/contracts/javascript.ts";
import { eventually } from "../../../tests/fixtures/eventually.ts";
import { openForkServer } from "../../../tests/fixtures/fork_server.ts";
import { filled, openAhead, runtimesHere, runWarm } from "../../../tests/fixtures/javascript.ts";
import { killProcess } from "../../../tests/fixtures/kill.ts";
import { bash, descendantsOf } from "../../../tests/fixtures/processes.ts";
import { programNamed, programOf } from "../../../tests/fixtures/programs.ts";
import {
  canStartAhead,
  JAVASCRIPT_RUNTIMES,
  type JavascriptRuntime,
} from "./javascript_runtime.ts";
import type { ForkServerRunner } from "./runner.ts";
import type { ExecutionLimits } from "../../../domain/execution/limits.ts";
import type { ExecutionRequest } from "../../../domain/execution/request.ts";

const NEVER = new AbortController().signal;
const RUNTIMES = await runtimesHere();

async function openCold(javascript: JavascriptRuntime, plain: boolean): Promise<JavascriptRunner> {
  const runner = await openForkServer({ javascript, plain });
  return {
    run: (request) => runner.run(request, NEVER),
    [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
  };
}

/** A program that prints `text`, in a Deno. */
function says(text: string, limits: Partial<ExecutionLimits> = {}): Promise<ExecutionRequest> {
  return programNamed("javascript/says.js", { args: [text], limits });
}

/** What a warm process cannot take starts a process of its own, and must end alike. */
async function openWarm(javascript: JavascriptRuntime, plain: boolean): Promise<JavascriptRunner> {
  const runner = await openAhead({ javascript, plain });
  return {
    async run(request) {
      await filled(runner);
      return await runner.run(request, NEVER);
    },
    [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
  };
}

for (const name of JAVASCRIPT_RUNTIMES) {
  const found = RUNTIMES.some((runtime) => runtime.name === name);
  // Says by name which runtime was not tested here; where everything is to be there, the gate counts
  // an ignored test as a failed one.
  if (!found) Deno.test({ name: `${name} is not installed [S13]`, ignore: true, fn() {} });
}

for (const runtime of RUNTIMES) {
  const { name } = runtime;
  javascriptContract(`${name}, cold`, () => openCold(runtime, false));
  if (!canStartAhead(runtime)) continue;
  javascriptContract(`${name}, started ahead`, () => openWarm(runtime, false));
  javascriptContract(`${name}, started ahead, plain`, () => openWarm(runtime, true));

  Deno.test(`${name}: a program cannot tell that its process was started ahead [S13, B6]`, async (t) => {
    await using cold = await openForkServer({ javascript: runtime });
    await using warm = await openAhead({ javascript: runtime });
    const given = { stdin: "typed in", args: ["one", ""], environment: { GREETING: "hello" } };
    const files = [...PROGRAMS, ...name === "node" ? ["common_node", "threads_node"] : []];
    const requests = files.map(async (file) => await programNamed(`javascript/${file}.js`, given));
    const broken = Object.keys(BROKEN).map((code) => programOf("javascript", code, given));
    for (const request of [...await Promise.all(requests), ...broken]) {
      await t.step(request.code.slice(0, 40), async () => {
        const expected = seenBy(await cold.run(request, NEVER));
        assert.deepEqual(seenBy(await runWarm(warm, request)), expected);
      });
    }
  });
}

const PROGRAMS = [
  ..."surroundings modules throws rejects exits leaves seen priority stack".split(
    " ",
  ),
];

type Seen = Pick<
  Awaited<ReturnType<ForkServerRunner["run"]>>,
  "outcome" | "returnCode" | "stdout" | "stderr" | "signal" | "limit" | "isolation"
>;

/** What of an outcome does not depend on the machine's mood. */
function seenBy({ outcome, returnCode, stdout, stderr, signal, limit, isolation }: Seen): Seen {
  return { outcome, returnCode, stdout, stderr, signal, limit, isolation };
}

Deno.test("the pool: each process serves one run and is replaced when requests pause [S15, B6]", async () => {
  await using runner = await openAhead();
  const mark = await programNamed("javascript/leaves_behind.js");
  const look = await programNamed("javascript/left_behind.js");
  for (const _ of [1, 2, 3]) {
    assert.equal((await runWarm(runner, mark)).outcome, "ok");
    assert.equal((await runWarm(runner, look)).stdout, "work undefined\n");
  }
  await filled(runner, 2);
  assert.deepEqual(runner.pool(), { waiting: 2, wanted: 2, warm: 6, cold: 1 });
});

Deno.test("the pool: a run pays neither for its process's start nor for its wait [S14, B6]", async () => {
  await using runner = await openAhead({}, 1);
  await filled(runner);
  await new Promise((resolve) => setTimeout(resolve, 700));
  const limits = { timeoutSeconds: 0.5, cpuSeconds: 1 };
  const sleeps = programOf("javascript", "await new Promise((ok) => setTimeout(ok, 60_000))", {
    limits,
  });
  const slept = await runWarm(runner, sleeps);
  assert.deepEqual([slept.outcome, slept.limit], ["timeout", "timeout_seconds"]);
  assert.ok(
    slept.durationSeconds >= 0.5 && slept.durationSeconds < 0.5 + 0.7,
    `${slept.durationSeconds}`,
  );
  const exits = await runWarm(runner, programOf("javascript", "Deno.exit()"));
  const coldStart = await runner.run(
    programOf("javascript", "Deno.exit()", { limits: { memoryMb: 127 } }),
    NEVER,
  );
  assert.ok(exits.cpuSeconds < coldStart.cpuSeconds, `${exits.cpuSeconds} ${coldStart.cpuSeconds}`);
});

Deno.test("the pool: what a waiting process cannot become starts one of its own [S13, B6]", async () => {
  await using runner = await openAhead({}, 1);
  await filled(runner);
  const before = runner.pool();
  const long = await says("long");
  const requests = [
    await programNamed("javascript/zone.js", { environment: { TZ: "Asia/Tokyo" } }),
    await says("much", { memoryMb: 200 }),
    { ...long, code: `${long.code}//${"x".repeat(70_000)}` },
  ];
  const stdouts: string[] = [];
  for (const request of requests) stdouts.push((await runner.run(request, NEVER)).stdout);
  assert.deepEqual(stdouts, ["Asia/Tokyo Asia/Tokyo\n", "much\n", "long\n"]);
  assert.deepEqual([runner.pool().warm, runner.pool().cold], [before.warm, before.cold + 3]);
});

Deno.test("the pool: more runs at once than processes wait all end well [S13, B6]", async () => {
  await using runner = await openAhead({}, 3);
  await filled(runner, 3);
  const runs = Array.from(
    { length: 8 },
    async (_, n) => await runner.run(await says(String(n)), NEVER),
  );
  const stdouts = (await Promise.all(runs)).map(({ stdout }) => stdout);
  assert.deepEqual(stdouts, Array.from({ length: 8 }, (_, n) => `${n}\n`));
  assert.equal(runner.pool().warm, 3);
});

Deno.test("the pool: a process that dies while it waits is replaced, and is nobody's run [S15, B6]", async () => {
  await using runner = await openAhead({}, 1);
  await filled(runner);
  const [first] = await waitingPrograms(runner);
  await killProcess(first ?? 0);
  await eventually("its replacement", async () => {
    const now = await waitingPrograms(runner);
    return now.length === 1 && now[0] !== first && runner.pool().waiting === 1 ? true : null;
  }, 60);
  assert.equal((await runWarm(runner, await says("1"))).stdout, "1\n");
});

Deno.test("the pool: a runtime that cannot start ahead turns it off with a word, and runs go on [S15, B6]", async () => {
  const said: string[] = [];
  const log = {
    write: (_: unknown, event: string, fields: unknown) =>
      void said.push(`${event} ${JSON.stringify(fields)}`),
  };
  await using broken = await openAhead({ log });
  await filled(broken);
  for (let lost = 0; lost < 5; lost += 1) {
    const [program] = await eventually("a waiting process", async () => {
      const found = await waitingPrograms(broken);
      return found.length > 0 && broken.pool().waiting > 0 ? found : null;
    }, 60);
    await killProcess(program ?? 0);
    await eventually(
      "its loss",
      async () => (await waitingPrograms(broken)).includes(program ?? 0) ? null : true,
    );
  }
  await eventually(
    "the word",
    () => said.some((line) => /The pool is off/.test(line)) ? true : null,
  );
  const run = await broken.run(await says("1"), NEVER);
  assert.equal(run.stdout, "1\n");
});

Deno.test("the pool: nothing of it outlives its server [S15, B6]", async () => {
  for (const end of ["close", "kill"]) {
    const runner = await openAhead({}, 2);
    await filled(runner, 2);
    const programs = await waitingPrograms(runner);
    assert.equal(programs.length, 2);
    if (end === "kill") await killProcess(runner.pid ?? 0);
    else await runner[Symbol.asyncDispose]();
    await eventually(`the end of the pool after ${end}`, async () => {
      const living = await bashLiving(programs);
      return living.length === 0 ? true : null;
    });
    await runner[Symbol.asyncDispose]();
  }
});

Deno.test("the pool: a request for more than its processes began with costs none of them [S14, B6]", async () => {
  await using runner = await openAhead({}, 3);
  await filled(runner, 3);
  const more = { openFiles: 128, processes: 64, cpuSeconds: 60 };
  // More of them than losses turn the pool off.
  for (let turn = 0; turn < 6; turn += 1) {
    assert.equal((await runner.run(await says("1", more), NEVER)).stdout, "1\n");
  }
  await runWarm(runner, await says("1"));
});

Deno.test("the pool: 40 runs leave no process and no descriptor [S15, B6]", async () => {
  await using runner = await openAhead({}, 4);
  await filled(runner, 4);
  const before = await standing(runner);
  for (let round = 0; round < 10; round += 1) {
    const runs = [0, 1, 2, 3].map(async (n) => await runner.run(await says(String(n)), NEVER));
    const stdouts = (await Promise.all(runs)).map(({ stdout }) => stdout);
    assert.deepEqual(stdouts, ["0\n", "1\n", "2\n", "3\n"]);
    await filled(runner, 4);
  }
  assert.equal(runner.pool().warm, 40);
  assert.deepEqual(await standing(runner), before);
});

Deno.test("the pool: no two runs at once share a uid, however they were started [S15, B6]", async () => {
  const program = await programNamed("javascript/owner.js");
  await using runner = await openAhead({}, 3);
  await filled(runner, 3);
  const runs = Array.from({ length: 6 }, () => runner.run(program, NEVER));
  const uids = (await Promise.all(runs)).map(({ stdout }) => stdout);
  assert.equal(runner.pool().warm, 3);
  assert.ok(uids.every((uid) => Number(uid) >= 1000), uids.join(""));
  // An ordinary user has but one to give.
  assert.equal(
    new Set(uids).size,
    runner.status().layers.includes("unique-uid") ? 6 : 1,
    uids.join(""),
  );
});

/** Processes from the broker inwards, and how many descriptors each has. */
async function standing(runner: ForkServerRunner): Promise<string[]> {
  const broker = runner.pid ?? 0;
  const below = await descendantsOf(broker);
  const count = 'for p; do echo "$(ls "/proc/$p/fd" 2>/dev/null | wc -l)"; done';
  const pids = [broker, ...below.map(({ pid }) => pid)].map(String);
  const counts = (await bash("-c", count, "-", ...pids)).trimEnd().split("\n");
  return ["broker", ...below.map(({ command }) => command)].map((name, at) =>
    `${name} ${counts[at]}`
  );
}

/** Process ids of the runtimes that wait. */
async function waitingPrograms(runner: ForkServerRunner): Promise<number[]> {
  const below = await descendantsOf(runner.pid ?? 0);
  return below.filter(({ command, dead }) => !dead && /^\/opt\/javascript\//.test(command))
    .map(({ pid }) => pid);
}

async function bashLiving(pids: readonly number[]): Promise<number[]> {
  const all = await descendantsOf(1);
  return all.filter(({ pid, dead }) => pids.includes(pid) && !dead).map(({ pid }) => pid);
}
