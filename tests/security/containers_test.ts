import assert from "node:assert/strict";
import {
  type Container,
  containersHere,
  openContainers,
  openContainersAsOrdinaryUser,
} from "../fixtures/containers.ts";
import { ATTACKS, holdsAll } from "../fixtures/containment.ts";

/** For those that differ from another only in how a container begins; `tests/long` tries all of them. */
const CHOSEN = [
  "file_system/host_files.py",
  "file_system/leaked_descriptors.py",
  "file_system/mount.py",
  "file_system/proc_init.py",
  "file_system/symlink_out.py",
  "leftovers/files.py",
  "leftovers/processes.sh",
  "network/host_sockets.py",
  "network/ipv4.py",
  "privileges/become_root.py",
  "privileges/capabilities.py",
  "privileges/user_namespace.py",
  "processes/fork_bomb.py",
  "processes/signal_all.py",
  "protocol/forge_reply.py",
  "protocol/kill_init.py",
  "resources/flood_both.sh",
  "resources/memory_bomb.py",
];
const SOME = ATTACKS.filter(({ name }) => CHOSEN.includes(name));

function attacksFor({ program }: Container) {
  return program === "runc" ? SOME : ATTACKS;
}

for (const container of await containersHere()) {
  const { program } = container;

  Deno.test(`no attack gets through containers by ${program} [S15, S16]`, async (t) => {
    const skipped = await holdsAll(t, () => openContainers(container), attacksFor(container));
    assert.deepEqual(skipped, []);
  });

  Deno.test(`no attack gets through an ordinary user's containers by ${program} [S15, S16]`, async (t) => {
    const skipped = await holdsAll(t, () => openContainersAsOrdinaryUser(container), SOME);
    assert.deepEqual(skipped, []);
  });
}

Deno.test("every chosen attack is there [S16]", () => assert.equal(SOME.length, CHOSEN.length));
