import assert from "node:assert/strict";
import { eventually } from "../fixtures/eventually.ts";
import { killProcess } from "../fixtures/kill.ts";
import { listProcesses } from "../fixtures/processes.ts";
import { type Answer, type StartedService, startService, UNLIMITED } from "../fixtures/service.ts";

const RUNS = 40;

/** The fork server's processes, outermost first: each is the parent of the next. */
const VICTIMS = [
  "the broker",
  "the parent of the forkers' namespace",
  "the forker of what is copied, process 1 there",
  "the forker of what is executed",
];

/** The processes that stand while nothing runs. An ended run's own may still be going. */
async function standing(service: StartedService): Promise<number[]> {
  return await eventually("the fork server at rest", async () => {
    const processes = (await service.forkServer()).filter(({ dead }) => !dead);
    return processes.length === VICTIMS.length ? processes.map(({ pid }) => pid) : null;
  });
}

/** A right answer, or a clear problem that says when to come again. */
function assertClear({ status, json, text, headers }: Answer, n: number): void {
  if (status === 200) {
    assert.deepEqual([json.outcome, json.stdout, json.stderr], ["ok", `${n * n}\n`, ""], text);
    return;
  }
  assert.deepEqual([status, json.code], [503, "dependency_unavailable"], text);
  assert.equal(headers.get("retry-after"), String(json.retry_after_seconds));
}

/** Programs of both kinds: Python goes on in a copy of a forker, bash is executed. */
function squareOf(n: number): Record<string, string> {
  if (n % 2 === 0) return { code: `import time; time.sleep(0.1); print(${n * n})` };
  return { language: "bash", code: `sleep 0.1; echo ${n * n}` };
}

/** Asks for many runs at once and kills the victim while they are in hand. */
async function underLoad(service: StartedService, victim: number): Promise<Answer[]> {
  const asked = Array.from({ length: RUNS }, (_, n) => service.execute(squareOf(n)));
  await Promise.any(asked);
  await killProcess(victim);
  return await Promise.all(asked);
}

Deno.test("a kill -9 within the fork server under load costs no wrong answer [S13, S15]", async (t) => {
  // Processes that wait for a program would stand among the victims.
  await using service = await startService({ ...UNLIMITED, EXECUTION_POOL: "0" });
  for (const [depth, name] of VICTIMS.entries()) {
    await t.step(name, async () => {
      const before = await standing(service);
      const answers = await underLoad(service, before[depth] ?? 0);
      for (const [n, answer] of answers.entries()) assertClear(answer, n);
      assert.ok(answers.some(({ status }) => status === 200));

      const next = await Promise.all(
        Array.from({ length: 10 }, (_, n) => service.execute(squareOf(n))),
      );
      for (const [n, { json, text }] of next.entries()) {
        assert.equal(json.stdout, `${n * n}\n`, text);
      }
      assert.equal((await service.get("/health/ready")).json.status, "ready");
      const after = await standing(service);
      assert.ok(!after.some((pid) => before.includes(pid)), "the old fork server still stands");
      await eventually("the end of the old fork server", async () => {
        const living = (await listProcesses()).filter(({ dead }) => !dead);
        return living.some(({ pid }) => before.includes(pid)) ? null : true;
      });
    });
  }
  assert.match(service.log, /"event":"fork_server_lost"/);
  assert.equal(await service.stop(), 0);
});
