import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { killProcess } from "../fixtures/kill.ts";
import { listProcesses } from "../fixtures/processes.ts";
import { type StartedService, startService } from "../fixtures/service.ts";

/** A bash program whose process no other process of the machine can be taken for. */
function sleepOf(seconds: number): string {
  return `sleep ${seconds}.${crypto.getRandomValues(new Uint32Array(1))[0]}`;
}

async function isRunning(command: string): Promise<boolean> {
  return (await listProcesses()).some((process) => !process.dead && process.command === command);
}

async function seen(command: string, running: boolean): Promise<void> {
  await eventually(`'${command}' ${running ? "running" : "gone"}`, async () => {
    return await isRunning(command) === running ? true : null;
  });
}

/** Resolves once the service no longer calls itself ready, or no longer listens. */
async function notReady(service: StartedService): Promise<void> {
  await eventually("readiness turned off", async () => {
    const status = await service.get("/health/ready").then((answer) => answer.status, () => 503);
    return status === 503 ? true : null;
  });
}

Deno.test("a stop lets the run in hand finish and takes no new one [S13, S40]", async () => {
  await using service = await startService();
  const sleep = sleepOf(2);
  const asked = service.execute({ language: "bash", code: `${sleep}; echo done` });
  await seen(sleep, true);
  service.tellToStop();
  await notReady(service);
  const late = await service.execute({ code: "print(1)" }).then(({ status }) => status, () => 503);
  assert.equal(late, 503);
  const answer = await asked;
  assert.deepEqual([answer.status, answer.json.outcome, answer.json.stdout], [200, "ok", "done\n"]);
  assert.equal(await service.ended(), 0);
});

Deno.test("a stop ends a run that would outlast it, and leaves nothing of it [S15]", async () => {
  await using service = await startService();
  const code = sleepOf(60);
  const asked = service.execute({ language: "bash", code, timeout_seconds: 60 })
    .then(({ status, json }) => [status, json.code], () => "closed");
  await seen(code, true);
  assert.equal(await service.stop(), 0);
  const end = await asked;
  if (end !== "closed") assert.deepEqual(end, [503, "shutting_down"]);
  assert.ok(!await isRunning(code));
});

Deno.test("a service whose launcher is killed stops by itself [S15, S40]", async () => {
  await using service = await startService();
  const launcher = (await service.processes())
    .find(({ command }) => command.includes("src/launch.ts"));
  assert.ok(launcher !== undefined);
  await killProcess(launcher.pid);
  await eventually("the service gone", async () => {
    const living = (await listProcesses()).filter(({ pid, dead }) => pid === service.pid && !dead);
    return living.length === 0 ? true : null;
  });
});

Deno.test("deno task dev lets its run finish when told to stop, and leaves no process [S15, S40]", async () => {
  await using service = await startService({}, { task: "dev" });
  const sleep = sleepOf(2);
  const asked = service.execute({ language: "bash", code: `${sleep}; echo done` });
  await seen(sleep, true);
  const started = (await service.processes()).map(({ pid }) => pid);
  service.tellToStop();
  assert.deepEqual((await asked).json.stdout, "done\n");
  assert.equal(await service.ended(), 0);
  await eventually("the end of all that was started with it", async () => {
    const living = (await listProcesses()).filter(({ dead }) => !dead);
    return living.some(({ pid }) => started.includes(pid)) ? null : true;
  });
});

Deno.test("closing the request ends its run [S15, B5]", async () => {
  await using service = await startService();
  const code = sleepOf(60);
  const caller = new AbortController();
  const { signal } = caller;
  const body = { language: "bash", code, timeout_seconds: 60 };
  const asked = assert.rejects(service.execute(body, { signal }), { name: "AbortError" });
  await seen(code, true);
  caller.abort();
  await asked;
  await seen(code, false);
  // The program is gone before its end is counted.
  await eventually("the end counted", async () => {
    const { text } = await service.get("/metrics");
    return /code_execution_outcomes_total\{language="bash",outcome="cancelled"\} 1\n/.test(text) ||
      null;
  });
});
