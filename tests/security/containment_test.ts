import assert from "node:assert/strict";
import { readAttacks } from "../../adapters/sandbox/attack_files.ts";
import { attackSandbox } from "../../application/attack_sandbox.ts";
import type { Attack } from "../../domain/isolation/attack.ts";
import type { ExecutionRunner } from "../../domain/ports/execution_runner.ts";
import { run } from "../contracts/execution_runner.ts";
import { CEILINGS } from "../fixtures/ceilings.ts";
import { filled, openAhead } from "../fixtures/javascript.ts";
import { openForkServer } from "../fixtures/fork_server.ts";
import { openAsOrdinaryUser } from "../fixtures/ordinary_user.ts";
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

/** Has everything attack a sandbox; the attacks that were skipped though it does not lack their layer. */
async function holdsAll(
  t: Deno.TestContext,
  open: () => Promise<ExecutionRunner>,
): Promise<readonly Attack[]> {
  await using runner = await open();
  assert.equal(runner.status().ready, true, JSON.stringify(runner.status().refusal));
  // Nothing is attacked where a wall is absent.
  await assertWalls(runner);
  const parts = { attacks: ATTACKS, runner, ceilings: CEILINGS, concurrency: 6 };
  const { results } = await attackSandbox(parts);
  for (const result of results) {
    const { name, tries } = result.attack;
    await t.step(`${name}, which tries ${tries}`, () => {
      assert.ok(result.standing !== "not held", result.standing === "not held" ? result.got : "");
    });
  }
  const { missing } = runner.status();
  return results.filter(({ standing }) => standing === "skipped").map(({ attack }) => attack)
    .filter(({ layer }) => !missing.includes(layer));
}

Deno.test("no attack gets through where runs are started by tables [S15]", async (t) => {
  assert.deepEqual(await holdsAll(t, openForkServer), []);
});

Deno.test("no attack gets through in processes started ahead [S15]", async (t) => {
  await using runner = await openAhead({}, 8);
  await filled(runner, 8);
  const attacks = ATTACKS.filter(({ name }) => name.endsWith(".js"));
  const parts = { attacks, runner, ceilings: CEILINGS, concurrency: 2 };
  const { results } = await attackSandbox(parts);
  assert.ok(runner.pool().warm > 0);
  for (const { attack, standing } of results) {
    await t.step(attack.name, () => assert.notEqual(standing, "not held"));
  }
});

Deno.test("no attack gets through where runs are forked plainly [S15]", async (t) => {
  assert.deepEqual(await holdsAll(t, () => openForkServer({ plain: true })), []);
});

Deno.test("no attack gets through an ordinary user's sandbox [S15]", async (t) => {
  // Such a user may be unable to read the Deno that runs the tests.
  const skipped = await holdsAll(t, openAsOrdinaryUser);
  assert.deepEqual(skipped.filter(({ language }) => language !== "javascript"), []);
});

Deno.test("there are at least 60 attacks, on every part of the sandbox [S15]", () => {
  const areas = new Set(ATTACKS.map(({ name }) => name.slice(0, name.indexOf("/"))));
  assert.deepEqual([...areas].sort(), [
    "file_system",
    "leftovers",
    "network",
    "privileges",
    "processes",
    "protocol",
    "resources",
  ]);
  assert.ok(ATTACKS.length >= 60);
});
