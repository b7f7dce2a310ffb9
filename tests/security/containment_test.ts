import assert from "node:assert/strict";
import { attackSandbox } from "../../application/attack_sandbox.ts";
import { CEILINGS } from "../fixtures/ceilings.ts";
import { ATTACKS, holdsAll } from "../fixtures/containment.ts";
import { filled, openAhead } from "../fixtures/javascript.ts";
import { openForkServer } from "../fixtures/fork_server.ts";
import { openAsOrdinaryUser } from "../fixtures/ordinary_user.ts";

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
