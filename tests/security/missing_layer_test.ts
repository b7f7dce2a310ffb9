import assert from "node:assert/strict";
import { readAttacks } from "../../adapters/sandbox/attack_files.ts";
import type { ServerOptions } from "../../adapters/sandbox/fork_server/options.ts";
import { ServerLost } from "../../adapters/sandbox/fork_server/server.ts";
import { type AttackReport, attackSandbox } from "../../application/attack_sandbox.ts";
import { CEILINGS } from "../fixtures/ceilings.ts";
import { openForkServer } from "../fixtures/fork_server.ts";
import { GappedRunner } from "../fixtures/gapped_runner.ts";
import { describeSelfTest } from "../../src/selftest_table.ts";

const ATTACKS = await readAttacks();

/**
 * Layers that can be left out, and attacks that are harmless without them: they ask whether something
 * would go through and do nothing with it. No others are run against a sandbox with a gap.
 */
const PROBES: Readonly<Record<string, readonly string[]>> = {
  "seccomp": [
    "network/ipv4.py",
    "network/unix.py",
    "privileges/hidden_memory.py",
    "privileges/lift_filter.py",
    "privileges/queues_and_segments.py",
    "processes/trace_child.py",
    "resources/socket_buffers.py",
  ],
  "no-new-privs": ["privileges/no_new_privileges.py", "privileges/set_uid_programs.py"],
  "caps-dropped": ["privileges/capabilities.py"],
  "rlimits": ["privileges/limits_of_its_own.py"],
  "read-only-root": ["file_system/change_system.py", "file_system/write_root.py"],
  "net-ns": ["network/interfaces.py"],
  "landlock": ["file_system/socket_files.py"],
  "unique-uid": ["processes/neighbours_signals.py"],
};
/** Those that one program alone can see to be absent and that no host may lack: the canary does at start. */
const SEEN_AT_START = Object.keys(PROBES)
  .filter((layer) => layer !== "unique-uid" && layer !== "landlock");

async function probe(
  names: readonly string[],
  without: readonly string[],
  changes: Partial<ServerOptions>,
): Promise<AttackReport> {
  await using runner = await GappedRunner.open(without, changes);
  const attacks = ATTACKS.filter(({ name }) => names.includes(name));
  assert.equal(attacks.length, names.length);
  return await attackSandbox({ attacks, runner, ceilings: CEILINGS, concurrency: 3 });
}

for (const [how, changes] of [["tables", {}], ["plain forks", { plain: true }]] as const) {
  for (const [layer, names] of Object.entries(PROBES)) {
    Deno.test(`a sandbox of ${how} without '${layer}' is found out by the self-test [S15, B10]`, async () => {
      const whole = await probe(names, [], changes);
      // An ordinary user's sandbox never had it, and says so.
      if (whole.missing.includes(layer)) return;
      assert.ok(whole.layers.includes(layer));
      assert.equal(describeSelfTest(whole).held, true);

      const gapped = await probe(names, [layer], changes);
      const standings = gapped.results.map(({ attack, standing }) => [attack.name, standing]);
      assert.deepEqual(standings, names.map((name) => [name, "not held"]));
      assert.equal(describeSelfTest(gapped).held, false);
      assert.equal(gapped.layers.includes(layer), false);
      assert.ok(gapped.layers.includes("pid-ns"));
    });
  }
}

for (const layer of SEEN_AT_START) {
  Deno.test(`a sandbox without '${layer}' runs nothing [S15]`, async () => {
    await using runner = await openForkServer({ trial: { without: [layer] } });
    const { ready, refusal } = runner.status();
    assert.equal(ready, false);
    assert.match(refusal?.reason ?? "", /did not hold on this host/);
  });
}

Deno.test("a layer without which a program could harm the host cannot be left out [S15]", async () => {
  for (const layer of ["mount-ns", "pid-ns", "user-ns", "uts-ns", "tree-accounting"]) {
    await assert.rejects(GappedRunner.open([layer]), ServerLost);
  }
});
