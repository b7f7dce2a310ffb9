import { ok, strictEqual } from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { temporaryFolder } from "../fixtures/service.ts";
import {
  endProcess,
  isAlive,
  type ProcessIdentity,
  signal,
  startAttached,
  startDetached,
} from "./processes.ts";

const SLEEP = ["bash", "-c", "exec -a '(a) b' sleep 300"];
const STUBBORN = ["bash", "-c", "trap '' TERM; echo ready; for ((;;)); do sleep 1; done"];

/** Waits until a file holds a text. */
async function comesToHold(path: string, text: string): Promise<void> {
  while (await Deno.readTextFile(path) !== text) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("startDetached() gives an identity that is alive until the process is ended", async () => {
  await using folder = await temporaryFolder();
  const process = await startDetached(SLEEP, `${folder.path}/log`);
  strictEqual(await isAlive(process), true);
  await endProcess(process, 5);
  strictEqual(await isAlive(process), false);
  strictEqual(await signal(process, "KILL"), false);
});

Deno.test("signal() spares a process that only has the pid of the one meant", async () => {
  await using folder = await temporaryFolder();
  const process = await startDetached(SLEEP, `${folder.path}/log`);
  const others: ProcessIdentity[] = [
    { ...process, ticks: `${Number(process.ticks) - 1}` },
    { ...process, boot: "00000000-0000-0000-0000-000000000000" },
  ];
  for (const other of others) {
    strictEqual(await isAlive(other), false);
    strictEqual(await signal(other, "KILL"), false);
    await endProcess(other, 5);
  }
  strictEqual(await isAlive(process), true);
  await endProcess(process, 5);
});

Deno.test("endProcess() ends one that is stopped, and one that ignores SIGTERM", async () => {
  await using folder = await temporaryFolder();
  const stopped = await startDetached(SLEEP, `${folder.path}/stopped`);
  ok(await signal(stopped, "STOP"));
  await endProcess(stopped, 5);
  const stubborn = await startDetached(STUBBORN, `${folder.path}/stubborn`);
  await comesToHold(`${folder.path}/stubborn`, "ready\n");
  await endProcess(stubborn, 0.2);
  strictEqual(await isAlive(stubborn), false);
});

Deno.test("startAttached() starts a process that ends when it is disposed of, stopped or not", async () => {
  await using folder = await temporaryFolder();
  let process: ProcessIdentity;
  {
    await using attached = await startAttached(STUBBORN, `${folder.path}/log`);
    process = attached.identity;
    await comesToHold(`${folder.path}/log`, "ready\n");
    ok(await signal(process, "STOP"));
    strictEqual(await isAlive(process), true);
  }
  strictEqual(await isAlive(process), false);
});

Deno.test("an attached process ends with what keeps it, though that is killed", async () => {
  await using folder = await temporaryFolder();
  const log = `${folder.path}/log`;
  const script = new URL("./processes.sh", import.meta.url).pathname;
  const keeper = new Deno.Command("bash", {
    args: [script, "attached", log, ...STUBBORN],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const [pid = "", ticks = "", boot = ""] = (await keeper.stdout.text()).trim().split(" ");
  const process = { pid: Number(pid), ticks, boot };
  await comesToHold(log, "ready\n");
  strictEqual(await isAlive(process), true);
  keeper.kill("SIGKILL");
  await keeper.status;
  await keeper.stdin.close().catch(() => {});
  await eventually("its end", async () => await isAlive(process) ? null : true);
});

Deno.test("startAttached() can be disposed of when its process has ended by itself", async () => {
  await using folder = await temporaryFolder();
  const attached = await startAttached(SLEEP, `${folder.path}/log`);
  await endProcess(attached.identity, 5);
  await attached[Symbol.asyncDispose]();
  await attached[Symbol.asyncDispose]();
});
