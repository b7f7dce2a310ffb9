import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { temporaryFolder } from "../fixtures/service.ts";
import { readState, type ServiceState, writeState } from "./state.ts";

const STATE: ServiceState = {
  neo4j: { process: { pid: 4242, ticks: "17", boot: "b-1" }, port: 27001, password: "secret" },
  redis: { process: { pid: 4243, ticks: "18", boot: "b-1" }, port: 27002, password: null },
};

Deno.test("readState() gives back what writeState() wrote, which only its owner may read", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/state.json`;
  await writeState(path, STATE);
  deepStrictEqual(await readState(path), STATE);
  strictEqual(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
});

Deno.test("readState() takes a file that is absent, cut short or of another shape for an empty one", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/state.json`;
  deepStrictEqual(await readState(path), {});
  await writeState(path, STATE);
  const whole = await Deno.readTextFile(path);
  for (const text of ["", whole.slice(0, whole.length / 2), "null", "[]", '{"neo4j": 7}']) {
    await Deno.writeTextFile(path, text);
    deepStrictEqual(await readState(path), {}, text);
  }
});

Deno.test("readState() leaves out a service whose entry could name a process that is not it", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/state.json`;
  const { neo4j, redis } = STATE;
  for (const pid of [1, 0, -1, 1.5, "4242", null]) {
    const bad = { ...neo4j, process: { ...neo4j?.process, pid } };
    await Deno.writeTextFile(path, JSON.stringify({ neo4j: bad, redis, other: redis }));
    deepStrictEqual(await readState(path), { redis }, `pid ${pid}`);
  }
});
