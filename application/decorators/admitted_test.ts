import assert from "node:assert/strict";
import { isFailure } from "../../domain/errors.ts";
import type { ExecutionOutcome } from "../../domain/execution/outcome.ts";
import type { Measurement } from "../../domain/ports/telemetry.ts";
import { ManualClock } from "../../tests/fakes/manual_clock.ts";
import { ScriptedRunner } from "../../tests/fakes/scripted_runner.ts";
import { type Changes, programOf } from "../../tests/fixtures/programs.ts";
import {
  Admission,
  type AdmissionBounds,
  admitted,
  type DecoratedRunner,
  type Finished,
} from "./admitted.ts";

const NEVER = new AbortController().signal;

/** A runner whose programs end when told, behind a door. */
function setUp(bounds: Partial<AdmissionBounds> = {}) {
  const runner = new ScriptedRunner();
  const clock = new ManualClock();
  const measured: Measurement[] = [];
  const held: PromiseWithResolvers<Partial<ExecutionOutcome>>[] = [];
  runner.scripts.set("held", () => {
    const run = Promise.withResolvers<Partial<ExecutionOutcome>>();
    held.push(run);
    return run.promise;
  });
  const door = new Admission({ concurrency: 2, queue: 2, memoryMb: 1000, ...bounds });
  const telemetry = { record: (measurement: Measurement) => void measured.push(measurement) };
  const finished: DecoratedRunner<Finished> = {
    run: async (...asked) => ({ outcome: await runner.run(...asked) }),
  };
  const behind = admitted(finished, door, { clock, telemetry });
  const ask = (limits: Changes["limits"] = {}, signal = NEVER) =>
    behind.run(programOf("bash", "held", { limits }), signal);
  return { clock, measured, held, door, ask };
}

/** Lets everything that can go on go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

Deno.test("admitted() runs up to its concurrency and queues the rest in order [S14]", async () => {
  const { held, door, ask, clock, measured } = setUp();
  const runs = [ask(), ask(), ask(), ask()];
  await settle();
  assert.deepEqual([held.length, door.state()], [2, { running: 2, waiting: 2 }]);
  clock.advance(1500);
  held[0]?.resolve({ stdout: "first" });
  await settle();
  assert.deepEqual([held.length, door.state()], [3, { running: 2, waiting: 1 }]);
  for (const run of held) run.resolve({});
  await settle();
  held[3]?.resolve({});
  const done = await Promise.all(runs);
  assert.deepEqual(done.map(({ queueSeconds }) => queueSeconds), [0, 0, 1.5, 1.5]);
  assert.equal(done[0]?.outcome.stdout, "first");
  assert.deepEqual(door.state(), { running: 0, waiting: 0 });
  assert.equal(measured.filter(({ kind }) => kind === "execution_admitted").length, 4);
});

Deno.test("admitted() refuses at once past its queue, with numbers [S14]", async () => {
  const { held, ask } = setUp({ concurrency: 1, queue: 1 });
  const runs = [ask(), ask()];
  await settle();
  await assert.rejects(ask(), (error) => {
    assert.ok(isFailure(error, "too_many_executions"));
    assert.deepEqual(error.failure, {
      code: "too_many_executions",
      running: 1,
      waiting: 1,
      retryAfterSeconds: 1,
    });
    return true;
  });
  held[0]?.resolve({});
  await settle();
  held[1]?.resolve({});
  await Promise.all(runs);
});

Deno.test("admitted() holds the sum of memory limits under its bound [S14]", async () => {
  const { held, door, ask } = setUp({ concurrency: 10, queue: 10, memoryMb: 300 });
  const runs = [ask({ memoryMb: 200 }), ask({ memoryMb: 200 }), ask({ memoryMb: 50 })];
  await settle();
  assert.deepEqual(door.state(), { running: 1, waiting: 2 }, "no later run overtakes");
  held[0]?.resolve({});
  await settle();
  assert.deepEqual(door.state(), { running: 2, waiting: 0 });
  for (const run of held) run.resolve({});
  await Promise.all(runs);
});

Deno.test("admitted() lets a run in alone that is larger than the bound [S14]", async () => {
  const { held, ask } = setUp({ memoryMb: 100 });
  const run = ask({ memoryMb: 1024 });
  await settle();
  held[0]?.resolve({});
  assert.equal((await run).outcome.outcome, "ok");
});

Deno.test("admitted() gives the place of a caller that leaves to the next [S14]", async () => {
  const { held, door, ask } = setUp({ concurrency: 1 });
  const first = ask();
  const leaver = new AbortController();
  const left = assert.rejects(ask({}, leaver.signal), (error) => isFailure(error, "cancelled"));
  const last = ask();
  await settle();
  leaver.abort();
  await left;
  assert.deepEqual(door.state(), { running: 1, waiting: 1 });
  held[0]?.resolve({});
  await settle();
  held[1]?.resolve({});
  await Promise.all([first, last]);
  await assert.rejects(ask({}, leaver.signal), (error) => isFailure(error, "cancelled"));
});

Deno.test("admitted() gives a place back when the run fails [S14]", async () => {
  const { held, door, ask } = setUp();
  const failing = assert.rejects(ask(), /broken/);
  await settle();
  held[0]?.reject(new Error("broken"));
  await failing;
  assert.deepEqual(door.state(), { running: 0, waiting: 0 });
});

Deno.test("Admission.close() refuses newcomers and lets those inside and waiting go on [S14]", async () => {
  const { held, door, ask } = setUp({ concurrency: 1 });
  const runs = [ask(), ask()];
  await settle();
  door.close();
  await assert.rejects(ask(), (error) => isFailure(error, "shutting_down"));
  held[0]?.resolve({});
  await settle();
  held[1]?.resolve({});
  await Promise.all(runs);
});
