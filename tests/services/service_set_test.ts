import { deepStrictEqual, notDeepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { areInstalled } from "../fixtures/installed.ts";
import { temporaryFolder } from "../fixtures/service.ts";
import { stateFile } from "./places.ts";
import { answersPing } from "./probes.ts";
import { isAlive, signal } from "./processes.ts";
import { serviceKinds } from "./service_kinds.ts";
import { startServices, stopServices } from "./service_set.ts";
import { readState, writeState } from "./state.ts";

const ignore = !(await areInstalled("redis-server"));

Deno.test({
  name: "startServices() twice, and twice at once, is one set (needs redis-server)",
  ignore,
  async fn() {
    await using folder = await temporaryFolder();
    const all = await Promise.all([1, 2, 3].map(() => startServices(folder.path, ["redis"])));
    const again = await startServices(folder.path, ["redis", "redis"]);
    const processes = [...all, again].flat().map(({ process }) => process.pid);
    strictEqual(new Set(processes).size, 1);
    strictEqual(all.flat().filter(({ started }) => started).length, 1);
    deepStrictEqual(await stopServices(folder.path), ["redis"]);
    deepStrictEqual(await stopServices(folder.path), []);
  },
});

Deno.test({
  name: "startServices() starts afresh what has died, and stopServices() ends what is frozen " +
    "(needs redis-server)",
  ignore,
  async fn() {
    await using folder = await temporaryFolder();
    const [first] = await startServices(folder.path, ["redis"]);
    if (first === undefined) throw new Error("no service was started");
    await signal(first.process, "KILL");
    while (await isAlive(first.process));
    const [second] = await startServices(folder.path, ["redis"]);
    if (second === undefined) throw new Error("no service was started");
    notDeepStrictEqual(second.process, first.process);
    strictEqual(await answersPing(second.port), true);
    await signal(second.process, "STOP");
    strictEqual(await answersPing(second.port), false);
    deepStrictEqual(await stopServices(folder.path), ["redis"]);
    strictEqual(await isAlive(second.process), false);
  },
});

Deno.test("stopServices() leaves a process alone that has got the pid of a service since", async () => {
  await using folder = await temporaryFolder();
  // This test's own process is what runs under the pid now.
  const process = { pid: Deno.pid, ticks: "1", boot: "an earlier boot" };
  await writeState(stateFile(folder.path), { redis: { process, port: 1, password: null } });
  deepStrictEqual(await stopServices(folder.path), []);
  deepStrictEqual(await readState(stateFile(folder.path)), {});
});

Deno.test({
  name: "startServices() works on over a state file that was cut short (needs redis-server)",
  ignore,
  async fn() {
    await using folder = await temporaryFolder();
    await Deno.writeTextFile(stateFile(folder.path), '{"redis": {"proc');
    const [service] = await startServices(folder.path, ["redis"]);
    strictEqual(service?.started, true);
    deepStrictEqual(await stopServices(folder.path), ["redis"]);
  },
});

Deno.test({
  name:
    "startServices() tells a service's last words when it cannot be started, and keeps the others " +
    "(needs redis-server)",
  ignore,
  async fn() {
    await using folder = await temporaryFolder();
    const command = ["bash", "-c", "echo bad setting; sleep 0.1; exit 3"];
    const kinds = {
      ...serviceKinds(folder.path),
      prometheus: {
        prepare: () => Promise.resolve({ command, password: null }),
        isReady: () => Promise.resolve(false),
      },
    };
    await rejects(
      startServices(folder.path, ["prometheus", "redis"], kinds),
      /Cannot start prometheus: it ended\nbad setting/,
    );
    deepStrictEqual(Object.keys(await readState(stateFile(folder.path))), ["redis"]);
    deepStrictEqual(await stopServices(folder.path), ["redis"]);
  },
});
