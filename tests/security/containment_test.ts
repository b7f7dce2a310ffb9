import assert from "node:assert/strict";
import { readAttacks } from "../../adapters/sandbox/attack_files.ts";
import type { ForkServerOptions } from "../../adapters/sandbox/fork_server/runner.ts";
import { selfTest } from "../../application/self_test.ts";
import type { ExecutionRunner } from "../../domain/ports/execution_runner.ts";
import { run } from "../contracts/execution_runner.ts";
import { CEILINGS } from "../fixtures/ceilings.ts";
import { openForkServer } from "../fixtures/fork_server.ts";
import { programOf } from "../fixtures/programs.ts";

const ATTACKS = await readAttacks();

/** What must stand before a program may be run that could harm this machine without it. */
const WALLS = `
import os, resource
with open("/proc/self/status", encoding="ascii") as file:
    status = dict(line.split(":", 1) for line in file)
print(
    os.getuid() != 0 and "0" not in status["Uid"].split(),
    status["NoNewPrivs"].strip(),
    status["Seccomp"].strip(),
    0 < resource.getrlimit(resource.RLIMIT_NPROC)[1] <= 64,
    sorted(filter(str.isdigit, os.listdir("/proc"))),
)
`;

async function assertWalls(runner: ExecutionRunner): Promise<void> {
  const { stdout, stderr } = await run(runner, programOf("python", WALLS));
  assert.equal(stdout, "True 1 2 True ['1', '2']\n", stderr);
}

async function holdsAll(
  t: Deno.TestContext,
  options: Partial<ForkServerOptions>,
): Promise<readonly string[]> {
  await using runner = await openForkServer(options);
  assert.equal(runner.status().ready, true, JSON.stringify(runner.status().refusal));
  // Nothing is attacked where a wall is absent.
  await assertWalls(runner);
  const parts = { attacks: ATTACKS, runner, ceilings: CEILINGS, concurrency: 6 };
  const { results } = await selfTest(parts);
  for (const result of results) {
    const { name, tries } = result.attack;
    await t.step(`${name}, which tries ${tries}`, () => {
      assert.ok(result.standing !== "not held", result.standing === "not held" ? result.got : "");
    });
  }
  return results.filter(({ standing }) => standing === "skipped").map(({ attack }) => attack.name);
}

Deno.test("no attack gets through where runs are started by tables [S15]", async (t) => {
  assert.deepEqual(await holdsAll(t, {}), []);
});

Deno.test("no attack gets through where runs are forked plainly [S15]", async (t) => {
  assert.deepEqual(await holdsAll(t, { plain: true }), []);
});
