import assert from "node:assert/strict";
import { parseAttack } from "../domain/isolation/attack.ts";
import { DomainError } from "../domain/errors.ts";
import type { RunnerStatus } from "../domain/ports/execution_runner.ts";
import { type Script, ScriptedRunner } from "../tests/fakes/scripted_runner.ts";
import { CEILINGS } from "../tests/fixtures/ceilings.ts";
import { type AttackReport, attackSandbox, ORDINARY } from "./attack_sandbox.ts";

const ATTACK = parseAttack("area/a.py", "# tries: it\n# layer: seccomp\nattack");
const WELL = { stdout: "42\n", isolation: { runner: "any", layers: ["seccomp"], missing: [] } };
const HELD = { isolation: WELL.isolation };

class ToldRunner extends ScriptedRunner {
  readonly told: Partial<RunnerStatus>;

  constructor(told: Partial<RunnerStatus> = {}) {
    super();
    this.told = told;
    this.scripts.set(ORDINARY.code, () => WELL);
    this.scripts.set(ATTACK.code, () => HELD);
  }

  override status(): RunnerStatus {
    return { ...super.status(), ...this.told };
  }
}

async function tested(
  runner: ScriptedRunner,
  attacks: readonly (typeof ATTACK)[] = [ATTACK],
): Promise<AttackReport> {
  return await attackSandbox({ attacks, runner, ceilings: CEILINGS, concurrency: 2 });
}

/** What is said of one attack whose runs, and whose following runs, end so. */
async function standing(attack: () => Script, after: () => Script = () => WELL) {
  await using runner = new ToldRunner();
  runner.scripts.set(ATTACK.code, (request) => {
    runner.scripts.set(ORDINARY.code, after);
    assert.equal(request.code, ATTACK.code);
    return attack();
  });
  const { results } = await tested(runner);
  return results.map((result) => ({ ...result, attack: result.attack.name }))[0];
}

Deno.test("attackSandbox() says of an attack that was refused that it was held [B10]", async () => {
  assert.deepEqual(await standing(() => HELD), { attack: "area/a.py", standing: "held" });
});

Deno.test("attackSandbox() tells what an attack got [B10]", async () => {
  const got = await standing(() => ({ ...HELD, stdout: "BREACH: a socket\n" }));
  assert.deepEqual(got, { attack: "area/a.py", standing: "not held", got: "a socket" });
});

Deno.test("attackSandbox() holds a wrong or missing next answer against the attack [B10]", async () => {
  const wrong = await standing(() => HELD, () => ({ ...WELL, stdout: "41\n" }));
  assert.deepEqual(wrong, {
    attack: "area/a.py",
    standing: "not held",
    got: `the next run ended with 'ok' and printed "41\\n"`,
  });
  const none = await standing(
    () => HELD,
    () => Promise.reject(new DomainError({ code: "cancelled" })),
  );
  assert.equal(none?.standing, "not held");
});

Deno.test("attackSandbox() holds an unanswered run against the attack and goes on [B10]", async () => {
  const found = await standing(() => Promise.reject(new DomainError({ code: "cancelled" })));
  assert.ok(found?.standing === "not held" && found.got.startsWith("its run was not answered"));
});

Deno.test("attackSandbox() runs an attack as often, and as often at once, as it asks for [B10]", async () => {
  await using runner = new ToldRunner();
  let [runs, now, most] = [0, 0, 0];
  runner.scripts.set(ATTACK.code, async () => {
    runs += 1;
    now += 1;
    most = Math.max(most, now);
    await Promise.resolve();
    now -= 1;
    return HELD;
  });
  const { results } = await tested(runner, [{ ...ATTACK, runs: 2, atOnce: 3 }]);
  assert.deepEqual([runs, most, results[0]?.standing], [6, 3, "held"]);
});

Deno.test("attackSandbox() finds what only the last of several runs got [B10]", async () => {
  await using runner = new ToldRunner();
  let runs = 0;
  runner.scripts.set(ATTACK.code, () => {
    runs += 1;
    return runs === 3 ? { ...HELD, stdout: "BREACH: left\n" } : HELD;
  });
  const { results } = await tested(runner, [{ ...ATTACK, runs: 3 }]);
  assert.deepEqual(results[0]?.standing, "not held");
});

Deno.test("attackSandbox() skips what this host lacks, with the reason [B10]", async () => {
  const why = { reason: "there is none", remedy: "install it" };
  const unavailableLanguages = { javascript: why };
  await using runner = new ToldRunner({ missing: ["landlock"], unavailableLanguages });
  const { results, missing } = await tested(runner, [
    { ...ATTACK, language: "javascript" },
    { ...ATTACK, layer: "landlock" },
    { ...ATTACK, limits: { processes: CEILINGS.processes + 1 } },
    ATTACK,
  ]);
  const reasons = results.map((result) => result.standing === "skipped" ? result.reason : null);
  const expected = [
    "no javascript: there is none",
    "this host has no 'landlock'",
    "it needs processes 129, the ceiling is 128",
    null,
  ];
  assert.deepEqual([reasons, missing], [expected, ["landlock"]]);
});

Deno.test("attackSandbox() takes the layers from the answers: only what every one names [B10]", async () => {
  await using runner = new ToldRunner({ layers: ["seccomp", "rlimits", "pid-ns"] });
  const isolation = { runner: "any", layers: ["rlimits", "seccomp"], missing: [] };
  runner.scripts.set(ORDINARY.code, () => ({ ...WELL, isolation }));
  assert.deepEqual((await tested(runner)).layers, ["seccomp"]);
});
