import assert from "node:assert/strict";
import { refusalOf } from "./refusal.ts";

const CASES: readonly (readonly [Error, RegExp])[] = [
  [new Error("no container runtime: bwrap is not on PATH"), /apt-get install bubblewrap/],
  [new Error("/usr/bin/runsc hands containers no descriptors"), /crun or runc in OCI_RUNTIME/],
  [new Error("cgroups in hybrid mode not supported"), /another runtime/],
  [new Error("the root file system '/none' is no folder"), /OCI_ROOTFS/],
  [new Error("bwrap: setting up uid map: Permission denied"), /user\.max_user_names/],
  [
    new Error("bwrap: No permissions to create new namespace, likely because …"),
    /apparmor_restrict_unprivileged_userns/,
  ],
  [new Error("[Errno 1] unshare user namespace: Operation not permitted"), /user\.max_user_names/],
  [
    new Error("[Errno 1] unshare mount namespace: Operation not permitted"),
    /as an ordinary user/,
  ],
  [new Error("[Errno 28] clone namespaces: No space left on device"), /user\.max_user_namespaces/],
  [new Error("[Errno 1] mount /proc: Operation not permitted"), /systempaths=unconfined/],
  [new Error("[Errno 22] seccomp: Invalid argument"), /CONFIG_SECCOMP_FILTER/],
  [
    new Deno.errors.NotFound("Failed to spawn '/none': entity not found"),
    /apt-get install python3/,
  ],
  [new Error("processor aarch64: no system-call table for it yet"), /x86-64/],
  [new Error("something else"), /fork_server_said/],
];

for (const [error, remedy] of CASES) {
  Deno.test(`refusalOf() names the remedy for: ${error.message} [S15]`, () => {
    const refusal = refusalOf(error);
    assert.equal(refusal.reason, error.message);
    assert.match(refusal.remedy, remedy);
  });
}
