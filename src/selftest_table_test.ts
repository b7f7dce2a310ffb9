import assert from "node:assert/strict";
import type { AttackResult } from "../application/attack_sandbox.ts";
import { parseAttack } from "../domain/isolation/attack.ts";
import { describeSelfTest } from "./selftest_table.ts";

function attack(name: string, layer: string) {
  return parseAttack(name, `# tries: it\n# layer: ${layer}\n`);
}

const HELD: AttackResult = { attack: attack("network/a.py", "seccomp"), standing: "held" };
const GOT: AttackResult = {
  attack: attack("processes/long_name.sh", "pid-ns"),
  standing: "not held",
  got: "a\nprocess \x1b]0;b",
};
const SKIPPED: AttackResult = {
  attack: attack("a/b.js", "rlimits"),
  standing: "skipped",
  reason: "no javascript",
};

Deno.test("describeSelfTest() prints a table by layer, the counts and the layers [B10]", () => {
  const results = [HELD, GOT, SKIPPED];
  assert.deepEqual(describeSelfTest({ results, layers: ["seccomp"], missing: ["landlock"] }), {
    lines: [
      "layer    attack                  result",
      "pid-ns   processes/long_name.sh  NOT HELD: a process  ]0;b",
      "rlimits  a/b.js                  skipped: no javascript",
      "seccomp  network/a.py            held",
      "",
      "2 attacks: 1 held, 1 NOT HELD, 1 more skipped",
      "layers in force: seccomp",
      "not on this host: landlock",
    ],
    held: false,
  });
});

Deno.test("describeSelfTest() calls it held when all that was tried was, and something was [B10]", () => {
  const layers = { layers: [], missing: [] };
  assert.equal(describeSelfTest({ ...layers, results: [HELD, SKIPPED] }).held, true);
  assert.equal(describeSelfTest({ ...layers, results: [HELD, GOT] }).held, false);
  assert.equal(describeSelfTest({ ...layers, results: [SKIPPED] }).held, false);
});
